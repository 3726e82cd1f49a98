"""Polling: many sources, each on its cadence and inside its budget, and the latest of everything."""

from ccstats.monitor.garbage import few_full_collections
from ccstats.monitor.monitor import Monitor
from ccstats.monitor.stats import MonitorStats, SourceState, SourceStats
from ccstats.monitor.stream import Changes

__all__ = ["Changes", "Monitor", "MonitorStats", "SourceState", "SourceStats", "few_full_collections"]
