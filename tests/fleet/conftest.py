"""What the tests of several workers share: a real Redis server, and the scripted vendor of the monitor's tests."""

import sys
from collections.abc import AsyncIterator, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def _load(name: str, path: Path) -> None:
    """Make a helper importable by name: in importlib mode test files find no siblings."""
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules.setdefault(spec.name, module)
    spec.loader.exec_module(sys.modules[spec.name])


if "monitor_fake" not in sys.modules:
    _load("monitor_fake", HERE.with_name("monitor") / "fake.py")
_load("fleet_server", HERE / "server.py")
_load("fleet_processes", HERE / "processes.py")
_load("fleet_switch", HERE / "switch.py")
_load("fleet_shared", HERE / "shared.py")
_load("fleet_writing", HERE / "writing.py")
_load("fleet_spending", HERE / "spending.py")

from fleet_server import RedisServer, missing  # noqa: E402 - made importable just above
from fleet_shared import Shared, on_local, on_redis  # noqa: E402 - the same
from monitor_fake import vendor, wall  # noqa: E402 - the same

__all__ = ["vendor", "wall"]


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(_server: RedisServer) -> RedisServer:
    """A Redis server of this test process that runs and is empty."""
    if _server.process is None:  # the test before has killed it
        _server.start()
    _server.empty()
    return _server


@pytest.fixture(params=["local", "redis"])
async def shared(request: pytest.FixtureRequest) -> AsyncIterator[Shared]:
    """Every coordinator that there is."""
    one = on_local() if request.param == "local" else on_redis(request.getfixturevalue("redis_server"))
    yield one
    await one.one.aclose()
    await one.other.aclose()
