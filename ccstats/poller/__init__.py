"""Reading sources: once, and what becomes of the readings."""

from ccstats.poller.fetch import fetch
from ccstats.poller.merge import Merger
from ccstats.poller.reader import Job, Progress, discover, read_batch, read_source

__all__ = ["Job", "Merger", "Progress", "discover", "fetch", "read_batch", "read_source"]
