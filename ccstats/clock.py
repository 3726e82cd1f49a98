"""What time it is, here and at a vendor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SECOND = timedelta(seconds=1)
ZERO = timedelta(0)
FURTHEST = timedelta(days=1)
"""How far a vendor's clock may be from this machine's to be believed; a wrong time zone is within it."""


def wall_clock() -> datetime:
    """The wall clock of this machine, in UTC."""
    return datetime.now(UTC)


class VendorClock:
    """This machine's clock, corrected by the Date headers of one vendor's answers.

    A Date header is cut to whole seconds and is made somewhere between sending and receiving, so each one only says
    between which two values the offset lies. The bounds of all answers are intersected; a clock that agrees with every
    one of them is not corrected at all. Where no offset fits (somebody set a clock), the latest answer starts anew. A
    header that is more than a day off says nothing about the time: one broken proxy must not move every window.
    """

    def __init__(self, clock: Callable[[], datetime] = wall_clock) -> None:
        self._clock = clock
        self._low = timedelta.min
        self._high = timedelta.max
        self._date: str | None = None
        self._stamp: datetime | None = None
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """The vendor's time, in UTC."""
        return self._clock() + self.offset

    def local(self) -> datetime:
        """This machine's time, in UTC."""
        return self._clock()

    def observe(self, date: str | None, sent: datetime, received: datetime) -> None:
        """Learn from the Date header of an answer to a request sent and received at these local times."""
        if date != self._date:  # many answers come within a second
            self._date, self._stamp = date, _stamp(date)
        if self._stamp is None:
            return
        try:
            low, high = self._stamp - received, self._stamp + SECOND - sent
        except OverflowError:
            return  # in the first or the last year that a date can have
        if low > FURTHEST or high < -FURTHEST:
            return
        if low > self._high or high < self._low:
            self._low, self._high = low, high
        else:
            self._low, self._high = max(self._low, low), min(self._high, high)
        self.offset = min(max(ZERO, self._low), self._high)


def _stamp(date: str | None) -> datetime | None:
    try:
        stamp = parsedate_to_datetime(date or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None  # no date, or one that cannot be
    return stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)
