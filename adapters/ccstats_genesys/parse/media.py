"""Media types under the neutral names of channels.

The media types of https://developer.genesys.cloud/analyticsdatamanagement/analytics/aggregate/conversation-query;
what is not among them is `other`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from ccstats.model import Channel

T = TypeVar("T")
CHANNELS: Final[Mapping[str, str]] = {
    name: Channel(name).value for name in ("voice", "chat", "email", "message", "callback", "video")
}


def by_channel(media: Mapping[str, T]) -> dict[str, dict[str, T]]:
    """The parts of each channel by their media types: mostly one."""
    found: dict[str, dict[str, T]] = {}
    for name, part in media.items():
        found.setdefault(CHANNELS.get(name, "other"), {})[name] = part
    return found
