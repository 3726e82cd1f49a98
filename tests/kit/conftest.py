"""A plugin as `new-adapter` writes it, for faults to be planted in."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ccstats.scaffold import write_project

NAME = "planted"
MODULES = ("abilities", "adapter", "api", "config", "definitions", "face", "parse", "plan", "source")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The plugin's package with all its modules, installed as far as metadata goes."""
    folder = tmp_path_factory.mktemp("plugin")
    write_project(NAME, folder)
    root = folder / f"ccstats-{NAME}"
    _install(root)
    sys.path.insert(0, str(root))
    package = importlib.import_module(f"ccstats_{NAME}")
    for module in MODULES:
        importlib.import_module(f"ccstats_{NAME}.{module}")
    yield package
    sys.path.remove(str(root))
    for name in [name for name in sys.modules if name.startswith(f"ccstats_{NAME}")]:
        del sys.modules[name]


def _install(root: Path) -> None:
    info = root / f"ccstats_{NAME}-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ccstats-{NAME}\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[ccstats.adapters]\n{NAME} = ccstats_{NAME}:adapter\n")
