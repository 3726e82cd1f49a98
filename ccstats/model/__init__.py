"""The neutral model: what contact-center numbers are, whoever sent them."""

from ccstats.model.errorinfo import ErrorInfo
from ccstats.model.gap import Gap, GapReason
from ccstats.model.realtime import Activity, ActivityState, Agents, ChannelRealtime, Realtime, Status
from ccstats.model.snapshot import Result, Snapshot, SourceReport, SourceStatus
from ccstats.model.target import Family, Kind, Target
from ccstats.model.values import Comparator, Model, ServiceLevel, ServiceLevelRule, TimeStat
from ccstats.model.window import ActivityDuration, ChannelWindow, Reservations, Window

__all__ = [
    "Activity",
    "ActivityDuration",
    "ActivityState",
    "Agents",
    "ChannelRealtime",
    "ChannelWindow",
    "Comparator",
    "ErrorInfo",
    "Family",
    "Gap",
    "GapReason",
    "Kind",
    "Model",
    "Realtime",
    "Reservations",
    "Result",
    "ServiceLevel",
    "ServiceLevelRule",
    "Snapshot",
    "SourceReport",
    "SourceStatus",
    "Status",
    "Target",
    "TimeStat",
    "Window",
]
