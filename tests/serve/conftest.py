"""What the tests of the server share: a scripted vendor behind a monitor, served on loopback."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest

from ccstats.config import Config, GroupOptions, Serve
from ccstats.monitor import Monitor
from ccstats.serve import serving


def _helper(folder: str, name: str) -> ModuleType:
    """A helper of another folder's tests: in importlib mode test files find no other folder."""
    full = f"{folder}_{name}"
    if full not in sys.modules:
        spec = spec_from_file_location(full, Path(__file__).parent.parent / folder / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[full] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full])
    return sys.modules[full]


def _fake() -> ModuleType:
    """The scripted vendor of the monitor's tests."""
    return _helper("monitor", "fake")


_helper("fleet", "writing")


@dataclass
class Event:
    """One server-sent event."""

    name: str
    data: Any
    ident: str | None


class Stream:
    """The events of one response, read as a browser reads them."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.last: str | None = None

    async def __aiter__(self) -> AsyncIterator[Event]:
        fields: dict[str, str] = {}
        async for raw in self.response.content:
            line = raw.decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                self.last = fields.get("id", self.last)
                if "event" in fields:
                    yield Event(fields["event"], json.loads(fields["data"]), fields.get("id"))
                fields = {}

    async def until(self, wanted: Callable[[Event], bool]) -> list[Event]:
        """Every event up to the first that fits."""
        seen = []
        async for event in self:
            seen.append(event)
            if wanted(event):
                return seen
        raise AssertionError(f"the stream ended after {[event.name for event in seen]}")

    async def synced(self) -> list[Event]:
        """Everything that is pending."""
        return await self.until(lambda event: event.name == "sync")


@dataclass
class Served:
    """A monitor being served, and somebody who asks."""

    url: str
    monitor: Monitor
    session: aiohttp.ClientSession

    def get(self, path: str, **headers: str) -> Any:
        return self.session.get(
            self.url + path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )

    async def json(self, path: str) -> Any:
        async with self.get(path) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    @asynccontextmanager
    async def stream(self, path: str = "/api/v1/stream", **headers: str) -> AsyncGenerator[Stream]:
        async with self.get(path, **headers) as response:
            assert response.status == 200
            yield Stream(response)


@pytest.fixture
def events() -> type[Stream]:
    """Reads a response as server-sent events."""
    return Stream


Serving = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture
def vendor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A scripted vendor, installed under the name `fake`."""
    adapter = _fake().FakeAdapter()
    monkeypatch.setattr("ccstats.registry.load_adapter", {"fake": adapter}.__getitem__)
    return adapter


@pytest.fixture
def serve(vendor: Any) -> Serving:
    """Serve sources of these names; what is given about serving is put into the configuration."""

    @asynccontextmanager
    async def start(
        *names: str,
        insecure: bool = False,
        groups: dict[str, tuple[str, ...]] | None = None,
        board: Any = None,
        **more: Any,
    ) -> AsyncGenerator[Served]:
        never = _fake().poll(realtime_every=86400, window_every=86400)  # what is read, a test asks for
        config: Config = _fake().config(*(names or ("acme",)), every=never)
        settings = Serve(**{"listen": "127.0.0.1:0", **more})
        update: dict[str, Any] = {"serve": settings}
        update["groups"] = {name: GroupOptions(match=match) for name, match in (groups or {}).items()}
        if board is not None:
            update["board"] = board
        async with Monitor(config.model_copy(update=update)) as monitor:
            expected = sum(len(vendor[name].targets) for name in config.sources)
            while len(monitor.latest()) < expected:  # noqa: ASYNC110 - discovery has no event of its own
                await asyncio.sleep(0)
            await monitor.refresh()
            async with serving(monitor, settings, insecure=insecure) as url, aiohttp.ClientSession() as session:
                yield Served(url, monitor, session)

    return start
