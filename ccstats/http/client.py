"""The one place where requests leave the process: budget, credential, deadline, retry, and what errors become."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import aiohttp
from yarl import URL

from ccstats.auth import Auth, Signer
from ccstats.budget import LONGEST_PAUSE, InFlight, Slots
from ccstats.clock import VendorClock
from ccstats.config import IN_THE_CLEAR, Http, in_the_clear
from ccstats.deadline import Deadlines
from ccstats.errors import (
    AuthError,
    BrokenAnswerError,
    ConfigError,
    Origin,
    RateLimitedError,
    TransientError,
    UnavailableError,
    VendorError,
)
from ccstats.http.blank import blanked
from ccstats.http.exchange import Answer, Permit, Request, Traffic
from ccstats.http.faults import Dialect
from ccstats.http.guard import Guard
from ccstats.http.retry import RetryPolicy
from ccstats.http.session import Proxy, open_session, read_capped

logger = logging.getLogger(__name__)

NOTHING: Mapping[str, str] = {}
NEVER: float | None = None
ACCEPT = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Line:
    """What a client needs to know about the other end: where it is, how it speaks, whose requests these are."""

    vendor: str
    source: str
    origin: URL
    dialect: Dialect
    auth: Auth
    slots: Slots | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    guard: Guard = field(default_factory=Guard)
    plain_http: bool = False
    """Whether credentials may leave this machine without TLS."""


class HttpClient:
    """Sends requests to one origin. Credentials never go anywhere else, and redirects are not followed."""

    def __init__(
        self,
        line: Line,
        session: aiohttp.ClientSession,
        http: Http,
        *,
        clock: VendorClock,
        traffic: Traffic,
        deadlines: Deadlines,
        permit: Permit | None = None,
    ) -> None:
        if in_the_clear(line.origin) and not line.plain_http:
            raise ConfigError(IN_THE_CLEAR, key=f"sources.{line.source}")
        self.clock = clock
        self.traffic = traffic
        self._line = line
        self._signer = line.auth if isinstance(line.auth, Signer) else None
        self._session = session
        self._proxy = Proxy.of(http.proxy)
        self._timeout = http.timeout.total_seconds()
        self._max_body = http.max_body_bytes
        self._deadlines = deadlines
        self._permit = permit

    def __repr__(self) -> str:
        return f"<HttpClient {self._line.source} -> {self._line.origin}>"

    async def send(self, request: Request) -> Answer:
        """The answer to `request`; raises the `VendorError` that says what to do next.

        One 401 is answered with renewed credentials; passing faults are retried as policy and quota allow. Waiting for
        the budget is not limited in time here: whoever calls sets the deadline of the whole.
        """
        self._refuse_strangers(request)
        guard, loop = self._line.guard, asyncio.get_running_loop()
        probe = guard.shut and await self._admitted(request)
        attempt, renewed, asked_at = 1, False, NEVER
        try:
            while True:
                refused, asked_at = NOTHING, NEVER
                # Before the budget: what is granted must leave at once. A login has retries of its own.
                await self._line.auth.headers()
                try:
                    self._refuse_long_pauses(request)
                    async with InFlight(request.budgets, self._line.slots):
                        refused = await self._credential(request)
                        asked_at = loop.time()
                        answer = await self._attempt(request, refused)
                    guard.answered(asked_at)
                    for budget in request.budgets:
                        budget.proven()
                    return answer
                except AuthError as error:
                    if renewed or not refused or not error.renewable or not await self._line.auth.renew(refused):
                        raise
                    renewed = True
                    continue
                except TransientError as error:
                    delay = self._delay(request, error, attempt, probe=probe) if asked_at is not None else None
                    if delay is None:
                        raise
                attempt += 1
                await asyncio.sleep(delay)
        except BaseException as error:
            self._held_against(error, None if asked_at is None else loop.time() - asked_at, probe=probe)
            raise

    async def _admitted(self, request: Request) -> bool:
        try:
            return await self._line.guard.enter()
        except VendorError as error:
            raise error.located(vendor=self._line.vendor, source=self._line.source, endpoint=request.endpoint) from None

    def _held_against(self, error: BaseException, lasted: float | None, *, probe: bool) -> None:
        """Tell the guard how a request ended that was sent so many seconds ago, or (None) was not sent at all: refused
        by our own budget for long, or by a login that has a guard of its own.
        """
        if lasted is None:
            self._line.guard.given_up(0.0, probe=probe)
        elif isinstance(error, VendorError):
            self._line.guard.failed(error, probe=probe)
        else:
            self._line.guard.given_up(lasted, probe=probe)

    def _refuse_strangers(self, request: Request) -> None:
        if not _has_origin(request.url) or request.url.origin() != self._line.origin:
            raise BrokenAnswerError("leads to another origin; not followed", origin=self._origin(request))

    def _credential(self, request: Request) -> Awaitable[Mapping[str, str]]:
        if self._signer is None:
            return self._line.auth.headers()
        # Signed now and not before the budget was waited for: signatures carry a time and grow old in minutes.
        return self._signer.sign(request.method, request.url, request.body)

    def _refuse_long_pauses(self, request: Request) -> None:
        for budget in request.budgets:
            pause = budget.paused_for()
            if pause > self._line.retry.patience:
                message = f"not sent: the limit is spent for another {pause:.0f} s"
                raise RateLimitedError(message, origin=self._origin(request), retry_after=pause, own=True)

    def _delay(self, request: Request, error: TransientError, attempt: int, *, probe: bool) -> float | None:
        """Seconds until the next attempt, or None to give up; a spent limit pauses everybody who shares it."""
        delay = self._line.retry.delay(attempt, error, safe=request.safe)
        if delay is not None and (probe or not self._line.guard.retries()):
            delay = None
        if isinstance(error, RateLimitedError):
            self._pause(request, error, delay)
        if delay is not None:
            self.traffic.retries += 1
            logger.debug("%s: attempt %d failed, next in %.2f s", request.endpoint, attempt, delay)
        return delay

    def _pause(self, request: Request, error: RateLimitedError, delay: float | None) -> None:
        self.traffic.rate_limited += 1
        seconds = error.retry_after if error.retry_after is not None else (delay or 1.0)
        for budget in request.budgets:
            budget.pause(min(seconds, LONGEST_PAUSE), probe=True)

    async def _attempt(self, request: Request, credential: Mapping[str, str]) -> Answer:
        if self._permit is not None:
            self._take_permit(self._permit, request)
        self.traffic.requests += 1
        try:
            with self._deadlines.within(self._timeout):
                return await self._exchange(request, credential)
        except VendorError as error:
            self.traffic.failures += 1
            error.located(vendor=self._line.vendor, source=self._line.source, endpoint=request.endpoint)
            raise
        except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError, OSError, ValueError) as error:
            message = self._explained(error)
        # Raised out here, so that the cause is named and not chained: aiohttp's errors carry the request's headers, and
        # with them the credential.
        self.traffic.failures += 1
        raise UnavailableError(message, origin=self._origin(request))

    def _take_permit(self, permit: Permit, request: Request) -> None:
        try:
            permit.take()
        except VendorError as error:
            raise error.located(vendor=self._line.vendor, source=self._line.source, endpoint=request.endpoint) from None

    def _explained(self, error: Exception) -> str:
        kind = type(error).__name__
        if isinstance(error, aiohttp.ClientPayloadError | aiohttp.http_exceptions.HttpProcessingError):
            return f"the answer broke off ({kind})"
        if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
            return f"no complete answer within {self._timeout:g} s"
        if isinstance(error, aiohttp.ClientError | OSError):
            reason = getattr(getattr(error, "os_error", error), "strerror", None)
            cause = f"{kind}: {reason}" if reason else kind
            return f"{self._line.origin.host} cannot be reached ({cause})"
        return f"the answer cannot be read ({kind})"

    async def _exchange(self, request: Request, credential: Mapping[str, str]) -> Answer:
        asked_at = self.clock.local()
        async with self._session.request(
            request.method,
            request.url,
            headers={**credential, **self._proxy.forwarded(request.url), **ACCEPT},
            json=request.json,
            data=request.form or request.body or None,
            allow_redirects=False,
            proxy=self._proxy.url,
            proxy_headers=self._proxy.headers,
        ) as response:
            headers = response.headers
            self.clock.observe(headers.get("Date"), asked_at, self.clock.local())
            at = self.clock.now()
            self._observe(request, headers)
            body = await read_capped(response, self._max_body, whole=response.status < 400)
            self.traffic.bytes += len(body)
            logger.debug("%s: %s %d, %d bytes", self._line.source, request.endpoint, response.status, len(body))
            if response.status >= 400:
                sent = {**(request.form or NOTHING), **(self._proxy.headers or NOTHING), **credential}
                said, body = blanked(headers, body, sent)
                raise self._line.dialect.fault(response.status, said, body, self._origin(request))
            if response.status >= 300:
                origin = replace(self._origin(request), status=response.status)
                raise BrokenAnswerError("answered with a redirect, which is not followed", origin=origin)
            return Answer(response.status, headers, body, at)

    def _observe(self, request: Request, headers: Mapping[str, str]) -> None:
        hint = self._line.dialect.hint(headers)
        if hint is not None and request.budgets:
            request.budgets[0].observe(hint, request.endpoint)

    def _origin(self, request: Request) -> Origin:
        return Origin(vendor=self._line.vendor, source=self._line.source, endpoint=request.endpoint)


def _has_origin(url: URL) -> bool:
    return url.absolute and bool(url.raw_host)


@asynccontextmanager
async def http_session(http: Http, concurrency: int) -> AsyncGenerator[aiohttp.ClientSession]:
    """The session of one source, closed at the end."""
    session = open_session(http, concurrency)
    try:
        yield session
    finally:
        await session.close()
