"""The network as aiohttp gives it: one session, one pool, one TLS context per source."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
from aiohttp import hdrs
from yarl import URL

from ccstats.config import Http
from ccstats.errors import BrokenAnswerError, ConfigError

CONNECT_TIMEOUT = 5.0
KEEPALIVE = 75.0
"""Longer than the usual poll interval: a new TLS connection costs more than ten requests on an open one."""
CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy is, with its credentials taken out of the address (addresses show up in errors)."""

    url: URL | None = None
    headers: Mapping[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, text: str | None) -> Proxy:
        """The proxy in a configuration."""
        if text is None:
            return cls()
        url = URL(text)
        if url.user is None and url.password is None:
            return cls(url)
        header = aiohttp.encode_basic_auth(url.user or "", url.password or "")
        return cls(url.with_user(None), {"Proxy-Authorization": header})

    def forwarded(self, url: URL) -> Mapping[str, str]:
        """What goes into the request itself: without TLS there is no CONNECT that could carry the proxy's header."""
        return self.headers if self.headers is not None and url.scheme == "http" else {}


def open_session(http: Http, concurrency: int) -> aiohttp.ClientSession:
    """A session that follows no environment variables, keeps no cookies and verifies certificates."""
    connector = aiohttp.TCPConnector(
        limit=concurrency, keepalive_timeout=KEEPALIVE, ssl=_tls(http), enable_cleanup_closed=False
    )
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT),
        trust_env=False,
        raise_for_status=False,
    )
    # aiohttp sends a GET again by itself where a kept connection was dropped: a request that no budget has granted and
    # no counter has seen. It has no public switch; our own policy retries such a request, counted.
    session._retry_connection = False  # noqa: SLF001 - see above
    return session


def _tls(http: Http) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if http.ca_file is not None:
        try:
            context.load_verify_locations(http.ca_file)
        except (OSError, ssl.SSLError):
            raise ConfigError(f"{http.ca_file} holds no certificates", key="http.ca_file") from None
    return context


async def read_capped(response: aiohttp.ClientResponse, limit: int, *, whole: bool = True) -> bytes:
    """The unpacked body, or `BrokenAnswerError` as soon as it is longer than `limit` bytes.

    Of an error's body (`whole=False`) the beginning is enough: its status must not be lost for its length.
    """
    length = response.content_length
    if length is not None and length <= limit and hdrs.CONTENT_ENCODING not in response.headers:
        return await response.read()  # the parser takes no more than was announced, and nothing is to be unpacked
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(CHUNK):
        size += len(chunk)
        if size > limit:
            with suppress(aiohttp.ClientError):
                response.close()
            if not whole:
                break
            raise BrokenAnswerError(f"the answer is longer than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
