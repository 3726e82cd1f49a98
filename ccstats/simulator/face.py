"""What a vendor's face is given and has to offer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from aiohttp import web

from ccstats.simulator.center import Center
from ccstats.simulator.clock import Clock, ManualClock, WallClock
from ccstats.simulator.faults import Fault, Faults, RequestLog, RequestRecord

__all__ = [
    "Clock",
    "Face",
    "Fault",
    "Faults",
    "ManualClock",
    "RequestLog",
    "RequestRecord",
    "WallClock",
    "World",
]


@dataclass(slots=True)
class World:
    """A center, the clock that drives it, what shall go wrong, and what was asked."""

    center: Center
    clock: Clock = field(default_factory=WallClock)
    faults: Faults = field(default_factory=Faults)
    requests: RequestLog = field(default_factory=RequestLog)
    credentials_seed: str = "ccstats"

    def now(self) -> datetime:
        """Let the center catch up with the clock and return the moment it has reached."""
        self.center.advance(self.clock.now())
        return self.center.now

    def credential(self, name: str, length: int = 32) -> str:
        """Return hexadecimal digits that stand for a made-up identifier or secret; at most 64."""
        return sha256(f"{self.credentials_seed}:{name}".encode()).hexdigest()[:length]

    def uuids(self, name: str, number: int) -> dict[str, int]:
        """Return a made-up identifier for each of so many things of a kind, with its index."""
        return {self.uuid(f"{name}:{index}"): index for index in range(number)}

    def uuid(self, name: str) -> str:
        """Return a made-up identifier in the form of a UUID."""
        text = self.credential(name)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))


class Face(Protocol):
    """One vendor's way of showing a center: its wire format, credentials, pages, limits and errors."""

    @property
    def name(self) -> str:
        """The vendor's name, equal to that of its adapter."""
        ...

    def app(self, world: World, settings: Mapping[str, object]) -> web.Application:
        """Return the application that answers in the vendor's format; it refuses unknown settings."""
        ...

    def configuration(self, base_url: str, world: World) -> dict[str, object]:
        """Return the table of a ccstats source that reads this face, `adapter` first."""
        ...
