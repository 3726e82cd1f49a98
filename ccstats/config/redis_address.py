"""Where a Redis server is reached, out of its URL: over TLS, on this machine, or in the clear where that is allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote

URL = re.compile(
    r"(?P<scheme>rediss?)://((?P<user>[^\s:/?#@]*)(:(?P<password>[^\s/?#@]*))?@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/?#@\[\]]+)(:(?P<port>\d{1,5}))?(/(?P<db>\d{0,5}))?"
)
SOCKET = re.compile(
    r"unix://((?P<user>[^\s:/?#@]*)(:(?P<password>[^\s/?#@]*))?@)?(?P<path>/[^\s?#]+)(\?db=(?P<db>\d{1,5}))?"
)
FORM = (
    "a Redis server is written as rediss://user:password@host:port/db or unix:///path?db=0; "
    "what has a meaning in URLs (: / ? # @ %) is written as %3A and so on in a password"
)
IN_THE_CLEAR = (
    "without TLS everybody on the way can read the password and the numbers: use rediss://, or set allow_plain = true"
)


@dataclass(frozen=True, slots=True)
class RedisAddress:
    """One server: a host and a port, or the path of a socket; and who is let in there."""

    host: str = ""
    port: int = 6379
    path: str | None = None
    db: int = 0
    tls: bool = False
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """What may be shown: the place, and nothing of who is let in."""
        if self.path is not None:
            return self.path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def in_the_clear(self) -> bool:
        """Whether what is sent there leaves this machine unencrypted."""
        if self.tls or self.path is not None or self.host == "localhost":
            return False
        try:
            return not ip_address(self.host).is_loopback
        except ValueError:
            return True


def redis_address(url: str) -> RedisAddress:
    """The parts of a URL; `ValueError` says how one is written, and never quotes it: it may hold a password."""
    match = URL.fullmatch(url) or SOCKET.fullmatch(url)
    if match is None:
        raise ValueError(FORM)
    parts = match.groupdict()
    port = int(parts.get("port") or 6379)
    if not 0 < port < 65536:
        raise ValueError(FORM)
    return RedisAddress(
        host=(parts.get("host") or "").strip("[]"),
        port=port,
        path=unquote(parts["path"]) if parts.get("path") else None,
        db=int(parts["db"] or 0),
        tls=parts.get("scheme") == "rediss",
        user=unquote(parts["user"]) if parts["user"] else None,
        password=unquote(parts["password"]) if parts["password"] else None,
    )
