"""What the tests of several workers share: the scripted vendor of the monitor's tests."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest


def _load(name: str, path: Path) -> None:
    """Make a helper importable by name: in importlib mode test files find no siblings."""
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)
    spec.loader.exec_module(sys.modules[spec.name])


if "monitor_fake" not in sys.modules:
    _load("monitor_fake", Path(__file__).parent.with_name("monitor") / "fake.py")

from monitor_fake import FakeAdapter, WallClock  # noqa: E402 - made importable just above


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> FakeAdapter:
    """A scripted vendor, installed under the name `fake`."""
    adapter = FakeAdapter()
    monkeypatch.setattr("ccstats.registry.load_adapter", {"fake": adapter}.__getitem__)
    return adapter


@pytest.fixture
def wall() -> WallClock:
    """The machine's wall clock."""
    return WallClock()
