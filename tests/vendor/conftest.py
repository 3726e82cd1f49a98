"""What the tests of the adapters share: bodies, honest walks over snapshots, and simulated accounts on loopback."""

import asyncio
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

KITS = ("bodies", "honesty", "twilio_parts", "genesys_parts", "loopback")


def _load(name: str) -> None:
    """Make a helper of this folder importable as `vendor_<name>`: in importlib mode test files find no siblings."""
    spec = spec_from_file_location(f"vendor_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


for kit in KITS:
    _load(kit)


@pytest.fixture(autouse=True, scope="session")
def _no_stray_loop() -> None:
    """Keep looptime from making an event loop, which nobody would close, for tests that need none."""
    asyncio.set_event_loop(None)
