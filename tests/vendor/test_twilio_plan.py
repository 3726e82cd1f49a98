"""How Twilio is read in the fewest requests: a pure function of options, wishes and what was learned."""

import math
from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vendor_twilio_parts import ACCOUNT, options, sid

from ccstats.adapter import Batch, Want
from ccstats.config import WindowSpec
from ccstats.model import Family, Kind, Target
from ccstats_twilio import adapter
from ccstats_twilio.plan import NOTHING, Learned, plan

PREFIX = {Kind.QUEUE: "WQ", Kind.WORKFLOW: "WW", Kind.WORKSPACE: "WS", Kind.AGENT: "WK"}
BOTH = frozenset(Family)
NOW, OVER = frozenset({Family.REALTIME}), frozenset({Family.WINDOW})
CALM = settings(max_examples=80, deadline=None, database=None, derandomize=True)


@cache
def target(kind: Kind, number: int, scope: int) -> Target:
    ident = sid(PREFIX[kind], scope * 10_000 + number)
    return Target(source="us", vendor="twilio", kind=kind, scope=sid("WS", scope), id=ident)


def targets(kind: Kind, number: int, scope: int = 1) -> tuple[Target, ...]:
    return tuple(target(kind, one, scope) for one in range(number))


def want(*wanted: Target, families: frozenset[Family] = BOTH, windows: tuple[str, ...] = ("30m",)) -> Want:
    return Want(wanted, families, tuple(map(WindowSpec.parse, windows)))


def covered(batch: Batch) -> list[tuple[str, str]]:
    """The families and windows that a batch answers for, by target."""
    combined = batch.operation.endswith((".combined", "queues.list"))
    names = ["realtime"] if batch.family is Family.REALTIME else []
    if batch.window is not None and (combined or batch.family is Family.WINDOW):
        names.append(batch.window.name)
    return [(target.key, name) for target in batch.targets for name in names]


SOME = st.tuples(st.sampled_from(list(Kind)), st.integers(0, 120), st.integers(1, 2))
WISHES = st.builds(
    lambda parts, families, windows: want(
        *dict.fromkeys(one for kind, number, scope in parts for one in targets(kind, number, scope)),
        families=frozenset(families),
        windows=tuple(windows),
    ),
    st.lists(SOME, max_size=5),
    st.sets(st.sampled_from(list(Family))),
    st.lists(st.sampled_from(["15m", "30m", "1h", "today@Europe/Berlin"]), unique=True, max_size=3),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "detail": st.sampled_from(["full", "totals"]),
        "longest_wait": st.sampled_from(["since_creation", "since_queue_entry"]),
        "activity_durations": st.booleans(),
        "select": st.sampled_from([{}, {"channels": ["voice"]}]),
    },
).map(lambda given: options(**given))
LEARNED = st.sets(st.sampled_from([sid("WS", 1), sid("WS", 2)])).map(lambda found: Learned(frozenset(found)))


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_every_wish_is_read_exactly_once(wished, opts, learned) -> None:
    wishes = Counter(
        (target.key, name)
        for target in wished.targets
        for name in [
            *(["realtime"] if Family.REALTIME in wished.families else []),
            *([window.name for window in wished.windows] if Family.WINDOW in wished.families else []),
        ]
    )

    assert Counter(pair for batch in plan(opts, wished, learned) for pair in covered(batch)) == wishes


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_the_same_wishes_make_the_same_plan(wished, opts, learned) -> None:
    first, second = plan(opts, wished, learned), adapter.plan(opts, wished, learned)

    assert first == second
    assert [batch.key for batch in first] == [batch.key for batch in second]
    assert len({batch.key for batch in first}) == len(first), "a key names one batch of a plan"


@CALM
@given(wished=WISHES, opts=OPTIONS, learned=LEARNED)
def test_no_batch_is_larger_than_its_endpoint_allows_or_mixes_workspaces(wished, opts, learned) -> None:
    for batch in plan(opts, wished, learned):
        assert len({target.scope for target in batch.targets}) == len({target.kind for target in batch.targets}) == 1
        assert batch.requests >= (0 if batch.operation == "worker" else 1), "refused statistics cost nothing"
        assert (batch.family is Family.WINDOW) <= (batch.window is not None)
        if batch.operation == "queues.bulk":
            assert len(batch.targets) <= 50
        elif batch.operation not in ("queues.list", "workers.list"):
            assert len(batch.targets) == 1


@pytest.mark.parametrize(("queues", "requests"), [(1, 1), (50, 1), (51, 2), (100, 2), (101, 3), (5000, 100)])
def test_fifty_queues_share_a_request_of_real_time(queues, requests) -> None:
    batches = plan(options(), want(*targets(Kind.QUEUE, queues), families=NOW), NOTHING)

    assert len(batches) == sum(batch.requests for batch in batches) == requests == math.ceil(queues / 50)
    assert {batch.operation for batch in batches} == {"queues.bulk"}


@pytest.mark.parametrize("given", [{"select": {"channels": ["voice"]}}, {"longest_wait": "since_queue_entry"}])
def test_what_the_bulk_endpoint_cannot_do_costs_a_request_per_queue(given) -> None:
    batches = plan(options(**given), want(*targets(Kind.QUEUE, 60), families=NOW), NOTHING)

    assert [batch.operation for batch in batches] == ["queue.realtime"] * 60


@pytest.mark.parametrize(("queues", "requests"), [(2, 1), (1000, 1), (1001, 2)])
def test_totals_read_both_families_of_all_queues_at_once(queues, requests) -> None:
    (batch,) = plan(options(detail="totals"), want(*targets(Kind.QUEUE, queues)), NOTHING)

    assert (batch.operation, batch.family, batch.requests) == ("queues.list", Family.REALTIME, requests)


def test_a_second_window_of_totals_reads_only_itself() -> None:
    wished = want(*targets(Kind.QUEUE, 3), windows=("30m", "1h"))
    first, second = plan(options(detail="totals"), wished, NOTHING)

    assert (first.family, second.family) == (Family.REALTIME, Family.WINDOW)
    assert (first.window.name, second.window.name) == ("30m", "1h")


def test_totals_without_a_window_read_real_time_in_bulk() -> None:
    (batch,) = plan(options(detail="totals"), want(*targets(Kind.QUEUE, 3), windows=()), NOTHING)

    assert batch.operation == "queues.bulk"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"minutes": 45}, "45m"),
        (
            {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-02T00:00:00Z"},
            "2026-01-01T00:00:00+00:00/2026-01-02T00:00:00+00:00",
        ),
    ],
)
def test_a_period_of_its_own_stands_in_for_the_windows_of_the_configuration(given, name) -> None:
    wished = want(*targets(Kind.QUEUE, 1), windows=("30m", "1h"), families=OVER)

    assert [batch.window.name for batch in plan(options(**given), wished, NOTHING)] == [name]


def test_refused_worker_statistics_are_left_out_of_the_next_plan() -> None:
    wished = want(*targets(Kind.WORKSPACE, 1), *targets(Kind.QUEUE, 4), families=OVER)
    opts, learned = options(activity_durations=True), Learned(frozenset({sid("WS", 1)}))

    assert sum(batch.requests for batch in plan(opts, wished, NOTHING)) == 10
    assert sum(batch.requests for batch in plan(opts, wished, learned)) == 5


def test_what_another_adapter_has_learned_is_nothing() -> None:
    wished = want(*targets(Kind.QUEUE, 3))

    assert (
        adapter.plan(options(), wished, None)
        == adapter.plan(options(), wished, object())
        == plan(options(), wished, NOTHING)
    )


def test_a_budget_belongs_to_an_account_a_workspace_and_an_operation() -> None:
    wished = want(*targets(Kind.QUEUE, 2), *targets(Kind.QUEUE, 1, scope=2))
    keys = {batch.budget for batch in plan(options(), wished, NOTHING)}

    assert len(keys) == 4
    assert all(ACCOUNT in key and "token" not in key for key in keys)


@pytest.mark.parametrize(("globs", "apart"), [(["*"], 6), (["voice"], 1), (["voice", "fax"], 2), (["fax*"], 1)])
def test_before_discovery_a_glob_stands_for_the_channels_that_have_a_name(globs: list[str], apart: int) -> None:
    one = target(Kind.QUEUE, 1, 1)
    planned = plan(options(by_channel=globs), want(one), NOTHING)
    assert [batch.requests for batch in planned] == [1 + apart] * 2
    learned = Learned(channels=((one.scope or "", 3),))
    assert [batch.requests for batch in plan(options(by_channel=globs), want(one), learned)] == [4, 4]
