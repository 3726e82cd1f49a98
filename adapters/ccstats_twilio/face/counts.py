"""Counts as strings, as the prose of some documentation pages shows them.

https://www.twilio.com/docs/taskrouter/api/taskqueue-statistics
"""

from typing import Final

DURATIONS: Final = frozenset(
    {
        "activity_durations",
        "avg_task_acceptance_time",
        "longest_relative_task_age_in_queue",
        "longest_task_waiting_age",
        "meta",
        "wait_duration_in_queue_until_accepted",
        "wait_duration_until_accepted",
        "wait_duration_until_canceled",
    }
)
"""What holds seconds, and the page numbers of lists: these stay numbers."""


def as_strings(value: object) -> object:
    """Return a body in which every count is a string of digits."""
    if isinstance(value, dict):
        return {name: each if name in DURATIONS else as_strings(each) for name, each in value.items()}
    if isinstance(value, list):
        return [as_strings(each) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
