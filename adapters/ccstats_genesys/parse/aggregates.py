"""Conversation aggregates to the neutral model: pure.

https://developer.genesys.cloud/analyticsdatamanagement/analytics/aggregate/conversation-query: every `t` metric is in
milliseconds, `n` metrics have a count only, and each is counted at its own moment (answered when answered, handled when
handling ended). The answer is split by media type even where only the queue was asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from ccstats import lenient
from ccstats.model import ChannelWindow, Comparator, Gap, GapReason, ServiceLevel, Window
from ccstats_genesys.api import wire
from ccstats_genesys.api.queries import AGGREGATE_METRICS
from ccstats_genesys.parse.numbers import counts, metric_count, poison, time_stat

Metrics = dict[str, list[wire.Metric]]
Media = dict[str, Metrics]

NOTHING_COUNTED = Gap(reason=GapReason.NO_DATA, detail="nothing was counted against the service level")
SEVERAL = Gap(
    reason=GapReason.UNSUPPORTED, detail="every media type has its own threshold: see by_channel.*.service_levels"
)


def by_queue(answer: wire.Aggregates) -> dict[str | None, Media]:
    """Metrics by queue, and there by media type and name, over all intervals."""
    found: dict[str | None, Media] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for result in answer.results:
        media = found[result.group.queueId][result.group.mediaType or "unknown"]
        for metric in _metrics(result):
            media[metric.metric].append(metric)
    return found


def _metrics(result: wire.Aggregate) -> list[wire.Metric]:
    if result.data is None:
        return poison(AGGREGATE_METRICS)
    found: list[wire.Metric] = []
    for bucket in [] if isinstance(result.data, msgspec.UnsetType) else result.data:
        if bucket.metrics is None:
            found += poison(AGGREGATE_METRICS)
        elif not isinstance(bucket.metrics, msgspec.UnsetType):
            found += bucket.metrics
    return found


def window(
    media: Media, period: tuple[datetime, datetime], thresholds: Mapping[str, timedelta], at: datetime
) -> tuple[Window, dict[str, Gap]]:
    """The values of one queue over `period`. A queue without any group is one where nothing happened: counts are 0."""
    metrics: Metrics = defaultdict(list)
    for part in media.values():
        for name, found in part.items():
            metrics[name] += found
    used = {thresholds.get(name) for name in media or thresholds}
    level, gaps = _service_level(metrics, next(iter(used)) if len(used) == 1 else None)
    if len(used) > 1:
        gaps["service_levels.threshold"] = SEVERAL
    values = Window(
        observed_at=at,
        start=period[0],
        end=period[1],
        offered=_count(metrics, "nOffered"),
        answered=_count(metrics, "tAnswered"),
        abandoned=_count(metrics, "tAbandon"),
        short_abandoned=_count(metrics, "tShortAbandon"),
        handled=_count(metrics, "tHandle"),
        transferred=_count(metrics, "nTransferred"),
        flowed_out=_count(metrics, "tFlowOut"),
        wait=time_stat(metrics.get("tWait", [])),
        speed_of_answer=time_stat(metrics.get("tAnswered", [])),
        abandon_wait=time_stat(metrics.get("tAbandon", [])),
        handle=time_stat(metrics.get("tHandle", [])),
        talk=time_stat(metrics.get("tTalk", [])),
        hold=time_stat(metrics.get("tHeld", [])),
        after_call_work=time_stat(metrics.get("tAcw", [])),
        service_levels=(level,),
        by_channel={name: _channel(part, thresholds.get(name)) for name, part in media.items()},
    )
    if any(part.get("oServiceLevel") is None for part in media.values()):
        gaps["by_channel.service_levels.vendor_ratio"] = NOTHING_COUNTED
    return values, gaps


def _count(metrics: Mapping[str, Sequence[wire.Metric]], name: str) -> int | None:
    return metric_count(metrics.get(name, []))


def _channel(metrics: Metrics, threshold: timedelta | None) -> ChannelWindow:
    return ChannelWindow(
        offered=_count(metrics, "nOffered"),
        answered=_count(metrics, "tAnswered"),
        abandoned=_count(metrics, "tAbandon"),
        handled=_count(metrics, "tHandle"),
        speed_of_answer=time_stat(metrics.get("tAnswered", [])),
        abandon_wait=time_stat(metrics.get("tAbandon", [])),
        handle=time_stat(metrics.get("tHandle", [])),
        service_levels=(_service_level(metrics, threshold)[0],),
    )


def _service_level(metrics: Metrics, threshold: timedelta | None) -> tuple[ServiceLevel, dict[str, Gap]]:
    """Met and missed are answered contacts; the vendor's ratio follows the tenant's own switches, which change history.

    https://help.mypurecloud.com/articles/configure-the-service-level-calculation
    """
    answered, missed = _count(metrics, "tAnswered"), _count(metrics, "nOverSla")
    own = metrics.get("oServiceLevel", [])
    met_by_vendor = counts(metric.stats.numerator for metric in own)
    counted = counts(metric.stats.denominator for metric in own)
    ratio = met_by_vendor / counted if met_by_vendor is not None and counted else None
    gaps = {}
    if counted == 0:
        gaps["service_levels.vendor_ratio"] = NOTHING_COUNTED
    level = ServiceLevel(
        threshold=threshold,
        comparator=Comparator.UNKNOWN,
        met=answered - missed if answered is not None and missed is not None and missed <= answered else None,
        missed=missed,
        vendor_ratio=lenient.ratio(ratio),
    )
    return level, gaps


def thresholds(queue: wire.Queue) -> dict[str, timedelta]:
    """The service level thresholds of a queue by media type; `call` in the settings is `voice` in statistics."""
    found = {}
    settings = queue.mediaSettings if isinstance(queue.mediaSettings, dict) else {}
    for media, setting in settings.items():
        threshold = lenient.milliseconds(lenient.member(lenient.member(setting, "serviceLevel"), "durationMs"))
        if threshold is not None:
            found["voice" if media == "call" else media] = threshold
    return found
