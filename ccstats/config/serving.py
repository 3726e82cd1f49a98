"""What a user writes about serving: where it listens, who may read, what a wallboard marks."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from ccstats.config.period import Period, parse_period
from ccstats.config.secret import Secret
from ccstats.config.strict import Settings

ORIGIN = re.compile(r"https?://[^\s/?#@*]+")
LISTEN = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/@]+):(?P<port>\d{1,5})")


def _origin(value: str) -> str:
    if not ORIGIN.fullmatch(value):
        raise ValueError("an origin is written as https://host, without a path; there is no wildcard")
    return value


def address(value: str) -> tuple[str, int]:
    """Host and port out of `HOST:PORT`; `ValueError` says how it is written."""
    match = LISTEN.fullmatch(value)
    if match is None or int(match["port"]) > 65535:
        raise ValueError("an address is written as HOST:PORT, such as 127.0.0.1:8500 or [::1]:8500")
    return match["host"].strip("[]"), int(match["port"])


def _listen(value: str) -> str:
    address(value)
    return value


class Serve(Settings):
    """How numbers are handed on over HTTP: on this machine only, unless there is a token."""

    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8500"
    token: Secret | None = None
    """What readers send as `Authorization: Bearer ...`."""
    allow_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    """Whose pages may read the API from a browser (CORS)."""
    max_connections: Annotated[int, Field(ge=1, le=100_000)] = 1000
    max_requests: Annotated[int, Field(ge=1, le=10_000)] = 50
    """How many requests are answered at once, streams not counted."""
    history: Path | None = None
    """An SQLite file that keeps readings; without it, they are kept in memory for half an hour."""
    history_every: Period = parse_period("30s")
    history_for: Period = parse_period("7d")


Count = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]


class Marks(Settings):
    """From which value on a number is marked: first for attention, then as an alarm."""

    waiting: tuple[Count, Count] | None = None
    longest_wait: tuple[Period, Period] | None = None
    service_level: tuple[Share, Share] | None = None
    """Below the first (the target) attention, below the second alarm."""


class Board(Settings):
    """What the wallboard shows beside the numbers; marks of single queues by glob on key or name, the last holds."""

    title: Annotated[str, Field(max_length=80)] = "Queues"
    window: str | None = None
    """The window whose handle time and service level are shown; by default the first."""
    waiting: tuple[Count, Count] = (5, 15)
    longest_wait: tuple[Period, Period] = (parse_period("1m"), parse_period("3m"))
    service_level: tuple[Share, Share] = (0.8, 0.7)
    match: dict[str, Marks] = Field(default_factory=dict)

    def marks(self, key: str, name: str | None) -> Marks:
        """From where on the numbers of a queue or group are marked."""
        found = Marks(waiting=self.waiting, longest_wait=self.longest_wait, service_level=self.service_level)
        for glob, own in self.match.items():
            if fnmatchcase(key, glob) or fnmatchcase(name or "", glob):
                found = found.model_copy(update={what: pair for what, pair in own if pair is not None})
        return found
