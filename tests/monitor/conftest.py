"""What the tests of the monitor share: a scripted vendor behind the registry, and a wall clock that can be set."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def _load(name: str) -> None:
    """Make a helper of this folder importable as `monitor_<name>`: in importlib mode test files find no siblings."""
    spec = spec_from_file_location(f"monitor_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


_load("fake")

from monitor_fake import vendor, wall  # noqa: E402 - made importable just above

__all__ = ["vendor", "wall"]
