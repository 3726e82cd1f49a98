"""HTTP Basic: a name and a secret on every request."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from ccstats.config import Secret


class BasicAuth:
    """HTTP Basic with a secret that may be rotated in its file."""

    def __init__(self, user: str, secret: Secret) -> None:
        self._user = user
        self._secret = secret
        self._headers = self._encode(secret.reveal())

    def __repr__(self) -> str:
        return f"<BasicAuth user=...{self._user[-4:]}>"

    async def headers(self) -> Mapping[str, str]:
        """The Authorization header."""
        return self._headers

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Read the secret again: true where it has changed since the refused request was made."""
        self._headers = self._encode(self._secret.fresh())
        return self._headers != refused

    def _encode(self, secret: str) -> Mapping[str, str]:
        return {"Authorization": aiohttp.encode_basic_auth(self._user, secret)}
