"""The error tree, sorted by what the caller does next.

* fix the configuration: `ConfigError`
* fix the credentials or permissions: `AccessError` (`AuthError`, `NotPermittedError`)
* wait and retry: `TransientError` (`RateLimitedError`, `UnavailableError`), with `retry_after`
* report what the vendor answered: `AnswerError` (`BrokenAnswerError`, `RequestRefusedError`, `NotFoundError`)

`CoordinatorError` is about other processes of ours, and passes by itself.

`ConfigError` stands beside `VendorError`, not below it: code that shrugs off a vendor's failures must not
swallow a mistake in its own configuration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MESSAGE_LIMIT = 300


def printable(text: str) -> str:
    """`text` on one line, without control characters."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an error came from: everything a support ticket asks for, and never a secret.

    `endpoint` is the method and the path template, without ids, query or host; `code` is the vendor's own error code;
    `request_id` is what the vendor calls its correlation or request id.
    """

    vendor: str | None = None
    source: str | None = None
    endpoint: str | None = None
    status: int | None = None
    code: str | None = None
    request_id: str | None = None

    def __str__(self) -> str:
        parts = [
            f"{name}={value}"
            for name, value in (
                ("vendor", self.vendor),
                ("source", self.source),
                ("endpoint", self.endpoint),
                ("status", self.status),
                ("code", self.code),
                ("request_id", self.request_id),
            )
            if value is not None
        ]
        return ", ".join(parts)


class CcstatsError(Exception):
    """The root of every error that this library raises on purpose."""


class ConfigError(CcstatsError):
    """The configuration is wrong: `file` and `key` say where, the message says what to change."""

    def __init__(self, message: str, *, file: str | None = None, key: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.key = key

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.file, self.key) if part)
        return f"{where}: {self.message}" if where else self.message


class PluginError(ConfigError):
    """An installed plugin cannot be used: it fails to import, or is written for another plugin API."""


class CoordinatorError(CcstatsError):
    """What several processes share cannot be reached, or was written by something else: no vendor is at fault."""


class VendorError(CcstatsError):
    """Something went wrong between this process and a vendor; `origin` says where."""

    def __init__(self, message: str, *, origin: Origin | None = None, retry_after: float | None = None) -> None:
        # Part of it is the vendor's own text: one line, nothing that a terminal would obey, and no flood.
        self.message = printable(message)[:MESSAGE_LIMIT]
        super().__init__(self.message)
        self.origin = origin or Origin()
        self.retry_after = retry_after

    def located(
        self, *, vendor: str | None = None, source: str | None = None, endpoint: str | None = None
    ) -> VendorError:
        """The same error with blank fields of its origin filled in (a source adds its own name)."""
        known = self.origin
        self.origin = replace(
            known,
            vendor=known.vendor or vendor,
            source=known.source or source,
            endpoint=known.endpoint or endpoint,
        )
        return self

    def __str__(self) -> str:
        where = str(self.origin)
        return f"{self.message} ({where})" if where else self.message


class AccessError(VendorError):
    """The vendor does not let this credential in: fix credentials or permissions, then try again."""


class AuthError(AccessError):
    """The credential is refused: wrong or expired, or (`renewable=False`) good, and not allowed from this address."""

    def __init__(self, message: str, *, origin: Origin | None = None, renewable: bool = True) -> None:
        super().__init__(message, origin=origin)
        self.renewable = renewable


class NotPermittedError(AccessError):
    """The credential is valid but lacks a permission; `permission` names it where the vendor does."""

    def __init__(
        self,
        message: str,
        *,
        origin: Origin | None = None,
        permission: str | None = None,
        per_item: bool = False,
    ) -> None:
        super().__init__(message, origin=origin)
        self.permission = permission
        self.per_item = per_item


class TransientError(VendorError):
    """The same request may succeed later; `retry_after` in seconds where anybody knows."""


class RateLimitedError(TransientError):
    """A limit is spent: the vendor's (status 429) or, with `own=True`, the budget kept on this side."""

    def __init__(
        self,
        message: str,
        *,
        origin: Origin | None = None,
        retry_after: float | None = None,
        own: bool = False,
    ) -> None:
        super().__init__(message, origin=origin, retry_after=retry_after)
        self.own = own


class UnavailableError(TransientError):
    """The vendor could not be reached in time or answered with a passing fault (502, 503, 504)."""


class AnswerError(VendorError):
    """The vendor answered, and the answer cannot be used: report it."""


class BrokenAnswerError(AnswerError):
    """The answer is not what the vendor documents: not JSON, too large, a redirect, a wrong shape."""


class RequestRefusedError(AnswerError):
    """The vendor refused the request itself (status 400 and the like): a bug here or a change there."""


class NotFoundError(RequestRefusedError):
    """The vendor does not know what was asked for (status 404): it is gone, or lives in another region."""
