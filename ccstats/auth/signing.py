"""Requests that are signed as a whole, with secrets that are read again when they are refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlencode

from yarl import URL

from ccstats.clock import VendorClock
from ccstats.config import Secret


def strict_query(**parameters: str | None) -> str:
    """A query string in the one spelling that signatures are made of: sorted, all but `A-Za-z0-9-_.~` escaped."""
    sent = sorted((name, value) for name, value in parameters.items() if value is not None)
    return urlencode(sent, quote_via=lambda text, *_: quote(text, safe="-_.~"))


class Signed(dict[str, str]):
    """The headers of one request, and what they were made with: secrets, and how far the clock was off."""

    made_with: tuple[object, ...] = ()


class SigningAuth:
    """A `Signer` whose secrets may stand in files, and whose signatures carry the vendor's time.

    What is left to write is `signature`. Two signatures over one request differ in time alone, so that a refusal is
    worth another try only where the secrets are others by now, or where its Date header has set the clock right.
    """

    def __init__(self, clock: VendorClock, *secrets: Secret | None) -> None:
        self._clock = clock
        self._secrets = tuple(secret for secret in secrets if secret is not None)

    def signature(self, method: str, url: URL, body: bytes, at: datetime, *secrets: str) -> Mapping[str, str]:
        """All headers of exactly this request; `secrets` are those of the constructor that are not None."""
        raise NotImplementedError

    async def headers(self) -> Mapping[str, str]:
        """Nothing that all requests share."""
        return {}

    async def sign(self, method: str, url: URL, body: bytes) -> Mapping[str, str]:
        """The headers with which exactly this request is sent."""
        secrets = [secret.reveal() for secret in self._secrets]
        signed = Signed(self.signature(method, url, body, self._clock.now(), *secrets))
        signed.made_with = (*secrets, self._clock.offset)
        return signed

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Whether another signature would be made with something else."""
        fresh = (*[secret.fresh() for secret in self._secrets], self._clock.offset)
        return isinstance(refused, Signed) and refused.made_with != fresh
