"""Observations to the neutral model: pure.

https://developer.genesys.cloud/analyticsdatamanagement/analytics/observation/observation-query: conversation metrics
come in one group per queue and media type, user metrics in a group with the queue only. Thousands of metrics come per
answer and every one is looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ccstats import lenient
from ccstats.model import Activity, ActivityState, Agents, ChannelRealtime, Gap, GapReason, Realtime
from ccstats.model.values import plus
from ccstats_genesys.api import wire
from ccstats_genesys.api.queries import CONVERSATION_METRICS, USER_METRICS
from ccstats_genesys.api.wire import Observed as M
from ccstats_genesys.parse.media import CHANNELS, OTHER, words
from ccstats_genesys.parse.numbers import counts, longest, wait
from ccstats_genesys.parse.presences import Meanings, Roster, inverted

NOBODY_WAITS = Gap(reason=GapReason.NO_DATA, detail="nobody is waiting")
COUNTED = frozenset({M.WAITING, M.ALERTING, M.INTERACTING, M.MEMBER_USERS})
KNOWN = frozenset({*CONVERSATION_METRICS, *USER_METRICS})
UNREADABLE = {name: wire.ObservedMetric(name, stats=wire.State(count=None)) for name in KNOWN}
"""In place of a list that was null: null is never nothing."""

Found = tuple[Realtime, dict[str, Gap]]


class Tally:
    """The metrics of one group: counts by metric, waits as they came, agents by routing status and by presence."""

    __slots__ = ("counts", "presences", "statuses", "waits")

    def __init__(self) -> None:
        self.counts: dict[M, int | None] = {}
        self.waits: list[object] = []
        self.statuses: dict[str | None, object] = {}
        self.presences: dict[str | None, object] = {}

    def add(self, metrics: Iterable[wire.ObservedMetric]) -> None:
        """Take in the metrics that are known; of others nobody asked."""
        for metric in metrics:
            name = metric.metric
            if name not in KNOWN:
                continue
            if name is M.USER_PRESENCES:
                self.presences[metric.qualifier] = metric.stats.count
            elif name in COUNTED:
                number = lenient.count(metric.stats.count)
                self.counts[name] = plus(self.counts[name], number) if name in self.counts else number
            elif name is M.USER_ROUTING_STATUSES:
                self.statuses[metric.qualifier] = metric.stats.count
            else:
                self.waits.append(metric.stats.calculatedMetricValue)

    def about_contacts(self) -> list[M]:
        """The metrics about contacts among those that came."""
        counted = [name for name in CONVERSATION_METRICS if name in self.counts]
        return [*counted, M.LONGEST_WAITING] if self.waits else counted


Media = dict[str, Tally]
Groups = dict[str, dict[str | None, Tally]]


def grouped(answer: wire.Observations) -> Groups:
    """Metrics by queue, and there by media type (None: user metrics). A queue that was returned empty is in it."""
    found: Groups = {}
    for result in answer.results:
        group = result.group
        if group.queueId is None:
            continue
        parts = found.get(group.queueId)
        if parts is None:
            parts = found[group.queueId] = {}
        tally = parts.get(group.mediaType)
        if tally is None:
            tally = parts[group.mediaType] = Tally()
        if result.data is None:
            tally.add(map(UNREADABLE.__getitem__, USER_METRICS if group.mediaType is None else CONVERSATION_METRICS))
        elif result.data is not msgspec.UNSET:
            tally.add(result.data)
    return found


def roster(answer: wire.Observations, meanings: Meanings) -> Roster:
    """What the presences of this answer mean."""
    return Roster(meanings, inverted(answer.systemToOrganizationMappings))


def realtime(parts: Mapping[str | None, Tally], roster: Roster, channels: Sequence[str], at: datetime) -> Found:
    """The real-time values of one queue out of its groups; `channels` restricts the contacts, not the agents."""
    media = {name: part for name, part in parts.items() if name is not None and (not channels or name in channels)}
    users = parts.get(None) or Tally()
    nameless = Tally()
    # A group of contacts that does not say its media type still has contacts in it; under a filter, of any channel.
    if channels:
        nameless.add(UNREADABLE[name] for name in users.about_contacts())
    else:
        nameless.counts, nameless.waits = users.counts, users.waits
    activities = tuple([roster.activity(ident, value) for ident, value in users.presences.items() if ident])
    known = len(activities) == len(users.presences)
    agents = _by_status(users.statuses, users.counts.get(M.MEMBER_USERS, 0), activities if known else None)
    return _contacts(media, nameless, at, agents=agents, activities=activities)


def activity(answer: wire.Activity, at: datetime) -> Found:
    """The real-time contacts of the whole organization, out of the activity query."""
    media: Media = {}
    for result in answer.results:
        tally = media.setdefault(result.group.mediaType or "unknown", Tally())
        if result.data is None:
            tally.add(map(UNREADABLE.__getitem__, CONVERSATION_METRICS))
        elif result.data is not msgspec.UNSET:
            tally.add(map(_full, result.data))
    return _contacts(media, Tally(), at)


def agent_counts(answer: wire.AgentCounts, meanings: Meanings) -> tuple[Agents, tuple[Activity, ...] | None]:
    """The agents of the whole organization: each once, however many queues they work for."""
    presences, statuses = answer.presenceCounts, answer.routingStatusCounts
    activities: tuple[Activity, ...] | None = None
    total: int | None = None
    known = False
    if presences is not None:
        mapped = {row.organizationPresenceId or "": row.systemPresence or "" for row in presences}
        rows = {row.organizationPresenceId: row.count for row in presences if row.organizationPresenceId}
        roster = Roster(meanings, mapped)
        activities = tuple([roster.activity(ident, value) for ident, value in rows.items()])
        total = counts(row.count for row in presences)
        known = len(rows) == len(presences)
    if statuses is None:
        return Agents.trusted(total=total), activities
    by_status = {row.routingStatus: row.count for row in statuses}
    return _by_status(by_status, total, activities if known else None), activities


def _full(flat: wire.FlatMetric) -> wire.ObservedMetric:
    return wire.ObservedMetric(flat.metric, stats=wire.State(flat.count, flat.calculatedMetricValue))


def _contacts(media: Media, nameless: Tally, at: datetime, **agents: object) -> Found:
    """Waiting, ringing and handled contacts, by channel and in all; `agents` are the other values of the family."""
    now = at.timestamp()
    waits = [wait(value, now) for value in nameless.waits]
    channels: dict[str, ChannelRealtime] = {}
    lacking: list[int | None] = []
    for name, part in media.items():
        own = [wait(value, now) for value in part.waits]
        waits += own
        channel = _channel(name, part, own)
        known = CHANNELS.get(name, OTHER)
        channels[known] = channels[known].joined(channel) if known in channels else channel
        if channel.longest_wait is None:
            lacking.append(channel.waiting)
    everything = [nameless, *media.values()]
    waiting = _sum(everything, M.WAITING)
    gaps = {"longest_wait": NOBODY_WAITS} if waiting == 0 else {}
    if lacking and not any(lacking) and None not in lacking:
        gaps["by_channel.longest_wait"] = NOBODY_WAITS
    values = Realtime.trusted(
        observed_at=at,
        waiting=waiting,
        offering=_sum(everything, M.ALERTING),
        longest_wait=None if waiting == 0 else longest(waits),
        in_progress=_sum(everything, M.INTERACTING),
        by_channel=channels,
        **agents,
    )
    return values, gaps


def _channel(name: str, part: Tally, waits: list[timedelta | None]) -> ChannelRealtime:
    waiting = part.counts.get(M.WAITING, 0)
    return ChannelRealtime.trusted(
        vendor_names=words(name),
        waiting=waiting,
        offering=part.counts.get(M.ALERTING, 0),
        longest_wait=None if waiting == 0 else longest(waits),
        in_progress=part.counts.get(M.INTERACTING, 0),
    )


def _sum(tallies: Iterable[Tally], name: M) -> int | None:
    found: int | None = 0
    for tally in tallies:
        found = plus(found, tally.counts.get(name, 0))
    return found


def _by_status(
    by_status: Mapping[str | None, object], total: int | None, activities: Sequence[Activity] | None
) -> Agents:
    offline = _offline(activities)
    if None in by_status:  # agents whose status has no name may have any
        return Agents.trusted(total=total, offline=offline)
    off_queue = lenient.count(by_status.get("OFF_QUEUE", 0))
    interacting = lenient.count(by_status.get("INTERACTING", 0))
    return Agents.trusted(
        total=total,
        available=lenient.count(by_status.get("IDLE", 0)),
        busy=plus(interacting, lenient.count(by_status.get("COMMUNICATING", 0))),
        unavailable=max(off_queue - offline, 0) if off_queue is not None and offline is not None else None,
        offline=offline,
        off_queue=off_queue,
        not_responding=lenient.count(by_status.get("NOT_RESPONDING", 0)),
    )


def _offline(activities: Sequence[Activity] | None) -> int | None:
    found: int | None = None if activities is None else 0
    for one in activities or ():
        if one.state is ActivityState.OFFLINE:
            found = plus(found, one.agents)
        elif one.state is ActivityState.UNKNOWN and one.agents != 0:
            return None
    return found
