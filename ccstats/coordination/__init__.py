"""What several processes agree on: who polls what, the table that all of them read, and limits that all of them spend.

Nothing here knows a vendor, a snapshot or a number: rows are bytes with a name.
"""

from ccstats.coordination.connecting import connect
from ccstats.coordination.coordinator import (
    Claim,
    Coordinator,
    Grant,
    Heritage,
    Lease,
    Life,
    Mark,
    Spent,
    State,
    Touched,
)
from ccstats.coordination.local import LocalCoordinator

__all__ = [
    "Claim",
    "Coordinator",
    "Grant",
    "Heritage",
    "Lease",
    "Life",
    "LocalCoordinator",
    "Mark",
    "Spent",
    "State",
    "Touched",
    "connect",
]
