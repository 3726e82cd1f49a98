"""Media types under the neutral names of channels.

The media types of https://developer.genesys.cloud/analyticsdatamanagement/analytics/aggregate/conversation-query;
what is not among them is `other`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ccstats.model import Channel

OTHER: Final = "other"
CHANNELS: Final[Mapping[str, str]] = {
    name: Channel(name).value for name in ("voice", "chat", "email", "message", "callback", "video")
}
WORDS: Final[Mapping[str, tuple[str, ...]]] = {name: (name,) for name in CHANNELS}
"""The vendor's words for those that are named alike: the same for every reading."""


def words(name: str) -> tuple[str, ...]:
    """What the vendor calls a channel."""
    return WORDS.get(name) or (name,)
