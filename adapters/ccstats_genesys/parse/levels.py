"""Service level thresholds that the configuration wants, beside the one that the tenant has set: pure.

Genesys Cloud counts contacts at one threshold per queue and media type, which only an administrator can change:
https://help.mypurecloud.com/articles/configure-the-service-level-calculation/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ccstats.model import Gap, GapReason, ServiceLevel, Window

NOT_THEIRS = Gap(
    reason=GapReason.UNSUPPORTED, detail="Genesys Cloud counts at the threshold that the queue has in the tenant only"
)
COUNTED = ("met", "missed", "vendor_ratio")


def with_wanted(values: Window, gaps: Mapping[str, Gap], wanted: Sequence[int]) -> tuple[Window, dict[str, Gap]]:
    """`values` with a level for each wanted threshold; only that of the tenant has counts.

    Where the tenant's threshold may not be read (`routing:queue:view`), a single wanted one is taken for it.
    """
    own = values.service_levels
    if not own:
        return values, dict(gaps)
    thresholds = [timedelta(seconds=seconds) for seconds in sorted(set(wanted))]
    if own[0].threshold is None:
        if len(thresholds) > 1 or "service_levels.threshold" in gaps:
            return values, dict(gaps)
        return values.but(service_levels=(own[0].but(threshold=thresholds[0]),)), dict(gaps)
    others = [threshold for threshold in thresholds if threshold != own[0].threshold]
    if not others:
        return values, dict(gaps)
    levels = sorted([*own, *(ServiceLevel(threshold=one) for one in others)], key=_threshold)
    lacking = {f"service_levels.{name}": NOT_THEIRS for name in COUNTED}
    return values.but(service_levels=tuple(levels)), {**lacking, **gaps}


def _threshold(level: ServiceLevel) -> timedelta:
    return level.threshold or timedelta(0)
