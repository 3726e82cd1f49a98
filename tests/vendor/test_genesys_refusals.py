"""One refused part of a Genesys query never takes the rest with it: forbidden queues, and queries that are too long."""

from datetime import UTC, datetime

import pytest
from vendor_genesys_parts import target as make
from vendor_honesty import unexplained
from vendor_loopback import account, of

from ccstats.errors import NotPermittedError, Origin, RequestRefusedError, UnavailableError
from ccstats.http import Answer
from ccstats.model import Family, Kind
from ccstats.simulator.center import generate_spec
from ccstats_genesys.divide import MAX_QUESTIONS, divided
from ccstats_genesys.face import queue_id

MANY = generate_spec(2, queues=120, agents=5)
NOW, OVER, BOTH = frozenset({Family.REALTIME}), frozenset({Family.WINDOW}), frozenset(Family)
ANSWER = Answer(200, {}, b"{}", datetime(2026, 1, 1, tzinfo=UTC))


def forbidden(*numbers: int) -> dict[str, object]:
    return {"forbidden_queues": [queue_id(MANY, number) for number in numbers]}


@pytest.mark.parametrize("numbers", [(0,), (57,), (119,), (3, 4, 90)])
async def test_forbidden_queues_do_not_take_the_others_with_them(numbers) -> None:
    async with account("genesys", MANY, face=forbidden(*numbers)) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        snapshots = await genesys.poll(targets, "30m")
        shut = {queue_id(MANY, number) for number in numbers}

        for ident, snapshot in snapshots.items():
            families = (snapshot.realtime, snapshot.windows["30m"])
            if ident in shut:
                assert {family.error.type for family in families} == {"NotPermittedError"}
            else:
                assert {family.error for family in families} == {None}
            assert unexplained(snapshot) == []
        assert genesys.source.learned.forbidden == shut


async def test_forbidden_queues_are_not_asked_for_again_until_the_next_discovery() -> None:
    async with account("genesys", MANY, face=forbidden(57)) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        await genesys.poll(targets, families=NOW)
        genesys.world.requests.forget()
        snapshots = await genesys.poll(targets, families=NOW)

        assert genesys.world.requests.total == 2
        assert sum(one.realtime.error is not None for one in snapshots.values()) == 1
        assert "next discovery" in snapshots[queue_id(MANY, 57)].realtime.error.message
        await genesys.source.discover()
        assert genesys.source.learned.forbidden == frozenset()


async def test_a_query_that_is_too_long_is_halved_and_the_size_is_remembered() -> None:
    async with account("genesys", MANY, face={"max_predicates": 60}) as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        first = await genesys.read(genesys.plan(targets, families=NOW))
        size = genesys.source.learned.size
        plan = genesys.plan(targets, "30m")
        genesys.world.requests.forget()
        second = await genesys.read(plan)

        assert size == 50
        assert {reading.error for reading in [*first, *second]} == {None}
        assert {len(batch.targets) for batch in plan} == {50, 20}
        assert genesys.world.requests.total == len(plan) == 6
        await genesys.source.discover()
        assert genesys.source.learned.size is None


async def test_channels_count_as_predicates_too() -> None:
    options = {"select": {"channels": ["voice", "chat"], "kinds": ["queue"]}}
    async with account("genesys", MANY, **options) as genesys:
        targets = await genesys.discover()
        readings = await genesys.read(genesys.plan(targets, "30m", families=OVER))

        assert {reading.error for reading in readings} == {None}
        assert genesys.source.learned.size is None, "98 queues and two channels are a hundred predicates"
        assert genesys.world.requests.total == 2


async def test_a_query_that_is_refused_down_to_a_single_queue_is_an_error() -> None:
    async with account("genesys") as genesys:
        targets = of(Kind.QUEUE, await genesys.discover())
        genesys.fault("observations/query", status=400, body=b'{"code":"bad.request","message":"no such metric"}')
        readings = await genesys.read(genesys.plan(targets, families=NOW))

        assert {type(reading.error) for reading in readings} == {RequestRefusedError}
        assert {reading.error.message for reading in readings} == {"no such metric"}


def refusing(status: int, *bad: str, largest: int = 1000, per_item: bool = True):
    """What a vendor does that refuses parts with one of the `bad` queues, or with more than `largest`."""
    asked = []

    async def ask(part):
        asked.append(len(part))
        origin = Origin(status=status)
        if any(one.id in bad for one in part) or len(part) > largest:
            if status == 403:
                raise NotPermittedError("no", origin=origin, per_item=per_item)
            raise RequestRefusedError("no", origin=origin)
        return ANSWER

    return ask, asked


def queues(number: int):
    return tuple(make(Kind.QUEUE, f"q{one}") for one in range(number))


async def test_one_queue_that_is_refused_does_not_shrink_the_queries_of_all_others() -> None:
    """What is remembered is the size that worked: after the hunt for one bad queue, fifty at a time still do."""
    ask, asked = refusing(400, "q77")
    result = await divided(queues(100), ask)

    assert sum(len(part) for part, _ in result.answers) == 99
    assert [part[0].id for part, _ in result.failures] == ["q77"]
    assert max(len(part) for part, _ in result.answers) == 50
    assert (result.size or 100) >= 50
    assert len(asked) < 20


@pytest.mark.parametrize("status", [400, 413])
async def test_the_size_that_worked_is_remembered(status) -> None:
    ask, _ = refusing(status, largest=30)
    result = await divided(queues(100), ask)

    assert (result.size, result.failures) == (25, [])


async def test_queries_that_are_too_long_for_forbidden_queues_alone_are_failures_and_no_size() -> None:
    async def ask(part):
        if len(part) > 1:
            raise RequestRefusedError("too many", origin=Origin(status=400))
        raise NotPermittedError("no", origin=Origin(status=403), per_item=True)

    result = await divided(queues(3), ask)

    assert (result.answers, result.forbidden, result.size) == ([], {"q0", "q1", "q2"}, None)


async def test_the_hunt_for_forbidden_queues_has_an_end() -> None:
    bad = {f"q{number}" for number in range(1, 100, 2)}
    ask, asked = refusing(403, *bad)
    result = await divided(queues(100), ask)

    assert result.forbidden < bad, "a queue is forbidden only where it was refused alone"
    assert len(asked) <= 2 * MAX_QUESTIONS
    assert sum(len(part) for part, _ in [*result.answers, *result.failures]) == 100


@pytest.mark.parametrize("number", [1, 2, 3, 6])
async def test_a_few_forbidden_queues_among_a_hundred_are_found_one_by_one(number) -> None:
    bad = {f"q{one}" for one in range(0, 100, 100 // number)[:number]}
    ask, _ = refusing(403, *bad)
    result = await divided(queues(100), ask)

    assert result.forbidden == bad
    assert {one.id for part, _ in result.failures for one in part} == bad


async def test_a_missing_permission_is_not_hunted_for_queue_by_queue() -> None:
    ask, asked = refusing(403, "q1", per_item=False)
    with pytest.raises(NotPermittedError):
        await divided(queues(100), ask)

    assert asked == [100]


async def test_a_passing_fault_is_not_taken_for_a_refusal() -> None:
    async def ask(part):
        raise UnavailableError("busy", origin=Origin(status=503))

    with pytest.raises(UnavailableError):
        await divided(queues(4), ask)
