"""Several workers that share the polling, and readers of what they have read: see docs/operating.md."""

from ccstats.fleet.reader import Reader, attach

__all__ = ["Reader", "attach"]
