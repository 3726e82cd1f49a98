"""The rest of the plugin kit: samples, fixtures, recordings, faces, and what adapters are built from."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from aiohttp import web
from yarl import URL

import ccstats
from ccstats import lenient
from ccstats.adapter import Ability, Support, Toolbox, Want, only
from ccstats.auth import Signer
from ccstats.config import Config, Limits, Secret, validate
from ccstats.errors import AuthError, ConfigError, Origin, RateLimitedError, RequestRefusedError
from ccstats.http import JsonDialect, Line, Request, Traffic
from ccstats.model import Family, Kind, Realtime, Snapshot
from ccstats.simulator.kit import Center, ManualClock, Meter, World, generate_spec, serve
from ccstats.testing import (
    AdapterContract,
    FakeAdapter,
    FakeOptions,
    RecordedFace,
    VirtualLoop,
    failed_snapshot,
    quiet_snapshot,
    sample_snapshot,
    sample_target,
    stale_snapshot,
    superfluous,
    unexplained,
)

pytest_plugins = ["ccstats.testing.fixtures"]
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.mark.parametrize("make", [sample_snapshot, quiet_snapshot, failed_snapshot, stale_snapshot])
def test_samples_are_as_honest_as_real_ones(make: Any) -> None:
    snapshot = make()
    assert unexplained(snapshot) == []
    assert superfluous(snapshot) == []
    assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot


def test_a_scripted_vendor_feeds_a_monitor_for_an_hour_in_no_time(
    fake_vendor: FakeAdapter, virtual_clock: VirtualLoop
) -> None:
    fake_vendor["us"].targets = ["billing"]
    config = Config(sources={"us": FakeOptions(adapter="fake")})

    async def hour() -> Any:
        async with ccstats.Monitor(config, clock=virtual_clock.wall_clock) as monitor:
            await asyncio.sleep(3600)
            return monitor.get("us:queue:billing")

    snapshot = virtual_clock.run(hour())
    assert len(fake_vendor["us"].reads) == pytest.approx(360, abs=2)
    assert snapshot.realtime.waiting == len(fake_vendor["us"].reads)


def test_time_that_nobody_waits_for_is_no_virtual_time(virtual_clock: VirtualLoop) -> None:
    async def forever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="nobody will ever wake"):
        virtual_clock.run(forever())


RECORDED: dict[str, list[Any]] = {
    "GET /v1/queues": [{"queues": [{"id": "q1", "name": "Billing"}]}],
    "GET /v1/statistics/now": [
        {"rows": [{"id": "q1", "waiting": 3, "longest_wait_seconds": 40, "agents_available": 2}]}
    ],
    "GET /v1/statistics/window": [
        {"rows": [{"id": "q1", "offered": 9, "answered": 7, "abandoned": 2, "handled": 7, "handle_seconds": 700}]}
    ],
}
EXPECTED = {"q1": {"realtime.waiting": 3, "realtime.longest_wait": 40.0, "windows.30m.handle.average": 100.0}}


def recording(expected: Mapping[str, Mapping[str, object]] = EXPECTED) -> RecordedFace:
    return RecordedFace(
        "planted",
        lambda url: {"adapter": "planted", "token": "canary-token", "base_url": url},
        RECORDED,
        authorized=lambda call: call.headers.get("Authorization") == "Bearer canary-token",
        expected=expected,
    )


def recorded(plugin: Any, face: RecordedFace) -> Any:
    class Recorded(AdapterContract):
        adapter = plugin.adapter

    Recorded.face = face
    return Recorded()


PROMISES = [name for name in dir(AdapterContract) if name.startswith("test_")]


@pytest.mark.parametrize("promise", PROMISES)
def test_recorded_payloads_do_for_a_face(plugin: Any, promise: str, request: pytest.FixtureRequest) -> None:
    test = getattr(recorded(plugin, recording()), promise)
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    names = test.__code__.co_varnames[1 : test.__code__.co_argcount]
    given = {name: request.getfixturevalue(name) for name in names if name in ("monkeypatch", "caplog")}
    for values in [{marks[0].args[0]: value} for value in marks[0].args[1]] if marks else [{}]:
        test(**values, **given)


def test_a_recording_is_held_to_what_a_person_has_read_out_of_it(plugin: Any) -> None:
    wrong = recorded(plugin, recording({"q1": {"realtime.waiting": 4}}))
    with pytest.raises(AssertionError):
        wrong.test_numbers_and_units_are_those_of_the_center()
    with pytest.raises(ValueError, match="numbers that a person has read"):
        recording({})


@pytest.mark.parametrize(
    ("settings", "message"), [({"speed": 1}, "unknown setting 'speed'"), ({"requests_per_minute": "9"}, "not take '9'")]
)
def test_a_face_refuses_settings_that_it_does_not_have(plugin: Any, settings: Any, message: str) -> None:
    world = World(Center(generate_spec(1), AT), ManualClock(AT))
    with pytest.raises(ValueError, match=message):
        plugin.face.PlantedFace().app(world, settings)


def test_a_meter_refuses_what_goes_beyond_and_says_for_how_long() -> None:
    meter, second = Meter(), timedelta(seconds=1)
    assert [meter.spend("k", 2, 10.0, AT + step * second) for step in (0, 4, 6, 10, 11)] == [None, None, 4.0, None, 3.0]
    assert meter.spend("other", 2, 10.0, AT) is None


class Signing:
    """Signs with a number that grows, and has a second secret after the first was refused."""

    def __init__(self) -> None:
        self.signed: list[tuple[str, str, bytes]] = []
        self.renewed = 0

    async def headers(self) -> Mapping[str, str]:
        return {}

    async def sign(self, method: str, url: URL, body: bytes) -> Mapping[str, str]:
        self.signed.append((method, url.path_qs, body))
        return {"Authorization": f"signature-{self.renewed}", "Content-Type": "application/json"}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        assert refused["Authorization"] == f"signature-{self.renewed}"
        self.renewed += 1
        return self.renewed == 1


@pytest.mark.parametrize(("accepts", "asked"), [("signature-0", 1), ("signature-1", 2), ("signature-9", 2)])
async def test_a_signer_signs_the_very_bytes_that_are_sent_and_may_renew_once(accepts: str, asked: int) -> None:
    seen: list[bytes] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        seen.append(await request.read())
        return web.Response(status=200 if request.headers["Authorization"] == accepts else 401)

    runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=0.01)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        root, signer, toolbox = (
            URL.build(scheme="http", host="127.0.0.1", port=runner.addresses[0][1]),
            Signing(),
            Toolbox(),
        )
        assert isinstance(signer, Signer)
        line = Line("acme", "us", root.origin(), JsonDialect(), signer)
        async with toolbox.session(1) as session:
            client = toolbox.client(line, session, clock=toolbox.clock(), traffic=Traffic())
            request = Request("POST", root / "metrics", "POST /metrics", body=b'{"b":1, "a":2}')
            if accepts == "signature-9":
                with pytest.raises(AuthError):
                    await client.send(request)
            else:
                assert (await client.send(request)).status == 200
        await toolbox.close()
    finally:
        await runner.cleanup()
    assert seen == [b'{"b":1, "a":2}'] * asked
    assert signer.signed == [("POST", "/metrics", b'{"b":1, "a":2}')] * asked


class Coded(JsonDialect):
    means: ClassVar[Mapping[str, int]] = {"Throttled": 429}
    code_keys = ("code", "__type")
    message_keys = ("Message",)
    request_id_header = "X-Id"


def test_a_code_that_says_more_than_the_status_decides() -> None:
    body = json.dumps({"__type": "Throttled", "Message": "slow"}).encode()
    error = Coded().fault(400, {"X-Id": "7", "Retry-After": "3"}, body, Origin())
    assert isinstance(error, RateLimitedError)
    assert (error.message, error.origin.code, error.origin.request_id, error.retry_after) == (
        "slow",
        "Throttled",
        "7",
        3,
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"code": {}}', b"[" * 50_000, b"\xff"])
def test_an_error_that_is_no_object_goes_by_its_status(body: bytes) -> None:
    error = Coded().fault(400, {}, body, Origin())
    assert type(error) is RequestRefusedError
    assert (error.message, error.origin.code) == ("answered with status 400", None)


def test_targets_are_grouped_by_kind_and_size() -> None:
    targets = tuple(sample_target(str(at), kind=Kind.QUEUE if at != 2 else Kind.AGENT) for at in range(6))
    want = Want(targets, frozenset(Family), ())
    assert [[one.name for one in group] for group in want.groups(Kind.QUEUE, 2)] == [["0", "1"], ["3", "4"], ["5"]]
    assert list(want.groups(Kind.WORKFLOW, 2)) == []


def test_the_entries_of_a_table_have_short_names() -> None:
    assert only("window.wait", "max", "sum", note="no") == {
        f"window.wait.{part}": Ability.unsupported("no") for part in ("count", "min", "average")
    }
    kinds = [
        Ability.full("x"),
        Ability.derived("x"),
        Ability.on_request("x", "y"),
        Ability.unsupported("x"),
        Ability.not_implemented("x"),
    ]
    assert [one.support for one in kinds] == list(Support)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (0, None), (-1, None), (True, None), ("x", None), (10**30, None), (float("nan"), None),
        (1767600000, AT), ("1767600000.5", AT + timedelta(seconds=0.5)),
    ],
)  # fmt: skip
def test_seconds_since_1970_are_a_time_where_they_can_be(value: object, moment: datetime | None) -> None:
    assert lenient.epoch(value) == moment


def test_a_way_through_nested_answers_ends_in_none_where_it_leads_nowhere() -> None:
    table = {"a": {"b": {"c": 1}}, "x": [1]}
    assert lenient.at(table, "a", "b", "c") == 1
    assert lenient.at(table, "a", "q", "c") is None
    assert lenient.at(table, "x", "b") is None
    assert lenient.at(None, "x") is None


def test_a_base_url_loses_its_last_slash_and_nothing_else(plugin: Any) -> None:
    given = {"adapter": "planted", "token": Secret("canary-x"), "base_url": "http://127.0.0.1:1/api/"}
    assert str(validate(plugin.PlantedOptions, given).root) == "http://127.0.0.1:1/api"
    with pytest.raises(ConfigError, match="a URL is written as"):
        validate(plugin.PlantedOptions, {**given, "base_url": "nowhere"})


async def test_a_faces_unknown_address_is_an_error_in_its_own_format(plugin: Any) -> None:
    world = World(Center(generate_spec(1), AT), ManualClock(AT))
    async with (
        serve(plugin.face.PlantedFace(), world) as running,
        Toolbox().session(1) as session,
        session.get(f"{running.base_url}/nowhere") as answer,
    ):
        assert (answer.status, await answer.json()) == (404, {"message": "Not Found"})


def test_what_is_read_is_what_the_script_says(fake_vendor: FakeAdapter, virtual_clock: VirtualLoop) -> None:
    fake_vendor["us"].answer = lambda target, number: Realtime(waiting=7)
    config = Config(sources={"us": FakeOptions(adapter="fake", limits=Limits(share=0.5))})
    result = virtual_clock.run(ccstats.fetch(config))
    assert [one.realtime.waiting for one in result.snapshots if one.realtime is not None] == [7]
