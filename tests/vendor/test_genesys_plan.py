"""How Genesys Cloud is read in the fewest requests: a pure function of options, wishes and what was learned."""

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_genesys_parts import options, uuid

from ccstats.adapter import Batch, Want
from ccstats.config import WindowSpec
from ccstats.model import Family, Kind, Target
from ccstats_genesys import adapter
from ccstats_genesys.plan import NOTHING, Learned, plan

BOTH = frozenset(Family)
NOW, OVER = frozenset({Family.REALTIME}), frozenset({Family.WINDOW})
CALM = settings(max_examples=80, deadline=None, database=None, derandomize=True)
ORGANIZATION = Target(source="emea", vendor="genesys", kind=Kind.WORKSPACE, id="organization")


@cache
def queue(number: int) -> Target:
    return Target(source="emea", vendor="genesys", kind=Kind.QUEUE, id=uuid(number))


def queues(number: int) -> tuple[Target, ...]:
    return tuple(map(queue, range(number)))


def want(*wanted: Target, families: frozenset[Family] = BOTH, windows: tuple[str, ...] = ("30m",)) -> Want:
    return Want(wanted, families, tuple(map(WindowSpec.parse, windows)))


def covered(batch: Batch) -> list[tuple[str, str]]:
    """The families and windows that a batch answers for, by target; those of stats are the vendor's own."""
    if batch.operation == "stats":
        names = ["realtime", "vendor"] if batch.family is Family.REALTIME else ["vendor"]
    else:
        names = ["realtime"] if batch.family is Family.REALTIME else [batch.window.name]
    return [(target.key, name) for target in batch.targets for name in names]


def wished_for(wished: Want, *, stats: bool) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for target in wished.targets:
        if Family.REALTIME in wished.families:
            found[target.key, "realtime"] += 1
        if Family.WINDOW in wished.families and not stats:
            found.update((target.key, window.name) for window in wished.windows)
        if stats and target.kind is Kind.QUEUE and wished.families:
            found[target.key, "vendor"] += 1
    return found


WISHES = st.builds(
    lambda number, whole, families, windows: want(
        *([ORGANIZATION] if whole else []), *queues(number), families=frozenset(families), windows=tuple(windows)
    ),
    st.integers(0, 320),
    st.booleans(),
    st.sets(st.sampled_from(list(Family))),
    st.lists(st.sampled_from(["15m", "30m", "today"]), unique=True, max_size=3),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "api": st.sampled_from(["auto", "observations", "stats"]),
        "queues_per_query": st.integers(1, 300),
        "select": st.sampled_from([{}, {"channels": ["voice", "chat"]}]),
    },
).map(lambda given: options(**given))
LEARNED = st.builds(
    Learned,
    stats=st.booleans(),
    size=st.none() | st.integers(1, 300),
    forbidden=st.frozensets(st.integers(0, 320).map(uuid), max_size=4),
    denied=st.sampled_from([frozenset(), frozenset({("aggregates", "needs x")}), frozenset({("agents", "needs y")})]),
    identified=st.booleans(),
)


def through_stats(opts, learned) -> bool:
    return opts.api == "stats" or (opts.api == "auto" and learned.stats)


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_every_wish_is_read_exactly_once(wished, opts, learned) -> None:
    found = Counter(pair for batch in plan(opts, wished, learned) for pair in covered(batch))

    assert found == wished_for(wished, stats=through_stats(opts, learned))


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_the_same_wishes_make_the_same_plan(wished, opts, learned) -> None:
    first, second = plan(opts, wished, learned), adapter.plan(opts, wished, learned)

    assert first == second
    assert len({batch.key for batch in first}) == len(first), "a key names one batch of a plan"


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_no_query_names_more_than_it_may(wished, opts, learned) -> None:
    size = min(opts.queues_per_query, learned.size or opts.queues_per_query)
    channels = len(opts.select.channels)
    for batch in plan(opts, wished, learned):
        if batch.operation == "observations" or (batch.operation == "stats" and learned.identified):
            assert len(batch.targets) <= size
        elif batch.operation == "aggregates":
            assert len(batch.targets) + channels <= max(size, channels + 1)
        elif batch.operation not in ("forbidden", "unsupported"):
            assert len(batch.targets) == 1


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_what_is_known_to_be_refused_costs_no_request(wished, opts, learned) -> None:
    for batch in plan(opts, wished, learned):
        if batch.operation in ("forbidden", "unsupported"):
            assert batch.requests == 0
        elif batch.operation.startswith("aggregates"):
            assert batch.requests == (0 if learned.denial("aggregates") else 1)
        if not through_stats(opts, learned) and batch.operation != "forbidden":
            assert learned.forbidden.isdisjoint(target.id for target in batch.targets)


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_no_batch_is_of_a_family_that_nobody_wants(wished, opts, learned) -> None:
    assert {batch.family for batch in plan(opts, wished, learned)} <= wished.families


@pytest.mark.parametrize(("number", "requests"), [(1, 1), (100, 1), (101, 2), (200, 2), (1000, 10)])
def test_a_hundred_queues_share_a_query(number, requests) -> None:
    batches = plan(options(), want(*queues(number)), NOTHING)

    assert Counter(batch.operation for batch in batches) == {"observations": requests, "aggregates": requests}


def test_the_organization_costs_two_requests_of_real_time_and_one_per_window() -> None:
    batches = plan(options(), want(ORGANIZATION, windows=("30m", "1h")), NOTHING)

    assert [(batch.operation, batch.requests) for batch in batches] == [
        ("organization", 2),
        ("aggregates.all", 1),
        ("aggregates.all", 1),
    ]


def test_a_smaller_size_that_was_learned_is_used_until_the_next_discovery() -> None:
    batches = plan(options(), want(*queues(100), families=NOW), Learned(size=25))

    assert [len(batch.targets) for batch in batches] == [25] * 4


def test_a_size_that_was_learned_never_enlarges_what_is_configured() -> None:
    batches = plan(options(queues_per_query=10), want(*queues(20), families=NOW), Learned(size=50))

    assert [len(batch.targets) for batch in batches] == [10, 10]


def test_forbidden_queues_stand_apart_from_the_others() -> None:
    batches = plan(options(), want(*queues(5)), Learned(forbidden=frozenset({uuid(2)})))

    assert [(batch.operation, len(batch.targets)) for batch in batches] == [
        ("observations", 4),
        ("forbidden", 1),
        ("aggregates", 4),
        ("forbidden", 1),
    ]


@pytest.mark.parametrize(("learned", "sizes"), [(Learned(), [1] * 7), (Learned(identified=True), [7])])
def test_stats_take_one_queue_per_request_unless_their_rows_carry_ids(learned, sizes) -> None:
    batches = plan(options(api="stats"), want(*queues(7)), learned)

    assert [len(batch.targets) for batch in batches] == sizes


@pytest.mark.parametrize(("api", "operation"), [("auto", "stats"), ("observations", "observations")])
def test_only_auto_falls_back_to_stats(api, operation) -> None:
    (batch,) = plan(options(api=api), want(*queues(1), families=NOW), Learned(stats=True))

    assert batch.operation == operation


def test_every_request_of_a_client_is_counted_against_one_budget() -> None:
    keys = {batch.budget for batch in plan(options(), want(ORGANIZATION, *queues(3)), NOTHING)}

    assert len(keys) == 1
    assert "secret" not in keys.pop()
