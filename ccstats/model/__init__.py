"""The neutral model: what contact-center numbers are, whoever sent them."""

from ccstats.model.channel import Channel
from ccstats.model.comparison import Comparability, Comparison, comparable
from ccstats.model.definition import (
    AbandonRule,
    CountedUnit,
    Definitions,
    DefinitionSource,
    Exit,
    Exits,
    HandlePart,
    Hours,
    MetricDefinition,
    Origin,
    Population,
    ThresholdOwner,
    TimeBasis,
    Told,
    WaitEnd,
    WaitStart,
    definitions_of,
)
from ccstats.model.errorinfo import ErrorInfo
from ccstats.model.gap import Gap, GapReason
from ccstats.model.group import Coverage, Group
from ccstats.model.levels import Comparator, Counts, RuledLevel, ServiceLevel, ServiceLevelRule
from ccstats.model.realtime import Activity, ActivityState, Agents, ChannelRealtime, Realtime, Status
from ccstats.model.result import Result
from ccstats.model.snapshot import Snapshot, SourceReport, SourceStatus
from ccstats.model.target import Family, Kind, Target
from ccstats.model.values import Model, TimeStat
from ccstats.model.window import ActivityDuration, ChannelWindow, Reservations, Window

__all__ = [
    "AbandonRule",
    "Activity",
    "ActivityDuration",
    "ActivityState",
    "Agents",
    "Channel",
    "ChannelRealtime",
    "ChannelWindow",
    "Comparator",
    "Comparison",
    "CountedUnit",
    "Counts",
    "Coverage",
    "DefinitionSource",
    "Definitions",
    "ErrorInfo",
    "Exit",
    "Exits",
    "Family",
    "Gap",
    "GapReason",
    "Group",
    "HandlePart",
    "Hours",
    "Kind",
    "MetricDefinition",
    "Model",
    "Origin",
    "Population",
    "Realtime",
    "Reservations",
    "Result",
    "RuledLevel",
    "ServiceLevel",
    "ServiceLevelRule",
    "Snapshot",
    "SourceReport",
    "SourceStatus",
    "Status",
    "Target",
    "ThresholdOwner",
    "TimeBasis",
    "TimeStat",
    "Told",
    "Comparability",
    "WaitEnd",
    "WaitStart",
    "Window",
    "comparable",
    "definitions_of",
]
