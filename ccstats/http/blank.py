"""What a vendor says of a refusal, without the credential: a server or a proxy may repeat what it was sent."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping

from multidict import CIMultiDict

BLANK = "***"
SHORTEST = 4
"""Characters. What is shorter is in every text, and no secret."""


def blanked(headers: Mapping[str, str], body: bytes, sent: Mapping[str, str]) -> tuple[Mapping[str, str], bytes]:
    """Headers and body without what was `sent` as credentials, in headers or as a form."""
    for secret in sorted(set(_secrets(sent)), key=len, reverse=True):
        if any(secret in value for value in headers.values()):
            headers = CIMultiDict((name, value.replace(secret, BLANK)) for name, value in headers.items())
        for written in _spellings(secret):
            body = body.replace(written.encode(), BLANK.encode())
    return headers, body


def _secrets(sent: Mapping[str, str]) -> Iterator[str]:
    for value in sent.values():
        scheme, _, rest = value.partition(" ")
        found = [rest or scheme, _password(rest) if scheme == "Basic" else ""]
        yield from (one for one in found if len(one) >= SHORTEST)


def _password(encoded: str) -> str:
    try:
        return b64decode(encoded).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _spellings(secret: str) -> set[str]:
    """As it is, and as JSON writes it: some writers escape slashes."""
    quoted = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, *quoted, *(text.replace("/", "\\/") for text in quoted)}
