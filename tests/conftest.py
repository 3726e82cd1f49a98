"""What every test can rely on: one tree under test, and no secret anywhere.

The canary: secrets that tests use (the simulated accounts' own, and whatever starts with CANARY) are looked for in
every log record at DEBUG, in everything printed, in every failure report, and in the text of every error that the
library makes. A test that prints a simulator's configuration on purpose is marked `prints_credentials`.
"""

import asyncio
import base64
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

import ccstats
import ccstats_genesys
import ccstats_twilio
from ccstats.errors import ConfigError, CoordinatorError, VendorError
from ccstats.simulator.center import Center
from ccstats.simulator.face import World
from ccstats.simulator.generate import generate_spec
from ccstats_genesys.face import GenesysFace
from ccstats_twilio.face import TwilioFace

# How long one example takes says more about the machine's other work than about the code.
hypothesis.settings.register_profile("suite", parent=hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("suite")

CANARY = "canary-5e1f0a"


def _simulated_secrets() -> list[str]:
    world = World(Center(generate_spec(1, queues=1, agents=1), datetime(2026, 1, 1, tzinfo=UTC)))
    twilio = TwilioFace().configuration("http://127.0.0.1", world)
    genesys = GenesysFace().configuration("http://127.0.0.1", world)
    tokens = [world.credential(f"genesys:token:{number}", 64) for number in range(1, 20)]
    return [str(twilio["auth_token"]), str(genesys["client_secret"]), *tokens]


def _encoded(secret: str) -> list[str]:
    """How a secret looks inside base64, wherever in the text it begins; the ends depend on its neighbours."""
    return [base64.b64encode(b"-" * lead + secret.encode()).decode()[lead and 4 : -4].rstrip("=") for lead in range(3)]


SECRETS = tuple(form for secret in (CANARY, *_simulated_secrets()) for form in (secret, *_encoded(secret)))


def found_in(text: str) -> list[str]:
    """Which secrets a text shows."""
    return [secret[:6] + "..." for secret in SECRETS if secret in text]


class _Watch(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.leaks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        formatted = logging.Formatter("%(message)s").format(record)
        if found_in(formatted) or found_in(repr(record.__dict__)):
            self.leaks.append(f"log record of {record.name}")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a run in which core and adapters come from different trees."""
    config.addinivalue_line("markers", "prints_credentials: prints a simulator's made-up credentials on purpose")
    roots = {_root(ccstats), *(_root(package) for package in (ccstats_twilio, ccstats_genesys))}
    tree = Path(__file__).parent.parent
    mixed = {root in (tree, tree / "adapters") for root in roots}
    if len(mixed) != 1:
        raise pytest.UsageError(f"core and adapters come from different trees: {sorted(map(str, roots))}")


def _root(package: object) -> Path:
    return Path(str(getattr(package, "__file__", ""))).parent.parent


@pytest.fixture(scope="session", autouse=True)
def _no_loop_before_the_first_test() -> None:
    # looptime otherwise makes an event loop for the first synchronous test, which nobody closes.
    asyncio.set_event_loop(None)


@pytest.fixture
def canary() -> str:
    """A secret that must not be seen anywhere."""
    return f"{CANARY}-{'x' * 20}"


@pytest.fixture(autouse=True)
def _no_secret_in_logs_or_errors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    watch = _Watch()
    root = logging.getLogger()
    level = root.level
    root.addHandler(watch)
    root.setLevel(logging.DEBUG)
    for kind in (VendorError, ConfigError, CoordinatorError):
        _watch_errors(monkeypatch, kind, watch)
    yield
    root.removeHandler(watch)
    root.setLevel(level)
    assert not watch.leaks, f"a secret was seen in: {watch.leaks}"


def _watch_errors(
    monkeypatch: pytest.MonkeyPatch, kind: type[VendorError | ConfigError | CoordinatorError], watch: _Watch
) -> None:
    make = kind.__init__

    def watched(self: Exception, *given: object, **named: object) -> None:
        make(self, *given, **named)  # type: ignore[arg-type]  # whatever the error takes
        if found_in(f"{self} {self!r} {vars(self)!r}"):
            watch.leaks.append(f"error {type(self).__name__}")

    monkeypatch.setattr(kind, "__init__", watched)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Fail a test whose output or failure shows a secret."""
    report = yield
    if item.get_closest_marker("prints_credentials") is None:
        shown = [name for name, text in [*report.sections, ("failure", report.longreprtext)] if found_in(text)]
        if shown:
            report.outcome = "failed"
            report.longrepr = f"a secret was seen in: {', '.join(shown)}"
    return report
