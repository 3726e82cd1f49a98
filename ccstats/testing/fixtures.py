"""Fixtures for plugins and apps: `pytest_plugins = ["ccstats.testing.fixtures"]` in a conftest.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ccstats import registry
from ccstats.testing.fake import FakeAdapter
from ccstats.testing.virtual import VirtualLoop


@pytest.fixture
def virtual_clock() -> Iterator[VirtualLoop]:
    """An event loop on virtual time: `virtual_clock.run(main())` lets an hour pass in milliseconds."""
    loop = VirtualLoop()
    yield loop
    if not loop.is_closed():
        loop.close()


@pytest.fixture
def fake_vendor(monkeypatch: pytest.MonkeyPatch) -> FakeAdapter:
    """A scripted vendor, installed under the name `fake` beside those that are really there."""
    adapter, load = FakeAdapter(), registry.load_adapter
    monkeypatch.setattr(registry, "load_adapter", lambda name: adapter if name == adapter.name else load(name))
    return adapter
