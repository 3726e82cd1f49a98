"""Real-time statistics to the neutral model: pure.

https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics#taskqueue-realtime-statistics and its siblings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from ccstats import lenient
from ccstats.model import Activity, ActivityState, Agents, Gap, GapReason, Kind, Realtime
from ccstats.model.values import plus
from ccstats_twilio.api import wire
from ccstats_twilio.parse.facts import WorkspaceFacts

MULTI_TASKING = Gap(
    reason=GapReason.UNSUPPORTED,
    detail="multi-tasking workspace: a worker's activity does not change when a task is assigned",
)
TASKING_UNKNOWN = Gap(
    reason=GapReason.UNKNOWN, detail="the workspace does not say whether it is multi-tasking (multi_task_enabled)"
)
NO_OFFLINE = Gap(
    reason=GapReason.NOT_REQUESTED,
    detail="activities are free text: name the offline ones, activity_states = { WA... = 'offline' }",
)
NOBODY_WAITS = Gap(reason=GapReason.NO_DATA, detail="nobody is waiting")
NO_AGENTS = Agents()
NOBODY: dict[ActivityState, int | None] = dict.fromkeys(ActivityState, 0)
# Older answers carried "Priority-5" where newer ones carry "5": https://github.com/twilio/twilio-python/pull/254
PRIORITY = re.compile(r"(?:Priority-)?(\d{1,10})")


def realtime(
    answer: wire.RealTime, facts: WorkspaceFacts, kind: Kind, sid: str, at: datetime, *, since_entry: bool = False
) -> tuple[Realtime, dict[str, Gap]]:
    """The real-time values of a queue, workflow or workspace, and the gaps that only this answer can explain."""
    statuses = _statuses(answer)
    pending = lenient.count(lenient.member(statuses, "pending", absent=0))
    reserved = lenient.count(lenient.member(statuses, "reserved", absent=0))
    waiting = plus(pending, reserved)
    longest, gaps = _longest_wait(answer, waiting, since_entry=since_entry)
    handling = facts.handling_of(sid) if kind is Kind.QUEUE else facts.handling()
    activities = _activities(answer.activity_statistics, facts, handling)
    agents = NO_AGENTS
    if kind is not Kind.WORKFLOW:
        agents, agent_gaps = _agents(answer, kind, activities, facts)
        gaps |= agent_gaps
    values = Realtime.trusted(
        observed_at=at,
        waiting=waiting,
        offering=reserved,
        longest_wait=longest,
        in_progress=lenient.count(lenient.member(statuses, "assigned", absent=0)),
        after_call_work=lenient.count(lenient.member(statuses, "wrapping", absent=0)),
        waiting_by_priority=_priorities(answer.tasks_by_priority),
        agents=agents,
        activities=activities,
    )
    return values, gaps


def worker(found: wire.Worker, facts: WorkspaceFacts, at: datetime) -> tuple[Realtime, dict[str, Gap]]:
    """The real-time values of one worker, out of its row in the list of workers."""
    sid = found.activity_sid
    handling = facts.handling()
    state = ActivityState.UNKNOWN if sid is None else facts.state(sid, handling)
    free = None if found.available is None else int(found.available)
    agents = Agents(
        total=1, available=free, unavailable=None if free is None else int(not free and state is not ActivityState.BUSY)
    )
    activities = () if sid is None else (Activity(id=sid, name=found.activity_name, agents=1, state=state),)
    return Realtime(observed_at=at, agents=agents, activities=activities or None), {}


def _statuses(answer: wire.RealTime) -> object:
    # A missing key in a present map means that no task has that status. An empty map beside a total that is not 0 (the
    # official example of the workspace shows one) is a map that was not filled in: nothing is known.
    empty = answer.tasks_by_status == {}
    return None if empty and lenient.count(answer.total_tasks) != 0 else answer.tasks_by_status


def _longest_wait(
    answer: wire.RealTime, waiting: int | None, *, since_entry: bool
) -> tuple[timedelta | None, dict[str, Gap]]:
    if since_entry:
        age, sid = answer.longest_relative_task_age_in_queue, answer.longest_relative_task_sid_in_queue
    else:
        age, sid = answer.longest_task_waiting_age, answer.longest_task_waiting_sid
    # Nobody waits: the age is 0 and the task is null. An age of 0 with a task is a task that has just come.
    if waiting == 0 or (sid is None and waiting is None):
        return None, {"longest_wait": NOBODY_WAITS}
    if sid is None or (sid is msgspec.UNSET and waiting is None):
        return None, {}  # contacts wait and none of them is the longest: the answer contradicts itself
    return lenient.seconds(age), {}


def _priorities(table: Any) -> dict[int, int] | None:
    if not isinstance(table, dict):
        return None
    found: dict[int, int] = {}
    for key, value in table.items():
        priority, number = _priority(key), lenient.count(value)
        if priority is None or number is None:
            return None  # a table with holes would read as if nobody waited there
        found[priority] = number
    return found


@lru_cache(maxsize=256)
def _priority(key: str) -> int | None:
    match = PRIORITY.fullmatch(key)
    return int(match[1]) if match is not None else None


def _activities(rows: Any, facts: WorkspaceFacts, handling: frozenset[str]) -> tuple[Activity, ...] | None:
    if not isinstance(rows, list):
        return None
    found = []
    for row in rows:
        sid = lenient.text(row.get("sid")) if isinstance(row, dict) else None
        if sid is not None:
            name, workers = lenient.text(row.get("friendly_name")), lenient.count(row.get("workers"))
            found.append(facts.row(sid, name, workers, handling))
    return tuple(found)


def _countable(rows: Any, activities: tuple[Activity, ...] | None, total: int | None) -> tuple[Activity, ...] | None:
    """The activities, where sums over them can be believed: every row is one, and nobody is in none."""
    if activities is None or len(activities) != len(rows) or (not activities and total != 0):
        return None
    return activities


def _agents(
    answer: wire.RealTime, kind: Kind, activities: tuple[Activity, ...] | None, facts: WorkspaceFacts
) -> tuple[Agents, dict[str, Gap]]:
    gaps: dict[str, Gap] = {}
    total = lenient.count(answer.total_eligible_workers if kind is Kind.QUEUE else answer.total_workers)
    sums = _sums(_countable(answer.activity_statistics, activities, total))
    if kind is Kind.QUEUE:
        available = lenient.count(answer.total_available_workers)
    else:
        available = sums.get(ActivityState.AVAILABLE)
    busy, offline, told = None, None, ActivityState.OFFLINE in facts.states.values()
    if facts.multi_tasking is False:
        busy = sums.get(ActivityState.BUSY)
    else:
        gaps["agents.busy"] = MULTI_TASKING if facts.multi_tasking else TASKING_UNKNOWN
    if told:
        offline = sums.get(ActivityState.OFFLINE)
    else:
        gaps["agents.offline"] = NO_OFFLINE
    unavailable = None
    known = (busy is not None or facts.multi_tasking) and (offline is not None or not told)
    if total is not None and available is not None and known:
        unavailable = max(total - available - (busy or 0) - (offline or 0), 0)
    agents = Agents.trusted(total=total, available=available, busy=busy, unavailable=unavailable, offline=offline)
    return agents, gaps


def _sums(activities: Sequence[Activity] | None) -> Mapping[ActivityState, int | None]:
    """Agents by what their activity means; nothing where no sum can be known."""
    if activities is None:
        return {}
    found = NOBODY.copy()
    for one in activities:
        state, number = one.state, one.agents
        # An activity of unknown state could be any: then no sum over states can be known either.
        if state is ActivityState.UNKNOWN and number != 0:
            return {}
        if number != 0:
            found[state] = plus(found[state], number)
    return found
