"""How a request proves who sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from yarl import URL


class Auth(Protocol):
    """Puts credentials on requests, and knows what to do when a vendor refuses them."""

    async def headers(self) -> Mapping[str, str]:
        """The headers that carry the credential. Raises `AuthError` where none can be had."""
        ...

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 to a request sent with `refused`: whether another try has different credentials to offer."""
        ...


@runtime_checkable
class Signer(Auth, Protocol):
    """A credential that signs every request by itself, as AWS wants it: method, address and body are signed."""

    async def sign(self, method: str, url: URL, body: bytes) -> Mapping[str, str]:
        """The headers with which exactly this request is sent, `headers()` among them."""
        ...


class NoAuth:
    """For endpoints that need no credential, or carry it in the body."""

    async def headers(self) -> Mapping[str, str]:
        """No headers."""
        return {}

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """There is nothing to renew."""
        return False
