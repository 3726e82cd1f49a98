"""What `watch` and `serve` show: sources that are polled here, or the table that workers share."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import click

from ccstats.cli.meeting import met_at
from ccstats.cli.options import load
from ccstats.cli.signals import Reload
from ccstats.config import Config, Redis, load_reader_config
from ccstats.fleet import attach
from ccstats.monitor import Monitor
from ccstats.monitor.view import View
from ccstats.poller import Only

Again = Callable[[], Config]
"""Reads the configuration once more."""


@dataclass(frozen=True, slots=True)
class Showing:
    """What is shown while `running` is entered, and what SIGHUP does."""

    view: View
    running: Callable[[], AbstractAsyncContextManager[None]]
    reload: Reload | None


def polled(config: Config, only: Only | None = None, again: Again | None = None) -> Showing:
    """Everything that a configuration says, polled here; `again` gives the one to follow after a SIGHUP."""
    monitor = Monitor(config, only=only)

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        async with monitor:
            yield
            await monitor.drain()

    async def reload() -> None:
        if again is not None:
            await monitor.reload(again())

    return Showing(monitor, running, reload if again is not None else None)


def shared(
    redis: Redis, own: Config, only: Only | None = None, sources: tuple[str, ...] = (), again: Again | None = None
) -> Showing:
    """What the workers at `redis` share; nothing is polled. `own` stands in place of what they say of showing it."""
    reader = attach(redis, config=own, only=only, sources=sources)

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        async with reader:
            yield

    async def reload() -> None:
        if again is not None:
            reader.prefer(again())

    return Showing(reader, running, reload if again is not None else None)


def showing(
    path: str | None, url: str | None, sources: tuple[str, ...], only: Only | None, *, attached: bool
) -> tuple[Config, Callable[[], Showing]]:
    """The configuration at `path`, and what it shows: its sources, or (`attached`) the table at `url` or `redis.url`.

    What it shows is made in the event loop that shows it.
    """
    if path is None and url is None:
        raise click.UsageError("where are the numbers? Give -c FILE, or --redis URL.")
    if path is not None and not attached:
        config, again = load(path, sources), lambda: load(path, sources)
        return config, lambda: polled(config, only, again)
    own = load_reader_config(path) if path is not None else Config()
    redis, follow = met_at(own, url), (lambda: load_reader_config(path)) if path is not None else None
    return own, lambda: shared(redis, own, only, sources, follow)
