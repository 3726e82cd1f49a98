"""Failures on request, and a record of what was asked: the outermost layer of a simulated vendor."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from random import Random
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with the requests whose path contains `match`.

    A `status` or `body` replaces the vendor's answer (200 where only a body is given); `headers` are set on
    whichever answer goes out. The delay comes first. `drop` closes the connection without an answer. `times`
    limits how often it strikes, `share` strikes that part of the matching requests only. It strikes from `since` on
    and before `until`, by the clock of the simulated world.
    """

    match: str = ""
    times: int | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    delay_s: float = 0.0
    drop: bool = False
    share: float = 1.0
    since: datetime | None = None
    until: datetime | None = None

    def reaches(self, path: str, now: datetime) -> bool:
        """Whether a request for this path is one of those that can be struck now."""
        early = self.since is not None and now < self.since
        late = self.until is not None and now >= self.until
        return self.match in path and not early and not late


@dataclass(slots=True)
class _Armed:
    fault: Fault
    left: int | None


class Faults:
    """The faults in force; the first one that fits a request strikes it."""

    def __init__(self, seed: int = 0) -> None:
        """Start without faults; the seed decides which requests a partial share strikes."""
        self._random = Random(seed)
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force, behind those that are already there."""
        self._armed.append(_Armed(fault, fault.times))

    def clear(self) -> None:
        """Take every fault away."""
        self._armed.clear()

    def strike(self, path: str, now: datetime) -> Fault | None:
        """Return the fault that strikes a request for this path, and count it."""
        for armed in self._armed:
            fault = armed.fault
            if armed.left == 0 or not fault.reaches(path, now) or self._random.random() >= fault.share:
                continue
            if armed.left is not None:
                armed.left -= 1
            return fault
        return None


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request without its credentials, and the status it got; None for a dropped connection."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    status: int | None


class RequestLog(deque[RequestRecord]):
    """The latest requests, and an exact count of all of them by method and route template."""

    def __init__(self, keep: int = 10_000) -> None:
        super().__init__(maxlen=keep)
        self.counts: Counter[tuple[str, str]] = Counter()

    @property
    def total(self) -> int:
        """How many requests came in since the start or the last `forget`."""
        return self.counts.total()

    def forget(self) -> None:
        """Drop the records and start counting from 0."""
        self.clear()
        self.counts.clear()


def middleware(faults: Faults, requests: RequestLog, now: Callable[[], datetime]) -> Middleware:
    """Return the middleware that records every request and lets faults strike it."""

    @web.middleware
    async def outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
        body = await request.read()
        resource = request.match_info.route.resource
        requests.counts[request.method, resource.canonical if resource else request.path] += 1
        status: int | None = None
        try:
            response = await _answer(request, handler, faults.strike(request.path, now()))
            status = None if response is None else response.status
        except web.HTTPException as error:
            status = error.status
            error.headers.setdefault("Date", _http_date(now()))
            raise
        finally:
            requests.append(_record(request, body, now(), status))
        if response is None:
            return _hang_up(request)
        # Clients set their clock by this header, so it has to show the time of the simulated world.
        response.headers.setdefault("Date", _http_date(now()))
        return response

    return outermost


def _http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


async def _answer(request: web.Request, handler: Handler, fault: Fault | None) -> web.StreamResponse | None:
    if fault is None:
        return await handler(request)
    await asyncio.sleep(fault.delay_s)
    if fault.drop:
        return None
    if fault.status is None and fault.body is None:
        response = await handler(request)
    else:
        response = web.Response(status=fault.status or 200, body=fault.body)
    response.headers.update(fault.headers)
    return response


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _record(request: web.Request, body: bytes, at: datetime, status: int | None) -> RequestRecord:
    headers = {name: value for name, value in request.headers.items() if name.lower() not in SECRET_HEADERS}
    return RequestRecord(request.method, request.path, request.query_string, headers, body, at, status)
