"""What discovery has found out, as far as reading the statistics depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccstats.model import Activity, ActivityState
from ccstats_twilio.api import wire

MOST_ROWS = 10_000
"""Rows that are kept: names and numbers of workers may change without end."""


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """One workspace: whether its workers take one task at a time, and what its activities mean."""

    sid: str
    multi_tasking: bool | None = None
    activities: Mapping[str, wire.Activity] = field(default_factory=dict)
    queues: Mapping[str, wire.TaskQueue] = field(default_factory=dict)
    states: Mapping[str, ActivityState] = field(default_factory=dict)
    """Activity states given in the configuration."""
    channels: tuple[str, ...] = ()
    """The task channels that are read apart, by their unique names."""
    _rows: dict[tuple[object, ...], Activity] = field(default_factory=dict, compare=False, repr=False)
    _handling: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def handling(self) -> frozenset[str]:
        """The activities of workers that ring or handle a task; none where activities do not change on assignment."""
        if self.multi_tasking is not False:
            return frozenset()
        return frozenset(
            sid
            for queue in self.queues.values()
            for sid in (queue.assignment_activity_sid, queue.reservation_activity_sid)
            if sid is not None
        )

    def handling_of(self, queue: str) -> frozenset[str]:
        """The same for one queue."""
        known = self._handling.get(queue)
        if known is None:
            known = self._handling[queue] = self._handling_of(queue)
        return known

    def row(self, sid: str, name: str | None, workers: int | None, handling: frozenset[str]) -> Activity:
        """How many workers are in an activity. Queues show the same few rows again and again: equal ones are one."""
        key = (sid, name, workers, sid in handling)
        found = self._rows.get(key)
        if found is None:
            if len(self._rows) >= MOST_ROWS:
                self._rows.clear()
            if name is None and sid in self.activities:
                name = self.activities[sid].friendly_name
            state = self.state(sid, handling)
            found = self._rows[key] = Activity.trusted(id=sid, name=name, agents=workers, state=state)
        return found

    def _handling_of(self, queue: str) -> frozenset[str]:
        found = self.queues.get(queue)
        if self.multi_tasking is not False or found is None:
            return frozenset()
        sids = {found.assignment_activity_sid, found.reservation_activity_sid}
        return frozenset(sid for sid in sids if sid is not None)

    def state(self, sid: str, handling: frozenset[str]) -> ActivityState:
        """What an activity means: as configured, else by its flags and role, never by its name."""
        if sid in self.states:
            return self.states[sid]
        if sid in handling:
            return ActivityState.BUSY
        activity = self.activities.get(sid)
        if activity is None or activity.available is None:
            return ActivityState.UNKNOWN
        return ActivityState.AVAILABLE if activity.available else ActivityState.UNAVAILABLE
