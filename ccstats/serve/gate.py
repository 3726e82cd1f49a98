"""Who may read, how much at once, and what every answer carries: before anything else looks at a request."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Final

from aiohttp import hdrs, web
from yarl import URL

from ccstats.config import Serve
from ccstats.serve.problems import Refused

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ALWAYS: Final[Mapping[str, str]] = {
    "Server": "ccstats",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
}
LONGEST = 60.0
"""Seconds of one answer, streams aside: a reader that does not read must not keep the room of others."""
OPEN: Final = frozenset({"/", "/healthz", "/readyz"})
"""What is answered without a token: the page, which has no number in it, and whether this process is well."""
OPEN_BELOW: Final = "/static/"
CHALLENGE: Final[Mapping[str, str]] = {hdrs.WWW_AUTHENTICATE: 'Bearer realm="ccstats"'}


class Gate:
    """Lets requests in: the token, the host, other origins, and how many at once.

    `settings` is asked for every request, so a configuration that is read again holds at once.
    """

    def __init__(self, settings: Callable[[], Serve], *, insecure: bool, host: str) -> None:
        self._settings = settings
        self._insecure = insecure
        self._host = host
        self._answering = 0
        self.heard: Callable[[object], None] = lambda _: None
        """Is told the connection of every request."""

    @web.middleware
    async def let_in(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """One request, or the problem in its place."""
        self.heard(request.protocol)
        serve = self._settings()
        origin = _allowed_origin(request, serve)
        try:
            self._check_host(request, serve)
            if request.method == "OPTIONS" and origin is not None:
                response: web.StreamResponse = web.Response(status=204)
            else:
                self._check_token(request, serve)
                response = await self._answered(request, handler, serve)
        except Refused as refused:
            response = refused.response()
        except web.HTTPException as error:
            allow = error.headers.get(hdrs.ALLOW)
            response = Refused(error.status, headers={hdrs.ALLOW: allow} if allow else {}).response()
        except (ConnectionResetError, asyncio.CancelledError):
            raise
        except Exception:
            logger.exception("a request to %s could not be answered", request.path)
            response = Refused(500).response()
        if not response.prepared:
            response.headers.update(_sharing(origin))
        return response

    def share(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let a page of a configured origin read an answer that is begun before its handler ends."""
        response.headers.update(_sharing(_allowed_origin(request, self._settings())))

    async def _answered(self, request: web.Request, handler: Handler, serve: Serve) -> web.StreamResponse:
        if getattr(request.match_info.handler, "stream", False):  # streams are counted by connection
            return await handler(request)
        if self._answering >= serve.max_requests:
            raise Refused(503, "too many requests at once", {hdrs.RETRY_AFTER: "1"})
        self._answering += 1
        try:
            async with asyncio.timeout(LONGEST):
                return await handler(request)
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError("a reader took too long") from None
        finally:
            self._answering -= 1

    def _check_token(self, request: web.Request, serve: Serve) -> None:
        if serve.token is None or request.path in OPEN or request.path.startswith(OPEN_BELOW):
            return
        scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or not _same(given.strip(), serve.token.reveal()):
            raise Refused(401, headers=CHALLENGE)

    def _check_host(self, request: web.Request, serve: Serve) -> None:
        """Without a token, a page that has its own name resolve to this machine must not read through a browser."""
        if serve.token is not None or self._insecure:
            return
        try:
            host = URL(f"http://{request.headers.get(hdrs.HOST, '')}").host
        except ValueError:
            host = None
        if host is None or not (host == self._host or is_loopback(host)):
            raise Refused(421, "this is served for this machine alone")


async def dress(_: web.Request, response: web.StreamResponse) -> None:
    """What every answer carries."""
    for name, value in ALWAYS.items():
        if name == "Server" or name not in response.headers:
            response.headers[name] = value
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _same(given: str, token: str) -> bool:
    """Compared as digests: in the same time whatever the token's length and however much of it is right."""
    mine = hashlib.sha256(token.encode()).digest()
    return hmac.compare_digest(mine, hashlib.sha256(given.encode(errors="surrogateescape")).digest())


def _allowed_origin(request: web.Request, serve: Serve) -> str | None:
    origin = request.headers.get(hdrs.ORIGIN)
    return origin if origin in serve.allow_origins else None


def _sharing(origin: str | None) -> dict[str, str]:
    if origin is None:
        return {}
    return {
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "Authorization, If-None-Match, Last-Event-ID",
        hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD",
        hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: "ETag",
        hdrs.VARY: "Origin",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
