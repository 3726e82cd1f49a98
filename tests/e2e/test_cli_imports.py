"""What is loaded when, and what is said where the packages of the command line are not installed."""

import json
import sys
from typing import Any

import pytest

import ccstats

LOADED = "import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
WITHOUT = """
import runpy, sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if f"{{name}}.".startswith({package!r} + "."):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
sys.argv[:] = ["ccstats", "--help"]
runpy.run_module("ccstats", run_name="__main__")
"""


def python(cli: Any, code: str) -> Any:
    return cli.apart(command=(sys.executable, "-P", "-c", code))


def loaded(cli: Any, module: str) -> set[str]:
    ran = python(cli, LOADED.format(module=module))
    assert (ran.code, ran.err) == (0, "")
    return set(json.loads(ran.out))


def test_importing_ccstats_loads_nothing_before_it_is_used(cli: Any) -> None:
    assert [one for one in loaded(cli, "ccstats") if one.startswith(("ccstats.", "aiohttp", "pydantic"))] == []


def test_the_words_of_the_model_need_no_network(cli: Any) -> None:
    modules = loaded(cli, "ccstats; ccstats.Snapshot, ccstats.ConfigError")
    assert "pydantic" in modules
    assert "aiohttp" not in modules


def test_every_public_name_is_there() -> None:
    assert [name for name in ccstats.__all__ if getattr(ccstats, name, None) is None] == []
    assert set(ccstats.__all__) < set(dir(ccstats))
    with pytest.raises(AttributeError, match="nope"):
        _ = ccstats.nope


def test_reading_a_snapshot_loads_no_simulator(cli: Any) -> None:
    modules = loaded(cli, "ccstats.cli.app; from ccstats.cli import snapshot")
    assert [one for one in modules if one.startswith(("aiohttp.web", "ccstats.simulator"))] == []


def test_a_monitor_loads_no_adapter_no_server_no_redis_and_no_command_line(cli: Any) -> None:
    modules = loaded(cli, "ccstats; ccstats.Monitor")
    assert "aiohttp" in modules
    unwanted = (
        "ccstats_twilio",
        "ccstats_genesys",
        "aiohttp.web",
        "click",
        "rich",
        "ccstats.cli",
        "ccstats.serve",
        "ccstats.simulator",
        "redis",
        "ccstats.coordination.redis",
    )
    assert [one for one in modules if one.startswith(unwanted)] == []


def test_the_command_line_loads_no_adapter_before_it_needs_one(cli: Any) -> None:
    modules = loaded(cli, "ccstats.cli.app")
    assert "click" in modules
    assert [one for one in modules if one.startswith(("ccstats_twilio", "ccstats_genesys"))] == []


def test_python_m_ccstats_is_the_command_line(cli: Any) -> None:
    ran = cli.apart("--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: ccstats ")


@pytest.mark.parametrize("package", ["click", "rich"])
def test_without_the_extra_the_pip_line_is_printed(cli: Any, package: str) -> None:
    ran = python(cli, WITHOUT.format(package=package))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert "pip install 'ccstats[cli]'" in ran.err


def test_another_missing_package_is_not_blamed_on_the_extra(cli: Any) -> None:
    ran = python(cli, WITHOUT.format(package="ccstats.simulator.stage"))
    assert ran.code == 1
    assert "No module named 'ccstats.simulator.stage'" in ran.err
    assert "pip install" not in ran.err
