"""Virtual time for properties: a loop of its own per example, which cannot spin unseen."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import looptime
import pytest

SPINS = 20_000
"""Rounds of the loop at one virtual instant; more than any test needs, and soon counted."""


def _run(main: Callable[[], Awaitable[Any]]) -> Any:
    loop = looptime.new_event_loop(start=0, resolution=1e-9, noop_cycles=3)
    rounds, last, once = 0, -1.0, loop._run_once

    def counted() -> None:
        nonlocal rounds, last
        rounds = rounds + 1 if loop.time() == last else 0
        last = loop.time()
        if rounds > SPINS:
            rounds = 0
            raise RuntimeError(f"the loop spins at {last}")
        once()

    loop._run_once = counted
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main())


@pytest.fixture(scope="session")
def virtual() -> Callable[[Callable[[], Awaitable[Any]]], Any]:
    """Runs a coroutine function from virtual second 0 to its end; fails where the loop spins without time passing."""
    return _run
