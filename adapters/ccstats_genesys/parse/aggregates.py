"""Conversation aggregates to the neutral model: pure.

https://developer.genesys.cloud/analyticsdatamanagement/analytics/aggregate/conversation-query: every `t` metric is in
milliseconds, `n` metrics have a count only, and each is counted at its own moment (answered when answered, handled when
handling ended). The answer is split by media type even where only the queue was asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from ccstats import lenient
from ccstats.model import ChannelWindow, Comparator, Gap, GapReason, ServiceLevel, TimeStat, Window
from ccstats.model.values import plus
from ccstats_genesys.api import wire
from ccstats_genesys.api.queries import AGGREGATE_METRICS
from ccstats_genesys.api.wire import Aggregated as M
from ccstats_genesys.parse.media import CHANNELS, OTHER, words
from ccstats_genesys.parse.numbers import NOTHING, added, time_stat

TIMES = frozenset({M.WAIT, M.ANSWERED, M.ABANDON, M.HANDLE, M.TALK, M.HELD, M.ACW})
COUNTS = frozenset(AGGREGATE_METRICS) - {M.SERVICE_LEVEL}

NOTHING_COUNTED = Gap(reason=GapReason.NO_DATA, detail="nothing was counted against the service level")
SEVERAL = Gap(
    reason=GapReason.UNSUPPORTED, detail="every media type has its own threshold: see by_channel.*.service_levels"
)
UNREADABLE = [wire.AggregatedMetric(name, wire.Summary(count=None)) for name in AGGREGATE_METRICS]
"""In place of a list that was null: null is never nothing."""


@dataclass(slots=True)
class Tally:
    """The metrics of one queue and media type over all intervals. What is in no table did not come, and is zero."""

    counts: dict[M, int | None] = field(default_factory=dict)
    times: dict[M, TimeStat | None] = field(default_factory=dict)
    met: int | None = 0
    counted: int | None = 0
    leveled: bool = False
    """Whether the vendor gave a service level of its own."""

    def add(self, metrics: Iterable[wire.AggregatedMetric]) -> None:
        """Take in the metrics that are known; of others nobody asked."""
        for metric in metrics:
            name, stats = metric.metric, metric.stats
            if name in COUNTS:
                number = lenient.count(stats.count)
                self.counts[name] = plus(self.counts.get(name, 0), number)
                if name in TIMES:
                    self.times[name] = added(self.times.get(name, NOTHING), time_stat(stats, number))
            elif name is M.SERVICE_LEVEL:
                self.leveled = True
                self.met = plus(self.met, lenient.count(stats.numerator))
                self.counted = plus(self.counted, lenient.count(stats.denominator))

    def count(self, name: M) -> int | None:
        """How many contacts a metric is about."""
        return self.counts.get(name, 0)

    def time(self, name: M) -> TimeStat | None:
        """How long they took."""
        return self.times.get(name, NOTHING)


Media = dict[str, Tally]


def by_queue(answer: wire.Aggregates) -> dict[str | None, Media]:
    """Metrics by queue, and there by media type, over all intervals."""
    found: dict[str | None, Media] = {}
    for result in answer.results:
        media = found.setdefault(result.group.queueId, {})
        name = result.group.mediaType or "unknown"
        tally = media.get(name)
        if tally is None:
            tally = media[name] = Tally()
        if result.data is None:
            tally.add(UNREADABLE)
            continue
        for bucket in () if isinstance(result.data, msgspec.UnsetType) else result.data:
            if bucket.metrics is None:
                tally.add(UNREADABLE)
            elif not isinstance(bucket.metrics, msgspec.UnsetType):
                tally.add(bucket.metrics)
    return found


def used(answer: wire.Aggregates, asked: tuple[datetime, datetime]) -> tuple[datetime, datetime]:
    """The period that the answer says it is about; the `asked` one where it holds no group or says nothing usable."""
    buckets = (bucket for result in answer.results if isinstance(result.data, list) for bucket in result.data)
    texts = {bucket.interval for bucket in buckets if isinstance(bucket.interval, str)}
    bounds = [tuple(map(lenient.moment, text.split("/"))) for text in texts]
    if not bounds or any(len(pair) != 2 or None in pair for pair in bounds):
        return asked
    starts, ends = [pair[0] for pair in bounds if pair[0]], [pair[1] for pair in bounds if pair[1]]
    return (min(starts), max(ends)) if min(starts) < max(ends) else asked


def window(
    media: Media, period: tuple[datetime, datetime], thresholds: Mapping[str, timedelta], at: datetime
) -> tuple[Window, dict[str, Gap]]:
    """The values of one queue over `period`. A queue without any group is one where nothing happened: counts are 0."""
    everything = _together(media.values())
    used = {thresholds.get(name) for name in media or thresholds}
    level = _service_level(everything, next(iter(used)) if len(used) == 1 else None)
    gaps = {"service_levels.vendor_ratio": NOTHING_COUNTED} if everything.counted == 0 else {}
    if len(used) > 1:
        gaps["service_levels.threshold"] = SEVERAL
    if not all(part.leveled for part in media.values()):
        gaps["by_channel.service_levels.vendor_ratio"] = NOTHING_COUNTED
    count, time = everything.count, everything.time
    values = Window.trusted(
        observed_at=at,
        start=period[0],
        end=period[1],
        offered=count(M.OFFERED),
        answered=count(M.ANSWERED),
        abandoned=count(M.ABANDON),
        short_abandoned=count(M.SHORT_ABANDON),
        handled=count(M.HANDLE),
        transferred=count(M.TRANSFERRED),
        flowed_out=count(M.FLOW_OUT),
        wait=time(M.WAIT),
        speed_of_answer=time(M.ANSWERED),
        abandon_wait=time(M.ABANDON),
        handle=time(M.HANDLE),
        talk=time(M.TALK),
        hold=time(M.HELD),
        after_call_work=time(M.ACW),
        service_levels=(level,),
        by_channel=_by_channel(media, thresholds),
    )
    return values, gaps


def _together(parts: Collection[Tally]) -> Tally:
    if len(parts) == 1:
        return next(iter(parts))
    found = Tally()
    for part in parts:
        for name, number in part.counts.items():
            found.counts[name] = plus(found.count(name), number)
        for name, time in part.times.items():
            found.times[name] = added(found.time(name), time)
        found.met = plus(found.met, part.met)
        found.counted = plus(found.counted, part.counted)
    return found


def _by_channel(media: Media, thresholds: Mapping[str, timedelta]) -> dict[str, ChannelWindow]:
    found: dict[str, ChannelWindow] = {}
    for name, part in media.items():
        channel, known = _channel(name, part, thresholds.get(name)), CHANNELS.get(name, OTHER)
        found[known] = found[known].joined(channel) if known in found else channel
    return found


def _channel(name: str, part: Tally, threshold: timedelta | None) -> ChannelWindow:
    return ChannelWindow.trusted(
        vendor_names=words(name),
        offered=part.count(M.OFFERED),
        answered=part.count(M.ANSWERED),
        abandoned=part.count(M.ABANDON),
        handled=part.count(M.HANDLE),
        speed_of_answer=part.time(M.ANSWERED),
        abandon_wait=part.time(M.ABANDON),
        handle=part.time(M.HANDLE),
        service_levels=(_service_level(part, threshold),),
    )


def _service_level(part: Tally, threshold: timedelta | None) -> ServiceLevel:
    """Met and missed are answered contacts; the vendor's ratio follows the tenant's own switches, which change history.

    https://help.mypurecloud.com/articles/configure-the-service-level-calculation
    """
    answered, missed = part.count(M.ANSWERED), part.count(M.OVER_SLA)
    return ServiceLevel.trusted(
        threshold=threshold,
        comparator=Comparator.UNKNOWN,
        met=answered - missed if answered is not None and missed is not None and missed <= answered else None,
        missed=missed,
        vendor_ratio=lenient.ratio(part.met / part.counted) if part.met is not None and part.counted else None,
    )


def thresholds(queue: wire.Queue) -> dict[str, timedelta]:
    """The service level thresholds of a queue by media type; `call` in the settings is `voice` in statistics."""
    found = {}
    settings = queue.mediaSettings if isinstance(queue.mediaSettings, dict) else {}
    for media, setting in settings.items():
        threshold = lenient.milliseconds(lenient.member(lenient.member(setting, "serviceLevel"), "durationMs"))
        if threshold is not None:
            found["voice" if media == "call" else media] = threshold
    return found
