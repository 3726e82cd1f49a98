"""The latest known of one target, and the report of one source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from ccstats.model.definition import MetricDefinition, definitions_of
from ccstats.model.errorinfo import ErrorInfo
from ccstats.model.gap import Gap, nearest
from ccstats.model.levels import RuledLevel, ServiceLevelRule
from ccstats.model.realtime import Realtime
from ccstats.model.target import Target
from ccstats.model.values import Model
from ccstats.model.window import Window


class Snapshot(Model):
    """The latest known of one target: what is true now, what happened per window, and why anything is None.

    `gaps` is keyed by metric path (`realtime.agents.busy`, `windows.30m.handle`); a gap at a path stands for everything
    below it. `definitions` names what the numbers mean (`definition()` looks it up). `raw` holds the vendor's own
    answers where they were asked for. Snapshots are frozen, and they share their tables: `gaps`, `windows` and `raw`
    must not be changed.
    """

    type: Literal["snapshot"] = "snapshot"
    v: Literal[1] = 1
    target: Target
    realtime: Realtime | None = None
    windows: dict[str, Window] = Field(default_factory=dict)
    gaps: dict[str, Gap] = Field(default_factory=dict)
    definitions: str | None = None
    raw: dict[str, Any] | None = None

    def gap(self, path: str) -> Gap | None:
        """Why the value at `path` is None: the gap of that path or of the nearest path above it."""
        return nearest(self.gaps, path)

    def service_level(self, rule: ServiceLevelRule, window: str, threshold: timedelta | None = None) -> RuledLevel:
        """The service level of a window under `rule`; where there is none, `gap` says what was not given."""
        return ruled(self.windows.get(window), self.gaps, rule, window, threshold)

    def definition(self, metric: str) -> MetricDefinition | None:
        """What `metric` (`window.speed_of_answer`) means here; None where the adapter declares nothing of it."""
        found = definitions_of(self.definitions)
        return found.metrics.get(metric) if found is not None else None


def ruled(
    family: Window | None, gaps: Mapping[str, Gap], rule: ServiceLevelRule, window: str, threshold: timedelta | None
) -> RuledLevel:
    """The service level of a window, with the reason of the gap that stands behind a missing one."""
    found = family.service_level(rule, threshold) if family is not None else RuledLevel(rule=rule, threshold=threshold)
    path = f"windows.{window}.service_levels"
    behind = nearest(gaps, path) if family is None or not family.service_levels else None
    return found.but(gap=behind) if behind is not None else found


class SourceStatus(StrEnum):
    """How a source did."""

    OK = "ok"
    PARTIAL = "partial"
    """Some of its targets could not be read."""
    FAILED = "failed"
    """Nothing of it could be read."""


Figure = Annotated[int, Field(strict=True, ge=0)]


class SourceReport(Model):
    """What became of one source: how many targets, how many requests, what failed, what is worth knowing."""

    type: Literal["source"] = "source"
    v: Literal[1] = 1
    source: str
    vendor: str
    status: SourceStatus
    error: ErrorInfo | None = None
    targets: Figure = 0
    failed_targets: Figure = 0
    requests: Figure = 0
    notes: tuple[str, ...] = ()
