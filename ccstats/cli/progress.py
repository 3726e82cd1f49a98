"""Progress of a long read, on stderr, and only where somebody is looking."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

from ccstats.poller import Progress


@contextmanager
def progress_on_stderr() -> Iterator[Progress | None]:
    """A callback that shows how far every source is; None where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    done: dict[str, str] = {}
    with Status("finding out what there is", console=Console(stderr=True)) as status:

        def show(source: str, number: int, total: int) -> None:
            done[source] = f"{source} {number}/{total}"
            status.update(", ".join(done.values()))

        yield show
