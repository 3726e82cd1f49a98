"""What handlers work on: the monitor, the feed of its changes, and how this process is doing."""

from __future__ import annotations

from dataclasses import dataclass, field

from ccstats.monitor.view import View
from ccstats.serve.feed import Feed
from ccstats.serve.gate import Gate
from ccstats.serve.history import Recorder


@dataclass(slots=True)
class Live:
    """One server's view of the numbers."""

    monitor: View
    feed: Feed
    gate: Gate
    recorder: Recorder
    ending: bool = field(default=False)
