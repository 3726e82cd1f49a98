"""Observations to the neutral model: pure.

https://developer.genesys.cloud/analyticsdatamanagement/analytics/observation/observation-query: conversation metrics
come in one group per queue and media type, user metrics in a group with the queue only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ccstats.model import Activity, ActivityState, Agents, ChannelRealtime, Gap, GapReason, Realtime
from ccstats_genesys.api import wire
from ccstats_genesys.api.queries import CONVERSATION_METRICS, USER_METRICS
from ccstats_genesys.parse.numbers import counts, longest_wait, metric_count, poison
from ccstats_genesys.parse.presences import Meanings, inverted

NOBODY_WAITS = Gap(reason=GapReason.NO_DATA, detail="nobody is waiting")

Groups = dict[str, dict[str | None, list[wire.Metric]]]
Found = tuple[Realtime, dict[str, Gap]]


def grouped(answer: wire.Observations) -> Groups:
    """Metrics by queue, and there by media type (None: user metrics). A queue that was returned empty is in it."""
    found: Groups = defaultdict(dict)
    for result in answer.results:
        if result.group.queueId is None:
            continue
        part = found[result.group.queueId].setdefault(result.group.mediaType, [])
        if result.data is None:
            part += poison(USER_METRICS if result.group.mediaType is None else CONVERSATION_METRICS)
        elif result.data is not msgspec.UNSET:
            part += result.data
    return found


def realtime(
    parts: Mapping[str | None, Sequence[wire.Metric]],
    mappings: Mapping[str, str],
    meanings: Meanings,
    channels: Sequence[str],
    at: datetime,
) -> Found:
    """The real-time values of one queue out of its groups; `channels` restricts the contacts, not the agents."""
    media = {name: metrics for name, metrics in parts.items() if name is not None and _wanted(name, channels)}
    by_channel = {name: _channel(metrics, at) for name, metrics in media.items()}
    users = parts.get(None, [])
    everything = [metric for metrics in media.values() for metric in metrics]
    # A group of contacts that does not say its media type still has contacts in it; under a filter, of any channel.
    nameless = [metric for metric in users if metric.metric in CONVERSATION_METRICS]
    everything += poison({metric.metric for metric in nameless}) if channels else nameless
    values, gaps = contacts(everything, by_channel, at)
    activities = _activities(users, mappings, meanings)
    named = all(metric.qualifier for metric in _of(users, "oUserPresences"))
    agents = _agents(users, activities if named else None)
    return values.model_copy(update={"agents": agents, "activities": activities}), gaps


def system_presences(answer: wire.Observations) -> dict[str, str]:
    """System presence by organization presence id, as this answer maps them."""
    return inverted(answer.systemToOrganizationMappings)


def contacts(metrics: Sequence[wire.Metric], by_channel: dict[str, ChannelRealtime], at: datetime) -> Found:
    """Waiting, ringing and handled contacts, without agents."""
    waiting = metric_count(_of(metrics, "oWaiting"))
    longest, gaps = _longest(metrics, waiting, at)
    lacking = [part for part in by_channel.values() if part.longest_wait is None]
    if lacking and all(part.waiting == 0 for part in lacking):
        gaps["by_channel.longest_wait"] = NOBODY_WAITS
    values = Realtime(
        observed_at=at,
        waiting=waiting,
        offering=metric_count(_of(metrics, "oAlerting")),
        longest_wait=longest,
        in_progress=metric_count(_of(metrics, "oInteracting")),
        by_channel=by_channel,
    )
    return values, gaps


def activity(answer: wire.Activity, at: datetime) -> Found:
    """The real-time contacts of the whole organization, out of the activity query."""
    media: dict[str, list[wire.Metric]] = defaultdict(list)
    for result in answer.results:
        part = media[result.group.mediaType or "unknown"]
        if result.data is None:
            part += poison(CONVERSATION_METRICS)
        elif result.data is not msgspec.UNSET:
            part += [_full(flat) for flat in result.data]
    by_channel = {name: _channel(metrics, at) for name, metrics in media.items()}
    return contacts([metric for metrics in media.values() for metric in metrics], by_channel, at)


def _full(flat: wire.FlatMetric) -> wire.Metric:
    return wire.Metric(flat.metric, stats=wire.Stats(flat.count, calculatedMetricValue=flat.calculatedMetricValue))


def agent_counts(answer: wire.AgentCounts, meanings: Meanings) -> tuple[Agents, tuple[Activity, ...] | None]:
    """The agents of the whole organization: each once, however many queues they work for."""
    statuses = answer.routingStatusCounts
    presences = answer.presenceCounts
    mapped = {row.organizationPresenceId or "": row.systemPresence or "" for row in presences or []}
    rows = {row.organizationPresenceId: row.count for row in presences or [] if row.organizationPresenceId}
    activities = _activity_rows(rows, mapped, meanings) if presences is not None else None
    total = counts(row.count for row in presences) if presences is not None else None
    if statuses is None:
        return Agents(total=total), activities
    by_status = {row.routingStatus: row.count for row in statuses}
    whole = activities if presences is not None and len(rows) == len(presences) else None
    return _by_status(by_status, total, whole), activities


def _wanted(media: str, channels: Sequence[str]) -> bool:
    return not channels or media in channels


def _of(metrics: Iterable[wire.Metric], name: str) -> list[wire.Metric]:
    return [metric for metric in metrics if metric.metric == name]


def _channel(metrics: Sequence[wire.Metric], at: datetime) -> ChannelRealtime:
    waiting = metric_count(_of(metrics, "oWaiting"))
    return ChannelRealtime(
        waiting=waiting,
        offering=metric_count(_of(metrics, "oAlerting")),
        longest_wait=_longest(metrics, waiting, at)[0],
        in_progress=metric_count(_of(metrics, "oInteracting")),
    )


def _longest(
    metrics: Sequence[wire.Metric], waiting: int | None, at: datetime
) -> tuple[timedelta | None, dict[str, Gap]]:
    if waiting == 0:
        return None, {"longest_wait": NOBODY_WAITS}
    return longest_wait((metric.stats.calculatedMetricValue for metric in _of(metrics, "oLongestWaiting")), at), {}


def _agents(users: Sequence[wire.Metric], activities: tuple[Activity, ...] | None) -> Agents:
    by_status: dict[str | None, object] = {}
    for metric in _of(users, "oUserRoutingStatuses"):
        by_status[metric.qualifier] = metric.stats.count
    return _by_status(by_status, metric_count(_of(users, "oMemberUsers")), activities)


def _by_status(
    by_status: Mapping[str | None, object], total: int | None, activities: Sequence[Activity] | None
) -> Agents:
    def number(*statuses: str) -> int | None:
        if None in by_status:
            return None  # agents whose status has no name may have any
        return counts(by_status[status] for status in statuses if status in by_status)

    off_queue, offline = number("OFF_QUEUE"), _offline(activities)
    unavailable = max(off_queue - offline, 0) if off_queue is not None and offline is not None else None
    return Agents(
        total=total,
        available=number("IDLE"),
        busy=number("INTERACTING", "COMMUNICATING"),
        unavailable=unavailable,
        offline=offline,
        off_queue=off_queue,
        not_responding=number("NOT_RESPONDING"),
    )


def _offline(activities: Sequence[Activity] | None) -> int | None:
    if activities is None or any(one.state is ActivityState.UNKNOWN and one.agents != 0 for one in activities):
        return None
    return counts(one.agents for one in activities if one.state is ActivityState.OFFLINE)


def _activities(users: Sequence[wire.Metric], mappings: Mapping[str, str], meanings: Meanings) -> tuple[Activity, ...]:
    presences = _of(users, "oUserPresences")
    rows = {metric.qualifier: metric.stats.count for metric in presences if metric.qualifier}
    return _activity_rows(rows, mappings, meanings)


def _activity_rows(rows: Mapping[str, object], mappings: Mapping[str, str], meanings: Meanings) -> tuple[Activity, ...]:
    return tuple(
        Activity(
            id=ident, name=meanings.names.get(ident), agents=counts([value]), state=meanings.state(ident, mappings)
        )
        for ident, value in rows.items()
    )
