"""One truth, two vendors: what happens in a center reads the same through both, wherever both can know it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import ccstats
from ccstats import Kind, Result, Snapshot
from ccstats.config import parse_config
from ccstats.simulator.clock import ManualClock
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.spec import CenterSpec
from ccstats.simulator.stage import stage
from ccstats_genesys.face import GenesysFace
from ccstats_genesys.parse import numbers
from ccstats_twilio.face import TwilioFace

CENTERS = 200
OPENED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

EXACT = {
    "waiting": lambda one: one.realtime.waiting,
    "offering": lambda one: one.realtime.offering,
    "agents": lambda one: one.realtime.agents.total,
    "available": lambda one: one.realtime.agents.available,
    "offered": lambda one: one.windows["30m"].offered,
    "answered": lambda one: one.windows["30m"].answered,
    "abandoned": lambda one: one.windows["30m"].abandoned,
}


def center(number: int, queues: int, agents: int, sites: int, load: float, ring: float) -> CenterSpec:
    """A center that may be overrun (many wait) and whose agents may be slow to answer (many ring)."""
    spec = generate_spec(number, queues=queues, agents=agents, sites=min(sites, queues))
    crowded = tuple(
        replace(one, contacts_per_hour=one.contacts_per_hour * load, patience_mean_s=one.patience_mean_s * load)
        for one in spec.queues
    )
    return replace(spec, queues=crowded, ring_s=(1.0, ring), ring_timeout_s=ring + 10)


centers = st.builds(
    center,
    st.integers(0, 10**6),
    queues=st.integers(1, 4),
    agents=st.integers(2, 32),
    sites=st.integers(1, 2),
    load=st.floats(0.3, 4.0),
    ring=st.sampled_from([8.0, 60.0, 600.0]),
)
moments = st.integers(40 * 60, 150 * 60)


async def both(spec: CenterSpec, after: int) -> tuple[Result, datetime]:
    """Both vendors' readings of a center that has been open for `after` seconds, with the clock standing still."""
    at = OPENED + timedelta(seconds=after)
    clock = ManualClock(at)
    async with stage([TwilioFace(), GenesysFace()], spec, OPENED, clock=clock) as running:
        sources = {one.face.name: {**one.source(), "select": {"kinds": ["queue"]}} for one in running}
        return await ccstats.fetch(parse_config({"sources": sources}), clock=clock.now), at


def pairs(result: Result) -> Iterator[tuple[Snapshot, Snapshot]]:
    """The same queue as Twilio and as Genesys shows it."""
    by_name: dict[str, dict[str, Snapshot]] = defaultdict(dict)
    for one in result.snapshots:
        assert one.target.kind is Kind.QUEUE
        assert one.target.name is not None
        by_name[one.target.name][one.target.vendor] = one
    for found in by_name.values():
        yield found["twilio"], found["genesys"]


def disagreements(result: Result) -> list[str]:
    """Where the two vendors' neutral numbers differ by more than their units explain."""
    found = []
    for twilio, genesys in pairs(result):
        name = twilio.target.name
        for metric, read in EXACT.items():
            if read(twilio) is None or read(twilio) != read(genesys):
                found.append(f"{name} {metric}: {read(twilio)} and {read(genesys)}")
        assert twilio.realtime is not None
        assert genesys.realtime is not None
        one, other = twilio.realtime.longest_wait, genesys.realtime.longest_wait
        if (one is None) != (other is None) or (one is not None and other is not None and abs(one - other) > SECOND):
            found.append(f"{name} longest wait: {one} and {other}")
        speed, pace = twilio.windows["30m"].speed_of_answer, genesys.windows["30m"].speed_of_answer
        if speed is None or pace is None or speed.sum is None or pace.sum is None or speed.count is None:
            found.append(f"{name} speed of answer: {speed} and {pace}")
        elif abs(speed.sum - pace.sum) > speed.count * SECOND:
            found.append(f"{name} speed of answer: {speed.sum} and {pace.sum}")
    return found


@pytest.mark.timeout(240)
def test_both_vendors_read_two_hundred_centers_alike() -> None:
    seen: dict[str, set[object]] = defaultdict(set)
    examples = 0

    @seed(20261122)
    @settings(max_examples=CENTERS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(spec=centers, after=moments)
    def holds(spec: CenterSpec, after: int) -> None:
        nonlocal examples
        result, _ = asyncio.run(both(spec, after))
        assert [report.status for report in result.sources] == ["ok", "ok"]
        assert disagreements(result) == []
        examples += 1
        for twilio, _genesys in pairs(result):
            for metric, read in EXACT.items():
                seen[metric].add(read(twilio))
            assert twilio.realtime is not None
            seen["longest wait"].add(twilio.realtime.longest_wait)
            stat = twilio.windows["30m"].speed_of_answer
            seen["speed of answer"].add(stat.sum if stat is not None else None)

    holds()
    assert examples >= CENTERS
    # Numbers that are always 0 would agree as well.
    assert {metric: len(values) for metric, values in seen.items() if len(values) < 10} == {}


@contextmanager
def milliseconds_taken_for_seconds(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(numbers.lenient, "total_milliseconds", numbers.lenient.total_seconds)
        patch.setattr(numbers.lenient, "milliseconds", numbers.lenient.seconds)
        yield


async def test_a_planted_milliseconds_for_seconds_fault_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = generate_spec(3, queues=4)
    result, _ = await both(spec, 90 * 60)
    assert disagreements(result) == []
    with milliseconds_taken_for_seconds(monkeypatch):
        result, _ = await both(spec, 90 * 60)
    assert any("speed of answer" in difference for difference in disagreements(result))
