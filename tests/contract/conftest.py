"""The lane against the vendors' official documents, which are not ours to carry: CCSTATS_CONTRACTS says where."""

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
VENDOR: Final = HERE.parent / "vendor"
KITS: Final = {
    "vendor_bodies": VENDOR / "bodies.py",
    "vendor_honesty": VENDOR / "honesty.py",
    "vendor_loopback": VENDOR / "loopback.py",
    "contract_documents": HERE / "documents.py",
    "contract_traffic": HERE / "traffic.py",
}
VARIABLE: Final = "CCSTATS_CONTRACTS"
WITHOUT: Final = f"{VARIABLE} is not set: it has to name the folder of the vendors' API documents and examples"


def _load(name: str, path: Path) -> None:
    """Make a helper importable: in importlib mode test files find no siblings."""
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


for kit, file in KITS.items():
    if kit not in sys.modules:
        _load(kit, file)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is of the lane, and skipped where the documents are not at hand."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("contracts")
            if VARIABLE not in os.environ:
                item.add_marker(pytest.mark.skip(reason=WITHOUT))


@pytest.fixture(scope="session")
def folder() -> Path:
    """The folder of the documents."""
    path = Path(os.environ[VARIABLE])
    assert path.is_dir(), f"{VARIABLE} names {path}, which is no folder"
    return path
