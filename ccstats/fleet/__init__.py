"""Several workers that share the polling, and readers of what they have read: see docs/operating.md."""

from ccstats.fleet.reader import Reader, attach
from ccstats.fleet.worker import Worker

__all__ = ["Reader", "Worker", "attach"]
