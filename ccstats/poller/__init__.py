"""Reading sources, and what becomes of the readings."""

from ccstats.poller.fetch import ALL_FAMILIES, Readers, fetch, open_readers
from ccstats.poller.merge import Families, Judge, Merger, prefix_of
from ccstats.poller.reader import (
    Job,
    Only,
    Progress,
    as_vendor_error,
    errors,
    log_bug,
    read_batch,
    readable,
    unread,
)

__all__ = [
    "ALL_FAMILIES",
    "Families",
    "Job",
    "Judge",
    "Merger",
    "Only",
    "Progress",
    "Readers",
    "as_vendor_error",
    "errors",
    "fetch",
    "log_bug",
    "open_readers",
    "prefix_of",
    "read_batch",
    "readable",
    "unread",
]
