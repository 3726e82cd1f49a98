"""What is Amazon Connect's own: units, times, pages, limits, signatures."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ccstats.adapter import Want
from ccstats.config import WindowSpec, validate
from ccstats.errors import AuthError, ConfigError, NotPermittedError, Origin, RateLimitedError, UnavailableError
from ccstats.model import ActivityState, Family, Kind, Target
from ccstats.simulator.kit import generate_spec
from ccstats.testing import Stand, stand

from ccstats_amazon_connect import ConnectOptions, adapter, api, parse
from ccstats_amazon_connect.face import ConnectFace

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
SPEC = generate_spec(7, queues=4, agents=14, sites=2)


def tried(promise: Callable[[Stand], Awaitable[Any]], *, settings: Mapping[str, object] = {}, **options: Any) -> Any:
    async def served() -> Any:
        async with asyncio.timeout(20), stand(adapter, ConnectFace(), SPEC, settings=settings, options=options) as one:
            return await promise(one)

    return asyncio.run(served())


def row(**values: object) -> dict[str, Any]:
    return {"Collections": [{"Metric": {"Name": name}, "Value": value} for name, value in values.items()]}


def test_the_oldest_age_is_in_seconds_where_rows_are_grouped_and_in_milliseconds_where_not() -> None:
    one = row(CONTACTS_IN_QUEUE=3.0, OLDEST_CONTACT_AGE=24113.0)
    assert parse.realtime(one, AT, (), grouped=False)[0].longest_wait == timedelta(seconds=24.113)
    assert parse.realtime(one, AT, (), grouped=True)[0].longest_wait == timedelta(seconds=24113)


def test_the_instance_waits_as_long_as_the_queue_that_waits_longest() -> None:
    async def promise(account: Stand) -> None:
        targets = await account.discover()
        snapshots = account.merged(await account.read(*account.plan(targets)))
        waits = {one.target.kind: one.realtime.longest_wait for one in snapshots if one.target.kind is Kind.WORKSPACE}
        longest = max(one.realtime.longest_wait or timedelta() for one in snapshots if one.target.kind is Kind.QUEUE)
        assert longest > timedelta(seconds=5)
        assert waits[Kind.WORKSPACE] == longest

    tried(promise)


def test_nobody_waiting_is_no_wait_of_nothing() -> None:
    now, gaps = parse.realtime(row(CONTACTS_IN_QUEUE=0, OLDEST_CONTACT_AGE=0.0), AT, (), grouped=True)
    assert (now.waiting, now.longest_wait, gaps) == (0, None, {"longest_wait": parse.NOBODY})


def test_numbers_are_as_old_as_connect_says() -> None:
    async def promise(account: Stand) -> None:
        targets = await account.discover()
        taken = account.clock.now() - timedelta(seconds=42)
        account.face.twist = lambda body: {**body, "DataSnapshotTime": taken.timestamp()}
        readings = await account.read(*account.plan(targets, families=frozenset({Family.REALTIME})))
        assert {one.observed_at for one in readings} == {taken}

    tried(promise)


def test_a_queue_without_a_row_has_no_data_and_no_zeros() -> None:
    async def promise(account: Stand) -> None:
        targets = await account.discover()
        account.face.twist = lambda body: {**body, "MetricResults": body["MetricResults"][1:]}
        for family in ("realtime", "windows.30m"):
            missing = [one for one in await self_read(account, targets) if one.gap(family) is not None]
            assert [one.gap(family).reason.value for one in missing] == ["no_data", "no_data"]  # a queue, the instance

    async def self_read(account: Stand, targets: tuple[Target, ...]) -> list[Any]:
        return account.merged(await account.read(*account.plan(targets, "30m")))

    tried(promise)


def test_null_is_nothing_to_calculate_from() -> None:
    metrics = {name: None for _, name in api.TIMES.values()}
    over, gaps = parse.window(row(CONTACTS_HANDLED=0, **metrics), (AT, AT + timedelta(hours=1)), (), AT)
    assert over.handled == 0
    assert over.handle is None
    assert gaps == dict.fromkeys(api.TIMES, parse.NULL)


def test_statuses_are_known_by_their_type_and_not_by_their_name() -> None:
    rows = [{"Id": "1", "Name": "Pause", "Type": "CUSTOM"}, {"Id": "2", "Name": "Frei", "Type": "ROUTABLE"}]
    known = parse.statuses([*rows, {"Id": "3", "Name": "Neu", "Type": "SOMETHING"}, {"Name": "without id"}])
    assert known == {
        "1": ("Pause", ActivityState.UNAVAILABLE),
        "2": ("Frei", ActivityState.AVAILABLE),
        "3": ("Neu", ActivityState.UNKNOWN),
    }


def test_a_hundred_queues_go_into_a_request() -> None:
    options = validate(ConnectOptions, adapter.example)
    targets = tuple(Target(source="c", vendor="amazon-connect", kind=Kind.QUEUE, id=str(at)) for at in range(250))
    batches = adapter.plan(options, Want(targets, frozenset(Family), (WindowSpec.parse("30m"),)), None)
    assert [(one.operation, len(one.targets)) for one in batches] == [
        (operation, size) for size in (100, 100, 50) for operation in ("GetCurrentMetricData", "GetMetricDataV2")
    ]


def test_what_stands_on_many_pages_is_read_whole() -> None:
    async def promise(account: Stand) -> tuple[list[str], int]:
        targets = await account.discover()
        account.world.requests.forget()
        dumps = [one.model_dump_json() for one in account.merged(await account.read(*account.plan(targets, "30m")))]
        return dumps, account.world.requests.total

    at_once, few = tried(promise)
    paged, many = tried(promise, settings={"page": 3, "requests_per_second": 1000})
    assert paged == at_once
    assert many > few


@pytest.mark.parametrize(
    ("following", "message"),
    [(lambda _: "0", "runs in a circle"), (lambda number: str(number), "more than 200 pages")],
    ids=["in a circle", "endless"],
)
def test_a_list_that_does_not_end_is_broken_off(following: Callable[[int], str], message: str) -> None:
    async def promise(account: Stand) -> None:
        targets = await account.discover()
        numbers = iter(range(1000))
        account.face.twist = lambda body: {**body, "NextToken": following(next(numbers))}
        readings = await account.read(account.plan(targets)[0])
        assert all(one.error is not None and message in one.error.message for one in readings)
        assert account.world.requests.total <= 200

    tried(promise, settings={"requests_per_second": 1000})


@pytest.mark.parametrize("status", [400, 429])
def test_throttling_is_known_by_its_code(status: int) -> None:
    async def promise(account: Stand) -> None:
        targets = await account.discover()
        batch = account.plan(targets)[0]
        errors: list[Any] = []
        while not errors:  # until the face's ten requests in ten seconds are spent
            errors = [one.error for one in await account.read(batch) if one.error is not None]
        assert {type(one) for one in errors} == {RateLimitedError}
        assert {one.origin.code for one in errors} == {"ThrottlingException"}

    tried(promise, settings={"requests_per_second": 1, "throttle_status": status})


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "AccessDeniedException", NotPermittedError),
        (403, "ExpiredTokenException", AuthError),
        (403, "com.amazonaws#UnrecognizedClientException", AuthError),
        (400, "TooManyRequestsException:http://internal.amazon.com/", RateLimitedError),
        (500, "InternalServiceException", UnavailableError),
    ],
)
def test_errors_are_sorted_by_code(status: int, code: str, kind: type[Exception]) -> None:
    for headers, body in (({"x-amzn-ErrorType": code}, b""), ({}, b'{"__type": "%s"}' % code.encode())):
        assert type(api.ConnectDialect().fault(status, headers, body, Origin())) is kind


def test_a_rotated_secret_is_read_again(tmp_path: Path) -> None:
    async def promise(account: Stand) -> None:
        secret.write_text(str(account.face.configuration("http://127.0.0.1", account.world)["secret_access_key"]))
        assert await account.discover()
        assert account.source.traffic.failures == 1

    secret = tmp_path / "secret"
    secret.write_text("of yesterday")
    tried(promise, secret_access_key={"file": str(secret)})


def test_a_session_token_is_signed_and_sent() -> None:
    async def promise(account: Stand) -> None:
        await account.source.discover()
        assert all(one.headers["X-Amz-Security-Token"] == "made up" for one in account.world.requests)

    tried(promise, session_token="made up")


def test_signatures_are_made_by_the_vendors_clock() -> None:
    """This machine is ten minutes late: the first refusal's Date corrects that."""

    async def promise(account: Stand) -> None:
        account.toolbox._clock = lambda: account.clock.now() - timedelta(minutes=10)
        async with adapter.open("late", account.options, account.toolbox) as source:
            assert (await source.discover()).targets
            assert source.traffic.requests == 3  # the first was refused, and signed again by the refusal's Date

    tried(promise)


@pytest.mark.parametrize("arn", ["", "arn:aws:connect:eu-central-1:1:instance/x", "https://example.com"])
def test_an_arn_that_is_none_is_refused(arn: str) -> None:
    with pytest.raises(ConfigError, match="ARN is arn:aws:connect"):
        validate(ConnectOptions, {**adapter.example, "instance_arn": arn})
