"""What somebody types while `watch` shows: another order, a filter, the end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ccstats.cli.board import SORTS
from ccstats.model import Snapshot

ESCAPE, ERASE = "\x1b", ("\x7f", "\b")
PIECE = 256
"""Bytes that are read at once: more than anybody types, less than somebody pastes."""
LONGEST = 40
"""Characters of a filter."""


@dataclass(slots=True)
class Looking:
    """How the rows are looked at now: in which order, and which of them."""

    sort: str
    filter: str = ""
    typing: bool = False
    ended: bool = False

    def typed(self, piece: str) -> None:
        """One piece of what the terminal sends: a character or several, or the sequence of one special key."""
        if piece.startswith(ESCAPE) and piece != ESCAPE:
            return  # arrows and the like mean nothing here
        for key in piece:
            self._press(key)

    def _press(self, key: str) -> None:
        if self.typing:
            self._write(key)
        elif key == "s":
            orders = list(SORTS)
            self.sort = orders[(orders.index(self.sort) + 1) % len(orders)]
        elif key == "/":
            self.typing, self.filter = True, ""
        elif key == ESCAPE:
            self.filter = ""
        elif key == "q":
            self.ended = True

    def _write(self, key: str) -> None:
        if key in ("\r", "\n"):
            self.typing = False
        elif key == ESCAPE:
            self.typing, self.filter = False, ""
        elif key in ERASE:
            self.filter = self.filter[:-1]
        elif key.isprintable() and len(self.filter) < LONGEST:
            self.filter += key

    def rows(self, snapshots: list[Snapshot]) -> list[Snapshot]:
        """Those that are wanted, in the order that is wanted."""
        return sorted(filter(self._wants, snapshots), key=SORTS[self.sort])  # type: ignore[arg-type]  # comparable

    def _wants(self, snapshot: Snapshot) -> bool:
        """A filter is a part of a name, or with * and ? a glob on it; of keys likewise."""
        wanted = self.filter.casefold()
        glob = wanted if set(wanted) & set("*?[") else f"*{wanted}*"
        names = (snapshot.target.name or snapshot.target.id, snapshot.target.key)
        return any(fnmatchcase(name.casefold(), glob) for name in names)

    def line(self) -> str:
        """What may be typed, and what was."""
        shown = f"/{self.filter}_" if self.typing else f"/{self.filter}" if self.filter else "/ filter"
        return f"s order: {self.sort}   {shown}   q end"


@contextmanager
def typing(take: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Hand on what is typed into this terminal, unseen and at once; what puts the terminal back as it was.

    Where nobody types into a terminal, or there is no such thing here (Windows), nothing is handed on.
    """
    try:
        import termios
        import tty
    except ImportError:
        yield lambda: None
        return
    if not sys.stdin.isatty():
        yield lambda: None
        return
    stdin, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(stdin)

    def back() -> None:
        termios.tcsetattr(stdin, termios.TCSANOW, before)

    def read() -> None:
        piece = os.read(stdin, PIECE)
        if piece:
            take(piece.decode(errors="ignore"))
        else:
            loop.remove_reader(stdin)  # nobody will type any more

    tty.setcbreak(stdin, termios.TCSANOW)
    loop.add_reader(stdin, read)
    try:
        yield back
    finally:
        loop.remove_reader(stdin)
        back()
