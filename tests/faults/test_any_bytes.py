"""Fuzzing through the whole stack: any bytes become readings or the one error for a broken answer, never a bug."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vendor_loopback import FAMILIES, Account, account

from ccstats.adapter import Batch
from ccstats.budget import Limit
from ccstats.clock import VendorClock, wall_clock
from ccstats.config import load_config
from ccstats.errors import BrokenAnswerError, ConfigError, Origin, TransientError, VendorError
from ccstats.http import client as http_client
from ccstats.http import retry_after
from ccstats.model import Kind, Snapshot
from ccstats.poller import read_batch
from ccstats.poller.merge import Merger
from ccstats.registry import resolve
from ccstats.simulator.generate import generate_spec
from ccstats_genesys.api.dialect import GenesysDialect
from ccstats_twilio.api.dialect import TwilioDialect

FAST = {"requests_per_second": 1_000_000, "bulk_per_second": 1_000_000}
EVERY_KIND = {"kinds": [kind.value for kind in Kind]}
VARIANTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "twilio": ("twilio", {"select": EVERY_KIND, "activity_durations": True}, FAST),
    "twilio lists": ("twilio", {"select": EVERY_KIND, "detail": "totals"}, FAST),
    "twilio queue by queue": ("twilio", {"longest_wait": "since_queue_entry"}, FAST),
    "twilio events": ("twilio", {"handle_time": "events"}, FAST),
    "twilio channels": ("twilio", {"by_channel": ["*"]}, FAST),
    "genesys": ("genesys", {}, {}),
    "genesys stats": ("genesys", {"api": "stats"}, {"apis": ["observations", "stats"]}),
}
MANY = settings(
    max_examples=600, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
Spoil = Callable[[bytes], bytes]


def _same(body: bytes) -> bytes:
    return body


@dataclass(repr=False)
class Line:
    """One open account, in a loop of its own, whose answers pass through `spoil`."""

    runner: asyncio.Runner
    account: Account
    batches: list[Batch]
    spoil: Spoil = _same
    bugs: list[str] = field(default_factory=list)

    def bug(self, source: str, doing: str, error: Exception) -> None:
        """An adapter raised what is no VendorError."""
        self.bugs.append(f"{doing}: {error!r}")


@pytest.fixture(params=VARIANTS.values(), ids=VARIANTS.keys(), scope="module")
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    """Every vendor in every way of reading."""
    vendor, options, face = request.param
    patch = pytest.MonkeyPatch()
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        spec = generate_spec(2, queues=2, agents=3)
        opened = runner.run(stack.enter_async_context(account(vendor, spec, face=face, **options)))
        targets = runner.run(opened.discover())
        found = Line(runner, opened, opened.plan(targets, "30m", families=FAMILIES))
        whole = http_client.read_capped

        async def spoiled(response: Any, limit: int, **more: Any) -> bytes:
            return found.spoil(await whole(response, limit, **more))

        patch.setattr(http_client, "read_capped", spoiled)
        yield found
        patch.undo()
        runner.run(stack.aclose())


def _truncated(cut: float) -> Spoil:
    return lambda body: body[: int(len(body) * cut)]


def _overwritten(place: float, by: bytes) -> Spoil:
    def spoil(body: bytes) -> bytes:
        start = int(len(body) * place)
        return body[:start] + by + body[start + len(by) :]

    return spoil


def _inserted(place: float, what: bytes) -> Spoil:
    return lambda body: body[: int(len(body) * place)] + what + body[int(len(body) * place) :]


def _swapped(one: bytes, other: bytes) -> Spoil:
    return lambda body: body.replace(one, other)


PLACES = st.floats(0, 1, exclude_max=True)
PIECES = st.binary(max_size=12) | st.sampled_from(
    [
        b"null",
        b"1e999",
        b"NaN",
        b"-1",
        b"[",
        b"{",
        b'"',
        b",",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"[" * 3000,
        b'{"a":' * 3000,
    ]
)
TOKENS = st.sampled_from(
    [b":", b",", b"0", b"1", b"[]", b"{}", b'"', b"true", b"false", b"null", b"{", b"}", b"[", b"]", b"sid", b"metric"]
)
SPOILS = st.one_of(
    st.builds(_truncated, PLACES),
    st.builds(_overwritten, PLACES, PIECES),
    st.builds(_inserted, PLACES, PIECES),
    st.builds(_swapped, TOKENS, TOKENS | PIECES),
    st.binary(max_size=200).map(lambda body: lambda _: body),
)


@MANY
@given(spoil=SPOILS, which=st.integers(0, 10**6))
def test_any_bytes_are_readings_or_a_broken_answer(line: Line, spoil: Spoil, which: int) -> None:
    batch = line.batches[which % len(line.batches)]
    line.spoil, line.bugs = spoil, []
    readings = line.runner.run(read_batch(line.account.source, batch, report=line.bug))

    assert line.bugs == []
    assert {reading.target.key for reading in readings} >= {target.key for target in batch.targets}
    merger = Merger(line.account.adapter.abilities)
    merger.expect(batch.targets)
    for reading in readings:
        assert reading.error is None or isinstance(reading.error, BrokenAnswerError), reading.error
        merger.add(reading)
    for snapshot in merger.snapshots():
        assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot


@MANY
@given(spoil=SPOILS)
def test_any_bytes_are_a_discovery_or_a_vendor_error(line: Line, spoil: Spoil) -> None:
    line.spoil = spoil
    refused: VendorError | None = None
    try:
        found = line.runner.run(line.account.source.discover())
    except VendorError as error:
        refused = error
    else:
        assert len({target.key for target in found.targets}) == len(found.targets)
    finally:
        line.spoil = _same
    assert not isinstance(refused, TransientError), "the vendor was there all the time"


HEADERS = st.dictionaries(
    st.sampled_from(
        ["Retry-After", "X-Rate-Limit-Limit", "inin-ratelimit-allowed", "inin-ratelimit-count", "inin-ratelimit-reset"]
    ),
    st.text(max_size=30) | st.floats().map(str) | st.integers().map(str) | st.datetimes().map(str),
)


@MANY
@given(status=st.integers(400, 599), headers=HEADERS, body=st.binary(max_size=300) | st.just(b"[" * 100_000))
@pytest.mark.parametrize("dialect", [TwilioDialect(), GenesysDialect()], ids=["twilio", "genesys"])
def test_any_refusal_is_a_vendor_error_and_any_header_a_hint_or_nothing(
    dialect: TwilioDialect | GenesysDialect, status: int, headers: dict[str, str], body: bytes
) -> None:
    assert isinstance(dialect.fault(status, headers, body, Origin()), VendorError)
    hint = dialect.hint(headers)
    assert hint is None or isinstance(hint.limit, Limit | None)
    after = retry_after(headers)
    assert after is None or after >= 0
    clock = VendorClock()
    clock.observe(headers.get("Retry-After"), wall_clock(), wall_clock())
    assert abs(clock.offset.total_seconds()) <= 86_401


@MANY
@given(
    text=st.text(max_size=200) | st.from_regex(r'\[sources\.[a-z]+\]\n[a-z_]+ = ["0-9a-z\[\]{}=, ]*\n', fullmatch=True)
)
def test_any_configuration_file_is_a_configuration_or_a_config_error(tmp_path_factory: Any, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(text, encoding="utf-8", errors="replace")
    message = ""
    try:
        resolve(load_config(file))
    except ConfigError as error:
        message = str(error)
    assert "\n" not in message
