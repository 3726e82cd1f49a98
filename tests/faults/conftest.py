"""The fault lane: heavier than the suite, run by `make test-faults`."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _load(folder: Path, prefix: str, name: str) -> None:
    """Make a helper importable as `<prefix>_<name>`: in importlib mode test files find no siblings."""
    spec = spec_from_file_location(f"{prefix}_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


for kit in ("chaos", "outages", "acme"):
    _load(HERE, "faults", kit)
_load(HERE.parent / "vendor", "vendor", "loopback")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is of the lane `faults`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.faults)
