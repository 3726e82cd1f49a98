"""The event loop on virtual time that the benchmarks share with plugins' tests."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from ccstats.testing.virtual import VirtualLoop

__all__ = ["VirtualLoop", "run"]

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T], loop: VirtualLoop) -> T:
    """Run `main` on `loop`."""
    return loop.run(main)
