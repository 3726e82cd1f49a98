"""Reading request bodies as strictly as the vendor's schema describes them, so that a wrong request fails loudly."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from ccstats_genesys.face.errors import ApiError, bad_request

Body = Mapping[str, object]
MAX_BYTES: Final = 512_000
"""The organization limit `request.bytes.max`."""


def parse_body(raw: bytes, content_type: str) -> Body:
    """Return the JSON object in a request's body."""
    if len(raw) > MAX_BYTES:
        raise ApiError(
            413, "request.entity.too.large", f"The request is over the size limit. Maximum bytes: {MAX_BYTES}"
        )
    if content_type != "application/json":
        raise ApiError(415, "unsupported.media.type", f"Unsupported media type: {content_type}")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise bad_request("The request body is not JSON.") from None
    return mapping(body, "the request body")


def mapping(value: object, where: str) -> Body:
    """Return the value, which has to be a JSON object."""
    if not isinstance(value, dict):
        raise bad_request(f"Expected an object: {where}")
    return value


def check_keys(
    body: Body,
    where: str,
    *,
    required: Collection[str] = (),
    optional: Collection[str] = (),
    refused: Collection[str] = (),
) -> None:
    """Refuse a missing key, a key that nobody documents, and a documented one that this face does not serve."""
    for key in required:
        if body.get(key) is None:
            raise bad_request(f"Missing property [{key}] in {where}")
    for key in body:
        if key in refused:
            raise bad_request(f"Property [{key}] in {where} is not served here")
        if key not in required and key not in optional:
            raise bad_request(f"Value [{key}] is not a valid property for {where}")


def items(body: Body, key: str) -> Sequence[object]:
    """Return a list that may be missing or null, as an empty one."""
    value = body.get(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise bad_request(f"Property [{key}] has to be a list")
    return value


def words(body: Body, key: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
    """Return a list of strings that has to hold something, each one out of `allowed` where that is given."""
    values = items(body, key)
    if not values:
        raise bad_request(f"Property [{key}] must not be empty")
    return tuple(word(value, key, allowed) for value in values)


def word(value: object, key: str, allowed: Collection[str] | None = None) -> str:
    """Return the value, which has to be a string, and one of `allowed` where that is given."""
    if not isinstance(value, str):
        raise bad_request(f"Property [{key}] has to be a string")
    if allowed is not None and value not in allowed:
        raise bad_request(f"Value [{value}] is not valid for [{key}]. Allowable values are: {', '.join(allowed)}")
    return value
