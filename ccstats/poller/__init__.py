"""Reading sources, and what becomes of the readings."""

from ccstats.poller.fetch import ALL_FAMILIES, Readers, fetch, open_readers
from ccstats.poller.merge import Merger
from ccstats.poller.reader import Job, Only, Progress, Reader, errors, read_batch, readable

__all__ = [
    "ALL_FAMILIES",
    "Job",
    "Merger",
    "Only",
    "Progress",
    "Reader",
    "Readers",
    "errors",
    "fetch",
    "open_readers",
    "read_batch",
    "readable",
]
