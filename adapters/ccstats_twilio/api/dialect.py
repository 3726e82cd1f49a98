"""Errors and rate-limit headers as TaskRouter sends them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

from ccstats.budget import Limit, RateHint
from ccstats.errors import AuthError, Origin, VendorError
from ccstats.http import fault, retry_after

MISSING_PERMISSION = 70051
"""https://www.twilio.com/docs/api/errors/70051: a restricted key or OAuth app lacks a permission; comes as 401 or
403.
"""
AVERAGED_OVER = 10.0
"""Seconds. https://www.twilio.com/docs/taskrouter/api: limits per second, averaged over ten."""
WHOLE = re.compile(r"\s*(\d{1,6})\s*")


class TwilioDialect:
    """TaskRouter's error bodies and X-Rate-Limit headers."""

    def fault(self, status: int, headers: Mapping[str, str], body: bytes, origin: Origin) -> VendorError:
        """The error for an answer: the older body (code, message, more_info) and RFC 9457 are both understood.

        https://www.twilio.com/docs/usage/twilios-response
        """
        table = _table(body)
        code = table.get("code")
        message = table.get("message") or table.get("detail") or table.get("title")
        error = fault(
            403 if code == MISSING_PERMISSION else status,
            message if isinstance(message, str) else f"answered with status {status}",
            origin,
            code=str(code) if isinstance(code, int) else None,
            request_id=headers.get("Twilio-Request-Id"),
            retry_after=retry_after(headers),
        )
        if isinstance(error, AuthError) and not isinstance(message, str):
            error.message = "the credentials were refused"
        return error

    def hint(self, headers: Mapping[str, str]) -> RateHint | None:
        """The limit of this method: `X-Rate-Limit-Limit`, in requests per second.

        The syntax is documented nowhere (https://support.twilio.com/hc/en-us/articles/37736751264283): a plain whole
        number is understood, anything else is left alone. There is no reset header, so `Remaining` cannot be acted
        on.
        """
        match = WHOLE.fullmatch(headers.get("X-Rate-Limit-Limit", ""))
        if match is None or not 0 < int(match[1]) < math.inf:
            return None
        return RateHint(limit=Limit(int(match[1]) * AVERAGED_OVER, AVERAGED_OVER))


def _table(body: bytes) -> dict[str, object]:
    try:
        table = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
