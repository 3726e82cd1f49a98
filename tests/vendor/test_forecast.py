"""A plan says beforehand how many requests it will cost, and the account sees exactly as many."""

import pytest
from vendor_loopback import account, of

from ccstats.model import Family, Kind
from ccstats.simulator.center import generate_spec

SPEC = generate_spec(3, queues=120, agents=30, sites=2)
SMALL = generate_spec(3, queues=2, agents=5, sites=2)
WINDOWS = ("30m", "today@Europe/Berlin")
TWILIO = [
    {},
    {"select": {"kinds": ["queue", "workspace", "workflow", "agent"]}},
    {"select": {"channels": ["voice"]}},
    {"longest_wait": "since_queue_entry"},
    {"activity_durations": True},
    {"detail": "totals"},
    {"detail": "totals", "activity_durations": True},
    {"minutes": 45},
    {"start_date": "2026-01-05T08:00:00Z", "end_date": "2026-01-05T08:30:00Z"},
]
GENESYS = [
    {},
    {"api": "observations", "queues_per_query": 7},
    {"select": {"channels": ["voice", "chat"]}},
    {"select": {"kinds": ["workspace"]}},
]


async def forecast_holds(vendor, spec, options, *, face=None, families=frozenset(Family)) -> None:
    async with account(vendor, spec, face=face or {}, **options) as one:
        targets = await one.discover()
        for _ in range(2):  # once as planned without knowledge, once with what the first reading has taught
            batches = one.plan(targets, *WINDOWS, families=families)
            one.world.requests.forget()
            readings = await one.read(batches)

            assert one.world.requests.total == sum(batch.requests for batch in batches)
            assert {type(reading.error) for reading in readings} <= {type(None)}


@pytest.mark.parametrize("options", TWILIO, ids=str)
@pytest.mark.parametrize("spec", [SPEC, SMALL], ids=["large", "one queue per workspace"])
async def test_twilio_gets_as_many_requests_as_were_forecast(spec, options) -> None:
    await forecast_holds("twilio", spec, options, face={"bulk_per_second": 1000, "requests_per_second": 1000})


@pytest.mark.parametrize("options", GENESYS, ids=str)
async def test_genesys_gets_as_many_requests_as_were_forecast(options) -> None:
    await forecast_holds("genesys", SPEC, options)


@pytest.mark.parametrize("ids", [None, "queueId"])
async def test_stats_get_as_many_requests_as_were_forecast(ids) -> None:
    face = {"apis": ["stats"], "stats_ids": ids}
    await forecast_holds("genesys", SPEC, {"api": "stats"}, face=face)


@pytest.mark.parametrize("family", list(Family))
@pytest.mark.parametrize("vendor", ["twilio", "genesys"])
async def test_one_family_alone_costs_what_was_forecast(vendor, family) -> None:
    await forecast_holds(vendor, SMALL, {}, families=frozenset({family}))


async def test_a_forecast_needs_no_account() -> None:
    async with account("twilio", SMALL) as twilio:
        targets = await twilio.discover()
        before, after = twilio.plan(targets, "30m"), None
        await twilio.read(before)
        after = twilio.plan(targets, "30m")

        assert before == after
        assert [batch.targets for batch in before if batch.operation == "workspace.realtime"] == [
            (target,) for target in of(Kind.WORKSPACE, targets)
        ]
