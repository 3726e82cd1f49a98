"""Errors in the shape that the Platform API gives them.

The fields are those of `ErrorBody`; `contextId` is the correlation id, which support asks for.
https://developer.genesys.cloud/forum/t/normalized-platform-api-429-responses/12028
"""

from collections.abc import Mapping
from typing import Final

NO_PARAMS: Final[Mapping[str, str]] = {}


class ApiError(Exception):
    """An answer with an error status; `headers` go out with it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        params: Mapping[str, str] = NO_PARAMS,
        headers: Mapping[str, str] = NO_PARAMS,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.params = params
        self.headers = headers


def error_body(
    status: int, code: str, message: str, context_id: str, params: Mapping[str, str] = NO_PARAMS
) -> dict[str, object]:
    """Return the body of an error answer; `params` become messageParams and are left out where there are none."""
    body: dict[str, object] = {
        "message": message,
        "code": code,
        "status": status,
        "contextId": context_id,
        "details": [],
        "errors": [],
    }
    if params:
        body["messageParams"] = dict(params)
    return body


def bad_request(message: str) -> ApiError:
    """Return the refusal of a request that is not what the API documents."""
    return ApiError(400, "bad.request", message)


def not_found(message: str = "The requested resource was not found.") -> ApiError:
    """Return the answer for something that is not there."""
    return ApiError(404, "not.found", message)


def missing_permission(permission: str) -> ApiError:
    """Return the refusal of a client whose roles lack a permission."""
    return ApiError(
        403,
        "missing.permissions",
        f"Unable to perform the requested action. You are missing the following permission(s): {permission}",
        params={"permissions": permission},
    )


def missing_division(permission: str) -> ApiError:
    """Return the refusal of a client that has a permission, but not in the division of what it asked for.

    It does not say which of the queues it is about: a client has to find that out.
    """
    return ApiError(
        403,
        "missing.division.permission",
        f"Unable to perform the requested action. You are missing the following permission {permission!r} "
        "in the provided division(s).",
        params={"permission": permission},
    )
