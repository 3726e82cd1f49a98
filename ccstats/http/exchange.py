"""A request and its answer, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from yarl import URL

from ccstats.budget import Budget
from ccstats.errors import RequestRefusedError


@dataclass(slots=True)
class Request:
    """One request, complete but for credentials.

    `endpoint` is method and path template, the only form in which the request appears in errors and logs. `safe` says
    that sending it twice does no harm: true for every read, also those that vendors put into a POST. `body` is for
    credentials that sign the very bytes that are sent; with others, `json` or `form` is simpler.
    """

    method: str
    url: URL
    endpoint: str
    json: Any = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    body: bytes = field(default=b"", repr=False)
    budgets: tuple[Budget, ...] = ()
    safe: bool = True


@dataclass(slots=True)
class Answer:
    """What a vendor answered: status 200 to 299, headers, the unpacked body, and when by the vendor's clock."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: datetime


@dataclass(slots=True)
class Traffic:
    """What one source has sent and received."""

    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    failures: int = 0
    bytes: int = 0
    repeated: int = 0
    """Rows of lists whose id had come before: pages shift while they are read. The last one holds."""


class Permit(Protocol):
    """Whether requests may leave at all; asked in the moment when one does."""

    def take(self) -> None:
        """One request leaves; a `RequestRefusedError` where it must not."""
        ...


@dataclass(slots=True)
class Allowance:
    """How many requests may still be sent: the hard end of a probe on somebody's real account."""

    left: int

    def take(self) -> None:
        """One less; a `RequestRefusedError` where none is left."""
        if self.left <= 0:
            raise RequestRefusedError("not sent: the allowance is spent")
        self.left -= 1
