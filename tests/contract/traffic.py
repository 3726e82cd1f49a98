"""What the adapters really send: both are run against their simulated vendors, in every way that they can read."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from contract_documents import Sent
from vendor_loopback import Account, Fault, account

from ccstats.errors import NotPermittedError
from ccstats.model import Kind
from ccstats.simulator.center import generate_spec
from ccstats.simulator.face import RequestRecord
from ccstats_genesys.face import PERMISSIONS

SPEC: Final = generate_spec(1, queues=8, agents=12, sites=2)
WINDOWS: Final = ("30m", "today@America/Sao_Paulo", "2026-01-05T08:10:00+00:00/2026-01-05T09:40:00+01:00")
LOGIN: Final = "/login-host/"
TUTORIAL: Final = "/api/v2/analytics/stats/queues"
"""What no document of the vendor declares, by design: see `ccstats_genesys.parse.stats`."""
DATES: Final = {"start_date": "2026-01-05T08:00:00+01:00", "end_date": "2026-01-05T08:30:00Z"}
EVERYTHING: Final = {"kinds": [kind.value for kind in Kind]}

TWILIO: Final[Sequence[Mapping[str, Any]]] = (
    {"select": EVERYTHING, "activity_durations": True},
    {"select": EVERYTHING, "activity_durations": True, "detail": "totals"},
    {"select": {**EVERYTHING, "channels": ["voice"]}, "activity_durations": True},
    {"select": {**EVERYTHING, "channels": ["chat"]}, "detail": "totals"},
    {"select": {"kinds": ["queue"], "match": ["Billing*"]}, "detail": "totals", "activity_durations": True},
    {"longest_wait": "since_queue_entry", "split_by_wait_time": [10, 20, 60], "short_abandon": None},
    {"split_by_wait_time": [], "short_abandon": None, "minutes": 43200, "activity_durations": True},
    {"detail": "totals", "minutes": 1},
    {**DATES, "activity_durations": True},
    {"handle_time": "events", "by_channel": ["voice", "chat"], "service_levels": {"Billing*": [15, 30]}},
    {**DATES, "detail": "totals", "select": EVERYTHING},
)
GENESYS: Final[Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]] = (
    ({}, {}),
    ({"api": "observations", "queues_per_query": 3}, {}),
    ({"select": {"channels": ["voice", "message"]}}, {}),
    ({}, {"permissions": PERMISSIONS - {"routing:queue:view"}}),
    ({}, {"permissions": PERMISSIONS - {"analytics:agentState:view", "presence:presenceDefinition:view"}}),
    ({}, {"max_predicates": 2}),
    ({}, {"apis": ["stats"]}),
)


async def _read(one: Account) -> None:
    targets = await one.source.discover()
    select = one.options.select
    chosen = [each for each in targets.targets if select.wants(each.kind, each.name, each.id)]
    for _ in range(2):  # once without knowledge, once with what the first reading has taught
        await one.read(one.plan(chosen, *WINDOWS))
    with suppress(NotPermittedError):  # a probe lists queues, which one of the clients here may not
        await one.source.probe()


def _sent(records: Sequence[RequestRecord]) -> list[Sent]:
    return [
        Sent(one.method, one.path, one.query, one.body, one.headers.get("Content-Type", ""))
        for one in records
        if not one.path.startswith(LOGIN) and one.path != TUTORIAL
    ]


async def twilio_requests() -> list[Sent]:
    """Every request that the Twilio adapter sends, all fifteen statistics endpoints among them."""
    found: list[Sent] = []
    for options in TWILIO:
        async with account("twilio", SPEC, face={"bulk_per_second": 1000}, **options) as one:
            if "longest_wait" in options:
                # A workspace that leaves its activities out: only then its workers are asked.
                for space in one.running.face.tenant(one.world).workspaces:
                    one.world.faults.add(Fault(f"{space}/RealTimeStatistics", body=b'{"total_workers": 6}'))
            await _read(one)
            found += _sent(one.world.requests)
    space = found[0].path if found else ""
    assert space.startswith("/v1/Workspaces")
    async with account("twilio", SPEC) as one:
        spaces = list(one.running.face.tenant(one.world).workspaces)
    async with account("twilio", SPEC, workspaces=spaces) as one:
        await _read(one)
        found += _sent(one.world.requests)
    return found


async def genesys_requests() -> list[Sent]:
    """Every request that the Genesys adapter sends, but those to the login host and to the tutorial's endpoint."""
    found: list[Sent] = []
    for options, face in GENESYS:
        async with account("genesys", SPEC, face=face, **options) as one:
            await _read(one)
            found += _sent(one.world.requests)
    return found
