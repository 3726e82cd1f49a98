"""The catalogue: every neutral metric, once. Documents, schemas, exports and roll-ups are made from it.

Sources are named where they are used: the AT&T CMS guide (speed of answer), the COPC-2000 glossary (abandoned), Amazon
Connect's and Genesys Cloud's metric definitions, and Twilio's API reference for what only TaskRouter counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ccstats.metrics.metric import Additivity, Metric, Shape, Unit

ADDS, WEIGHTED, MAXIMUM, NEVER = Additivity.ADDS, Additivity.WEIGHTED, Additivity.MAXIMUM, Additivity.NEVER
OURS: Final = "ccstats"
TASKROUTER: Final = "https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics"
GENESYS: Final = "https://help.mypurecloud.com/articles/metric-definitions/"
AMAZON: Final = "https://docs.aws.amazon.com/connect/latest/adminguide/metrics-definitions.html"

AGENTS_OF_SEVERAL: Final = "an agent of several queues would be counted in each of them"
OWN_PERCENTAGE: Final = "percentages do not add: take a rule over the counts"
OWN_AVERAGE: Final = "without a count beside it a bare average cannot be weighted"


def _now(path: str, definition: str, source: str = OURS, additivity: Additivity = ADDS) -> Metric:
    return Metric(f"realtime.{path}", Unit.CONTACTS, Shape.GAUGE, additivity, definition, source)


def _agents(path: str, definition: str, source: str = OURS) -> Metric:
    name = f"realtime.{path}"
    return Metric(name, Unit.AGENTS, Shape.GAUGE, NEVER, definition, source, refusal=AGENTS_OF_SEVERAL)


def _events(path: str, definition: str, source: str = OURS, unit: Unit = Unit.CONTACTS) -> Metric:
    return Metric(f"window.{path}", unit, Shape.COUNT, ADDS, definition, source)


def _times(path: str, definition: str, source: str) -> Metric:
    return Metric(f"window.{path}", Unit.SECONDS, Shape.TIME, WEIGHTED, definition, source)


def _activity(path: str, unit: Unit, definition: str, refusal: str = AGENTS_OF_SEVERAL) -> Metric:
    name = f"window.activity_durations.{path}"
    return Metric(name, unit, Shape.TIME, NEVER, definition, TASKROUTER, refusal=refusal)


_REALTIME: Final = (
    _now("waiting", "contacts that no agent has accepted yet; whether ringing ones are in it is in the definition"),
    _now("offering", "contacts that ring at an agent; never added to waiting"),
    Metric(
        "realtime.longest_wait",
        Unit.SECONDS,
        Shape.TIME,
        MAXIMUM,
        "how long the contact that waits longest has waited, of those that wait now",
        OURS,
    ),
    _now("in_progress", "contacts that an agent is handling"),
    _now("after_call_work", "contacts whose agent is in after-call work: contacts, not agents", AMAZON),
    _now("waiting_by_priority", "contacts by the priority that routing gives them", TASKROUTER),
    _agents("agents.total", "agents that may get contacts of the target, whatever they do now"),
    _agents("agents.available", "agents ready for a contact; the definition says whether they may be handling one"),
    _agents("agents.busy", "agents who handle a contact"),
    _agents("agents.unavailable", "agents whose activity takes no contacts"),
    _agents("agents.offline", "agents who are not logged in"),
    _agents("agents.off_queue", "agents who are logged in and take no contacts of queues", GENESYS),
    _agents("agents.not_responding", "agents who let a contact ring out and get no more for now", GENESYS),
    _agents("activities.agents", "agents in one activity (Twilio) or presence (Genesys), by its id"),
)

_WINDOW: Final = (
    _events("offered", "contacts that entered in the window"),
    _events("answered", "contacts that an agent accepted in the window"),
    _events("abandoned", "contacts that left unanswered in the window", "COPC-2000 glossary"),
    _events("short_abandoned", "those of the abandoned that gave up within the short-abandon threshold", GENESYS),
    _events("handled", "contacts whose handling ended in the window"),
    _events("transferred", "contacts that an agent transferred", GENESYS),
    _events("flowed_out", "contacts that left for elsewhere, neither answered nor abandoned", GENESYS),
    _times("wait", "the wait of every contact that stopped waiting, whatever became of it", GENESYS),
    _times("speed_of_answer", "the wait of the answered contacts; abandoned ones are not in it", "AT&T CMS guide"),
    _times("abandon_wait", "the wait of the abandoned contacts", GENESYS),
    _times("handle", "talk, hold and after-call work of one handled contact together", AMAZON),
    _times("talk", "the time for which agent and customer were connected", GENESYS),
    _times("hold", "the time for which the customer was on hold", GENESYS),
    _times("after_call_work", "the time that an agent took to finish after the contact had ended", GENESYS),
    _events("service_levels.met", "answered contacts whose wait was within the threshold"),
    _events("service_levels.missed", "answered contacts whose wait was beyond the threshold"),
    _events("service_levels.abandoned_within", "abandoned contacts that gave up within the threshold"),
    _events("service_levels.abandoned_beyond", "abandoned contacts that gave up beyond the threshold"),
    Metric(
        "window.service_levels.vendor_ratio",
        Unit.SHARE,
        Shape.RATIO,
        NEVER,
        "the vendor's own service level, by its own rule",
        "https://help.mypurecloud.com/articles/configure-the-service-level-calculation/",
        refusal=OWN_PERCENTAGE,
    ),
    _activity("total", Unit.AGENT_SECONDS, "time of all agents in one activity, clipped to the window"),
    _activity("average", Unit.SECONDS, "the average stay in one activity, which may have begun before the window"),
    _activity("min", Unit.SECONDS, "the shortest stay in one activity"),
    _activity("max", Unit.SECONDS, "the longest stay in one activity"),
    _events("reservations.created", "offers of contacts to agents", TASKROUTER, Unit.OFFERS),
    _events("reservations.accepted", "offers that the agent accepted", TASKROUTER, Unit.OFFERS),
    _events("reservations.rejected", "offers that the agent rejected", TASKROUTER, Unit.OFFERS),
    _events("reservations.timed_out", "offers that nobody answered in time", TASKROUTER, Unit.OFFERS),
    _events("reservations.canceled", "offers whose contact went away", TASKROUTER, Unit.OFFERS),
    _events("reservations.rescinded", "offers that ended as another agent took the contact", TASKROUTER, Unit.OFFERS),
)

BY_CHANNEL: Final[Mapping[str, tuple[str, ...]]] = {
    "realtime": ("waiting", "offering", "longest_wait", "in_progress"),
    "window": (
        "offered",
        "answered",
        "abandoned",
        "handled",
        "speed_of_answer",
        "abandon_wait",
        "handle",
        "service_levels.met",
        "service_levels.missed",
        "service_levels.abandoned_within",
        "service_levels.abandoned_beyond",
        "service_levels.vendor_ratio",
    ),
}
"""What is also there per channel: the same metrics, under the same definitions."""


def _catalog() -> dict[str, Metric]:
    found = {metric.name: metric for metric in (*_REALTIME, *_WINDOW)}
    for family, paths in BY_CHANNEL.items():
        for path in paths:
            metric = found[f"{family}.{path}"]
            channel = f"{family}.by_channel.{path}"
            found[channel] = replace(metric, name=channel, definition=f"{metric.definition}; of one channel")
    return found


CATALOG: Final[Mapping[str, Metric]] = _catalog()
"""Every metric by its name: `realtime.agents.busy`, `window.handle`, `window.by_channel.offered`."""

TIME_PARTS: Final[Mapping[str, str]] = {
    "count": "how many times were measured",
    "sum": "all of them together",
    "min": "the shortest",
    "max": "the longest",
    "average": "sum over count; a bare average where the vendor gives no count",
}
"""What a time of a window is made of."""
CONTEXT: Final[Mapping[str, str]] = {
    "window.start": "from when the vendor counted, included",
    "window.end": "until when the vendor counted, not included",
    "window.complete_until": "up to where the vendor promises that nothing more will come in",
    "window.service_levels.threshold": "the wait within which a contact is answered in time",
    "window.by_channel.service_levels.threshold": "the wait within which a contact is answered in time",
}
"""What stands beside the metrics and is none: there is nothing to add up or to export."""


def metric_of(name: str) -> Metric | None:
    """The metric at `name` or, for a part of it (`window.handle.sum`), the one above; None for what is no metric."""
    while name:
        if name in CATALOG:
            return CATALOG[name]
        name = name.rpartition(".")[0]
    return None
