"""The neutral names of channels: the keys of every `by_channel`."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """By which way contacts come. What a vendor calls a channel is kept beside it, in `vendor_names`."""

    VOICE = "voice"
    CHAT = "chat"
    EMAIL = "email"
    SMS = "sms"
    MESSAGE = "message"
    """Messages of apps and social media."""
    CALLBACK = "callback"
    VIDEO = "video"
    OTHER = "other"
    """Everything that has no name here: screen sharing, back-office work, a channel of one account's own."""
