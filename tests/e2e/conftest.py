"""What the tests of the command line share."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest


def _load(name: str) -> Any:
    """Make a helper of this folder importable as `e2e_<name>`: in importlib mode test files find no siblings."""
    spec = spec_from_file_location(f"e2e_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


RUNS = _load("cli_runs")


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A command line in an empty folder, with nothing of ours in its environment."""
    monkeypatch.delenv("CCSTATS_CONFIG", raising=False)
    return RUNS.CommandLine(tmp_path, capsys)
