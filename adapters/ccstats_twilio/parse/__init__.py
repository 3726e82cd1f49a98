"""TaskRouter's answers to the neutral model: pure functions."""

from ccstats_twilio.parse.facts import WorkspaceFacts
from ccstats_twilio.parse.realtime import realtime, worker
from ccstats_twilio.parse.window import activity_durations, window, worker_window

__all__ = ["WorkspaceFacts", "activity_durations", "realtime", "window", "worker", "worker_window"]
