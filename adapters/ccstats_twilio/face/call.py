"""One request as its handler sees it, and the reading of its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from re import fullmatch
from typing import Final

from ccstats.simulator.center import Center
from ccstats_twilio.face.errors import bad_request, not_found
from ccstats_twilio.face.settings import Settings
from ccstats_twilio.face.tenant import Tenant, Workspace

DEFAULT_MINUTES: Final = 15


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a cumulative answer, whole seconds."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A request that has passed the limits; `at` is now in the center's seconds."""

    tenant: Tenant
    settings: Settings
    origin: str
    path: str
    ids: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now: datetime

    @property
    def center(self) -> Center:
        """The center behind the account."""
        return self.tenant.center

    @property
    def at(self) -> float:
        """The moment of the request in the center's seconds."""
        return self.center.seconds(self.now)

    @property
    def url(self) -> str:
        """The address that was asked, without its parameters."""
        return self.origin + self.path

    @property
    def workspace(self) -> Workspace:
        """The workspace in the path."""
        space = self.tenant.workspaces.get(self.ids.get("WorkspaceSid") or self.ids["Sid"])
        if space is None:
            raise not_found(self.path)
        return space

    def found(self, known: Mapping[str, int], name: str) -> tuple[str, int]:
        """Return a SID of the path and the index that it stands for."""
        sid = self.ids[name]
        if sid not in known:
            raise not_found(self.path)
        return sid, known[sid]

    def channels(self) -> frozenset[str] | None:
        """Return the channels that TaskChannel, a SID or a unique name, leaves; None for all."""
        wanted = self.query.get("TaskChannel")
        if wanted is None:
            return None
        return frozenset((self.workspace.channels.get(wanted, wanted),))

    def thresholds(self) -> tuple[int, ...] | None:
        """Return the seconds of SplitByWaitTime; None where it was not sent."""
        text = self.query.get("SplitByWaitTime")
        if text is None:
            return None
        parts = [part.strip() for part in text.split(",")]
        if not all(part.isdecimal() for part in parts):
            raise bad_request("SplitByWaitTime must be a comma separated list of seconds")
        return tuple(int(part) for part in parts)

    def window(self) -> Window:
        """Return the window that Minutes or the two dates ask for; 15 minutes until now by default."""
        minutes, start, end = (self.query.get(name) for name in ("Minutes", "StartDate", "EndDate"))
        now = self.now.replace(microsecond=0)
        if minutes is not None and (start is not None or end is not None):
            raise bad_request("Minutes cannot be used together with StartDate or EndDate")
        length = timedelta(minutes=DEFAULT_MINUTES if minutes is None else _whole("Minutes", minutes, lowest=1))
        # Where only one date is sent, what happens is documented nowhere; this is the natural reading.
        until = now if end is None else min(_moment("EndDate", end), now)
        since = until - length if start is None else _moment("StartDate", start)
        if since > until:
            raise bad_request("StartDate must not be after EndDate")
        return Window(since, until)

    def flag(self, name: str) -> bool | None:
        """Return whether a parameter says `true` or `1`; None where it was not sent."""
        text = self.query.get(name)
        return None if text is None else text.lower() in {"true", "1"}

    def page_size(self) -> int:
        """Return PageSize, 50 by default."""
        return _whole("PageSize", self.query.get("PageSize", "50"), lowest=1, highest=1000)


def is_sid(prefix: str, text: object) -> bool:
    """Return whether something has the form of a SID."""
    return isinstance(text, str) and fullmatch(prefix + "[0-9a-fA-F]{32}", text) is not None


def timestamp(at: datetime) -> str:
    """Return a moment as TaskRouter writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole(name: str, text: str, *, lowest: int, highest: int | None = None) -> int:
    if not text.isdecimal() or int(text) < lowest or (highest is not None and int(text) > highest):
        raise bad_request(f"{name} must be a whole number from {lowest}{'' if highest is None else f' to {highest}'}")
    return int(text)


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f"{name} must be an ISO 8601 date and time") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
