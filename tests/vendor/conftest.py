"""What the tests of the adapters share: bodies, honest walks over snapshots, and simulated accounts on loopback."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

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
