"""Reading the Events list piece by piece, so that windows of any length cost what is new since they were last read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ccstats.errors import NotPermittedError, VendorError
from ccstats.model import Gap, GapReason, Kind, Target
from ccstats_twilio.api import endpoints, wire
from ccstats_twilio.parse.handling import STEPS, HandleTimes, Ledger
from ccstats_twilio.wires import Wires

OPERATION = "events"
LOOKBACK = timedelta(hours=1)
"""Before a window: what was completed in it was mostly accepted within the hour before."""
SETTLE = timedelta(seconds=10)
"""Before the end of what was read: events may come late by "a few seconds", so these are asked for again."""
LOOKUPS = 20
"""Reservations of one reading that are asked for one by one, because they were accepted before all that was read."""
KEPT = timedelta(days=30)
"""https://www.twilio.com/docs/taskrouter/api/event: how far back events go."""


@dataclass(slots=True)
class _Log:
    """What is known of one workspace's events, from `low` to `high`, and since when windows want them."""

    ledger: Ledger = field(default_factory=Ledger)
    low: datetime | None = None
    high: datetime | None = None
    starts: dict[str, datetime] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    failed: tuple[datetime, Gap] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Events:
    """The events of one account's reservations, fetched once however many queues and windows are made of them."""

    def __init__(self, wires: Wires, channel: Mapping[str, Any]) -> None:
        self._wires = wires
        self._channel = channel
        self._logs: dict[tuple[str, str], _Log] = {}

    def forget(self) -> None:
        """Start anew, refusals included: after a discovery."""
        for log in self._logs.values():
            log.failed = None

    async def times(self, target: Target, window: str, start: datetime, end: datetime) -> HandleTimes | Gap:
        """The handle time of `target` in [start, end), or why it is not known. `window` is the window's name.

        Never raises a `VendorError`: a side request does not fail the read that it belongs to.
        """
        # A fixed period of the past has a log of its own: reading up to the present would be for nothing.
        key = (target.scope or "", window if "/" in window else "")
        log = self._logs.setdefault(key, _Log())
        async with log.lock:
            if log.failed is not None and log.failed[0] >= end:
                return log.failed[1]
            try:
                await self._cover(log, key[0], window, start, end)
            except VendorError as error:
                reason = GapReason.NOT_PERMITTED if isinstance(error, NotPermittedError) else GapReason.FAILED
                # One failure for all queues of this minute; a missing permission until the next discovery.
                until = end + KEPT if reason is GapReason.NOT_PERMITTED else end
                log.failed = (until, Gap(reason=reason, detail=f"Events list: {error.message}"))
                return log.failed[1]
        return log.ledger.times(start, end, None if target.kind is Kind.WORKSPACE else target.id)

    async def _cover(self, log: _Log, workspace: str, window: str, start: datetime, end: datetime) -> None:
        """Read what is missing for a window: at first all of it, then what is new, and what a longer window adds."""
        log.starts[window] = start
        first = start - LOOKBACK
        if log.low is None or log.high is None or first > log.high:
            await self._fetch(log, workspace, first, end)
            log.low, log.high = first, end
        if first < log.low:
            await self._fetch(log, workspace, first, log.low)
            log.low = first
        if end > log.high:
            await self._fetch(log, workspace, log.high - SETTLE, end)
            log.high = end
        await self._look_up(log, workspace, start, end)
        log.low = max(log.low, min(log.starts.values()) - LOOKBACK)
        log.ledger.forget(log.low)
        log.asked = {sid for sid in log.asked if sid in log.ledger}

    async def _fetch(self, log: _Log, workspace: str, first: datetime, last: datetime) -> None:
        for step in STEPS:
            await self._pages(log, workspace, first, last, EventType=step)

    async def _look_up(self, log: _Log, workspace: str, start: datetime, end: datetime) -> None:
        """Ask for reservations that were completed in the window and accepted before all that is known."""
        beginless = [sid for sid in log.ledger.beginless(start, end) if sid not in log.asked]
        for sid in beginless[:LOOKUPS]:
            log.asked.add(sid)
            await self._pages(log, workspace, end - KEPT, end, ReservationSid=sid)

    async def _pages(self, log: _Log, workspace: str, first: datetime, last: datetime, **about: str) -> None:
        """Every event of a period, both ends included: thousand to a page, within the budget of the Events list."""
        period = {"StartDate": endpoints.date(first), "EndDate": endpoints.date(last)}
        pages = self._wires.pages(
            OPERATION, endpoints.EVENTS, wire.EventPage, workspace=workspace, **period, **about, **self._channel
        )
        async for page, _ in pages:
            for event in page.events:
                log.ledger.add(event)
