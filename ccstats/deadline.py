"""Ending what takes too long, at little cost where nothing does.

`asyncio.timeout` sets a timer and takes it back for every use, which costs as much as a tenth of a whole request. Here
all uses of one length of time share a timer: deadlines of one length come in the order in which they were set.
"""

from __future__ import annotations

import asyncio
import math
from types import TracebackType
from typing import Self


class Deadlines:
    """Hands out deadlines; one per program is enough."""

    def __init__(self) -> None:
        self._lines: dict[float, _Line] = {}

    def within(self, seconds: float) -> Deadline:
        """A context manager that ends its body after `seconds` with `TimeoutError`; for one use, inside a task."""
        line = self._lines.get(seconds)
        if line is None:
            line = self._lines[seconds] = _Line(seconds)
        return Deadline(line)

    def close(self) -> None:
        """Take back every timer. What is under way goes on without a deadline."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()


class Deadline:
    """One use. `expired` says whether it was this deadline that ended the body."""

    __slots__ = ("_before", "_line", "_task", "ends", "expired", "seconds")

    def __init__(self, line: _Line) -> None:
        self.expired = False
        self.ends = math.inf
        self.seconds = line.seconds
        self._line = line

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is set inside a task")
        self._task = task
        self._before = task.cancelling()
        self._line.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.remove(self)
        # As in asyncio.timeout: where somebody else has cancelled the task as well, their cancellation goes on.
        if self.expired and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """The time is over."""
        self.expired = True
        self._task.cancel()


class _Line:
    """All deadlines of one length, the oldest first."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: dict[Deadline, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, deadline: Deadline) -> None:
        loop = asyncio.get_running_loop()
        deadline.ends = loop.time() + self.seconds
        self._running[deadline] = None
        if self._timer is None:
            self._timer = loop.call_at(deadline.ends, self._look)

    def remove(self, deadline: Deadline) -> None:
        self._running.pop(deadline, None)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._running.clear()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        assert self._timer is not None  # noqa: S101 - it has just rung
        now = max(loop.time(), self._timer.when())  # a timer may ring within the clock's resolution before its time
        self._timer = None
        for deadline in list(self._running):
            if deadline.ends > now:
                self._timer = loop.call_at(deadline.ends, self._look)
                return
            del self._running[deadline]
            deadline.expire()
