"""What ends a command that runs until it is told to, and what makes it read its configuration again."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from ccstats.cli.exits import Exit
from ccstats.errors import ConfigError

logger = logging.getLogger(__name__)

LONGEST_END = 8.0
"""Seconds from the first signal to the end of the process, whatever hangs."""

Reload = Callable[[], Awaitable[None]]


class Told:
    """SIGINT and SIGTERM set `ended`; the second of them ends the process at once."""

    def __init__(self, last_words: Callable[[], None]) -> None:
        self.ended = asyncio.Event()
        self._last_words = last_words
        self._done = False

    def end(self, number: int) -> None:
        """One signal to end has come."""
        if self.ended.is_set():
            self._leave(number)
        self.ended.set()
        # A thread, as it may be the event loop that hangs: in a plugin that ignores cancellation, or does not await.
        watchdog = threading.Timer(LONGEST_END - 0.5, self._late, (number,))
        watchdog.daemon = True
        watchdog.start()

    def done(self) -> None:
        """Everything is closed. The watchdog stays: Python waits for its threads, and one may be looking up the name of
        a host, which nobody can cancel and takes half a minute where the name server is away.
        """
        self._done = True

    def _late(self, number: int) -> None:
        if self._done:
            os._exit(Exit.OK)
        self._leave(number)

    def _leave(self, number: int) -> None:
        self._last_words()
        os._exit(128 + number)


@asynccontextmanager
async def told(
    reload: Reload | None = None, last_words: Callable[[], None] = lambda: None
) -> AsyncGenerator[asyncio.Event]:
    """What is set when the process is told to end. SIGHUP calls `reload`, and without one it ends, as its terminal is
    gone. `last_words` are said before a sudden end.
    """
    loop, hearer = asyncio.get_running_loop(), Told(last_words)
    under_way: set[asyncio.Task[None]] = set()

    def again() -> None:
        if reload is not None:
            task = loop.create_task(_reloaded(reload), name="reload")
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    heard = {signal.SIGINT: hearer.end, signal.SIGTERM: hearer.end}
    with suppress(NotImplementedError):  # Windows has no such handlers: there, ctrl-c interrupts
        for number, action in heard.items():
            loop.add_signal_handler(number, action, number)
        if reload is not None:
            loop.add_signal_handler(signal.SIGHUP, again)
        elif signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # nohup has it ignored
            loop.add_signal_handler(signal.SIGHUP, hearer.end, signal.SIGHUP)
    try:
        yield hearer.ended
    finally:
        for task in under_way:
            task.cancel()
    hearer.done()


async def _reloaded(reload: Reload) -> None:
    try:
        await reload()
    except ConfigError as error:
        logger.error("the configuration is wrong, the old one holds: %s", error)  # noqa: TRY400 - one line for a person
    except Exception:
        logger.exception("the configuration could not be followed")
    else:
        logger.info("the configuration was read again")
