"""Plausible, varied contact centers from a seed."""

from random import Random
from typing import Final

from ccstats.simulator.spec import ActivitySpec, AgentSpec, CenterSpec, QueueSpec, SiteSpec

QUEUE_NAMES: Final = (
    "Billing",
    "Sales",
    "Support",
    "Suporte técnico",
    "Rückerstattungen",
    "予約",
    "Retention",
    "Réclamations",
    "Claims",
    "Fraud",
    "Atención al cliente",
    "Onboarding",
    "Returns",
    "Поддержка",
    "Premium",
    "Field service",
)
FIRST_NAMES: Final = (
    "Ana",
    "Ben",
    "Chloé",
    "Dmitri",
    "Elif",
    "Femi",
    "Grace",
    "Hiro",
    "Inês",
    "João",
    "Kemal",
    "Lena",
)
LAST_NAMES: Final = (
    "Almeida",
    "Brown",
    "Çelik",
    "Dubois",
    "Eriksson",
    "Fischer",
    "García",
    "Haddad",
    "Ito",
    "Jansen",
    "Kowalski",
)
SITES: Final = (
    "São Paulo",
    "Berlin",
    "Phoenix",
    "Pune",
)
ACTIVITIES: Final = (
    ActivitySpec("Available", "available"),
    ActivitySpec("Break", "unavailable"),
    ActivitySpec("Em pausa", "unavailable"),
    ActivitySpec("Meal", "unavailable"),
    ActivitySpec("Besprechung", "unavailable"),
    ActivitySpec("Offline", "offline"),
)
LOADS: Final = (1.6, 0.35, 0.9, 1.1, 0.6, 1.3)
"""Work offered per working agent: above 1 people wait, far below nobody does."""
WORKING_SHARE: Final = 0.72
"""Of an agent's time, roughly what the default activity lengths of `CenterSpec` leave for contacts."""


def generate_spec(
    seed: int,
    *,
    queues: int = 6,
    agents: int = 24,
    sites: int = 1,
    single_tasking: bool = True,
    capacity: int | None = None,
    name: str = "Simulated center",
) -> CenterSpec:
    """Return a center whose queues range from overloaded to quiet; one of four or more may have no agents."""
    random = Random(f"spec:{seed}")
    slots = 1 if single_tasking else (capacity or 3)
    homes = [queue % sites for queue in range(queues)]
    orphan = random.randrange(queues) if queues >= 4 and random.random() < 0.35 else None
    staff = tuple(_agent(random, number, number % sites, homes, orphan) for number in range(agents))
    return CenterSpec(
        name=name,
        seed=seed,
        sites=tuple(_site(number) for number in range(sites)),
        queues=tuple(_queue(random, number, home, staff, slots) for number, home in enumerate(homes)),
        agents=staff,
        activities=ACTIVITIES,
        single_tasking=single_tasking,
        capacity=slots,
    )


def _site(number: int) -> SiteSpec:
    return SiteSpec(_numbered(SITES[number % len(SITES)], number // len(SITES)))


def _agent(random: Random, number: int, site: int, homes: list[int], orphan: int | None) -> AgentSpec:
    own = [queue for queue, home in enumerate(homes) if home == site and queue != orphan]
    chosen = random.sample(own, min(len(own), random.choice((1, 2, 2, 3)))) if own else []
    first, last = number % len(FIRST_NAMES), number % len(LAST_NAMES)
    rounds = number // (len(FIRST_NAMES) * len(LAST_NAMES))
    return AgentSpec(_numbered(f"{FIRST_NAMES[first]} {LAST_NAMES[last]}", rounds), site, tuple(sorted(chosen)))


def _queue(random: Random, number: int, site: int, staff: tuple[AgentSpec, ...], slots: int) -> QueueSpec:
    talk, wrap = random.uniform(90, 300), random.uniform(10, 60)
    hold_share, hold = random.uniform(0.05, 0.35), random.uniform(15, 60)
    handle = talk + wrap + hold_share * hold
    hands = slots * WORKING_SHARE * sum(1 / len(agent.queues) for agent in staff if number in agent.queues)
    load = LOADS[(number + random.randrange(2)) % len(LOADS)]
    return QueueSpec(
        name=_numbered(QUEUE_NAMES[number % len(QUEUE_NAMES)], number // len(QUEUE_NAMES)),
        site=site,
        contacts_per_hour=round(load * hands * 3600 / handle, 1) if hands else 6.0,
        channels=random.choice(
            ({"voice": 1.0}, {"voice": 0.8, "chat": 0.2}, {"voice": 0.55, "chat": 0.3, "email": 0.15})
        ),
        patience_mean_s=round(random.uniform(60, 240), 1),
        talk_mean_s=round(talk, 1),
        hold_share=round(hold_share, 3),
        hold_mean_s=round(hold, 1),
        wrap_mean_s=round(wrap, 1),
        service_level_s=random.choice((15.0, 20.0, 30.0)),
    )


def _numbered(name: str, rounds: int) -> str:
    return f"{name} {rounds + 1}" if rounds else name
