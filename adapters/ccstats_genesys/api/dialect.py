"""Errors and rate-limit headers as Genesys Cloud sends them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ccstats import lenient
from ccstats.budget import Limit, RateHint
from ccstats.errors import AuthError, NotPermittedError, Origin, VendorError
from ccstats.http import fault, retry_after

PERMISSION = re.compile(r"\b[a-zA-Z]+:[a-zA-Z]+:(?:[a-zA-Z]+|\*)")
BY_DIVISION = "missing.division.permission"
WRONG_ADDRESS = "ip.not.authorized"
MINUTE = 60.0


class GenesysDialect:
    """Genesys Cloud's error bodies and inin-ratelimit headers.

    https://developer.genesys.cloud/platform/api/ and, for 429,
    https://developer.genesys.cloud/forum/t/normalized-platform-api-429-responses/12028
    """

    def fault(self, status: int, headers: Mapping[str, str], body: bytes, origin: Origin) -> VendorError:
        """The error for an answer; a missing permission is named where the message names it."""
        table = _table(body)
        code = lenient.text(table.get("code")) or lenient.text(table.get("error"))
        message = lenient.text(table.get("message")) or lenient.text(table.get("description"))
        request_id = lenient.text(table.get("contextId")) or headers.get("ININ-Correlation-Id")
        message = message or f"answered with status {status}"
        origin = replace(origin, status=status, code=code, request_id=request_id)
        if status == 401:
            # Off the allow-list, a new token would be refused like the old one.
            return AuthError(message, origin=origin, renewable=code != WRONG_ADDRESS)
        if status == 403:
            found = PERMISSION.findall(message + " " + json.dumps(table.get("messageParams") or {}))
            permission = ", ".join(dict.fromkeys(found)) or None
            return NotPermittedError(message, origin=origin, permission=permission, per_item=code == BY_DIVISION)
        if code in ("invalid_client", "unauthorized_client", "invalid_grant"):
            return AuthError("the client id or secret was refused", origin=origin)
        after = retry_after(headers)
        return fault(status, message, origin, code=code, request_id=request_id, retry_after=after)

    def hint(self, headers: Mapping[str, str]) -> RateHint | None:
        """What is allowed per minute, what is left of it, and in how many seconds it starts anew."""
        allowed = lenient.number(headers.get("inin-ratelimit-allowed"))
        count = lenient.number(headers.get("inin-ratelimit-count"))
        reset = lenient.number(headers.get("inin-ratelimit-reset"))
        if allowed is None or allowed < 1:
            return None
        remaining = allowed - count if count is not None else None
        return RateHint(limit=Limit(allowed, MINUTE), remaining=remaining, reset=reset)


def _table(body: bytes) -> dict[str, Any]:
    try:
        table = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return table if isinstance(table, dict) else {}
