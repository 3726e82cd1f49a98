"""Where a vendor is reached: over TLS, or on this machine."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo
from yarl import URL

FORM = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
IN_THE_CLEAR = "without TLS everybody on the way can read the credentials: use https, or set allow_plain_http = true"


def in_the_clear(url: URL) -> bool:
    """Whether what is sent to `url` leaves this machine unencrypted."""
    host = url.host or ""
    if url.scheme == "https" or host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True


def _checked(value: str, info: ValidationInfo) -> str:
    if not FORM.fullmatch(value):
        raise ValueError("a URL is written as https://host, with a path where there is one")
    if in_the_clear(URL(value)) and not info.data.get("allow_plain_http", False):
        raise ValueError(IN_THE_CLEAR)
    return value


Address = Annotated[str, AfterValidator(_checked)]
"""The URL of an API. Plain http only on this machine, unless the source says `allow_plain_http = true`."""
