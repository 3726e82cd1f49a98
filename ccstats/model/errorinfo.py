"""An error as data, for snapshots and reports that leave the process."""

from __future__ import annotations

from typing import Self

from ccstats.errors import CcstatsError, VendorError
from ccstats.model.values import Model


class ErrorInfo(Model):
    """What went wrong, in the words of `ccstats.errors`; never a secret."""

    type: str
    message: str
    endpoint: str | None = None
    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None

    @classmethod
    def of(cls, error: CcstatsError) -> Self:
        """`error` as data."""
        if not isinstance(error, VendorError):
            return cls(type=type(error).__name__, message=str(error))
        origin = error.origin
        return cls(
            type=type(error).__name__,
            message=error.message,
            endpoint=origin.endpoint,
            status=origin.status,
            code=origin.code,
            request_id=origin.request_id,
            retry_after=error.retry_after,
        )
