"""Why a value is None. Missing is never zero, and never without a reason."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ccstats.model.values import Model


class GapReason(StrEnum):
    """What kind of nothing a None is."""

    UNSUPPORTED = "unsupported"
    """The vendor has no such number."""
    NOT_IMPLEMENTED = "not_implemented"
    """The vendor has it, this adapter does not read it yet."""
    NOT_PERMITTED = "not_permitted"
    """The credential lacks the permission, or the account the entitlement."""
    NOT_REQUESTED = "not_requested"
    """It can be had, but the configuration does not ask for it."""
    NO_DATA = "no_data"
    """Nothing happened that could be measured: the average of nothing."""
    UNKNOWN = "unknown"
    """The vendor should have said and did not, or said something that cannot be true."""
    FAILED = "failed"
    """The read failed; the error of the family says how."""
    REFUSED = "refused"
    """It cannot be rolled up: a number over these targets would lie."""


class Gap(Model):
    """One reason, and in words what stands behind it and what would change it."""

    reason: GapReason
    detail: str = ""


def nearest(gaps: Mapping[str, Gap], path: str) -> Gap | None:
    """The gap at `path`, or at the nearest path above it."""
    while path:
        if path in gaps:
            return gaps[path]
        path = path.rpartition(".")[0]
    return None
