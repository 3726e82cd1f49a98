"""What the budgets of a shard owe, as it passes from one worker to the next."""

from __future__ import annotations

import asyncio
import json
import math

from pydantic import TypeAdapter, ValidationError

from ccstats.budget import Inherited
from ccstats.coordination import Heritage
from ccstats.fleet.clock import SharedClock

OTHERS = "*"
"""Stands for every budget that is not named: until when it may have been spent by somebody."""
OVER = 3600.0
"""Seconds after which that is over for the longest of windows."""
TOLD = TypeAdapter(dict[str, tuple[float, float]])


def told(owed: Inherited) -> bytes:
    """Debts as seconds from now, by names of budgets that tell of no account."""
    now = asyncio.get_running_loop().time()
    left = {key: (_left(full_at, now), _left(paused, now)) for key, (full_at, paused) in owed.debts.items()}
    left = {key: one for key, one in left.items() if any(one)}
    if owed.spent_until is not None and owed.spent_until > now - OVER:
        left[OTHERS] = (owed.spent_until - now, 0.0)
    return json.dumps(left, separators=(",", ":")).encode()


def inherited(heritage: Heritage | None, clock: SharedClock, stopped_before: float) -> Inherited:
    """What a new holder owes: what was told, and where nothing was given back, all that can have been spent since.

    The last holder stopped by itself `stopped_before` seconds before its lease ended.
    """
    if heritage is None:
        return Inherited()
    at, until = clock.here(heritage.at), clock.here(heritage.until - stopped_before)
    try:
        left = TOLD.validate_json(heritage.debts or b"{}")
    except ValidationError:  # told by another version
        return Inherited(spent_until=max(at, until))
    spent = [at + left.pop(OTHERS)[0]] if OTHERS in left else []
    spent += [] if heritage.clean else [until]
    debts = {key: (at + full, at + paused) for key, (full, paused) in left.items()}
    return Inherited(debts, max(spent, default=None))


def _left(moment: float, now: float) -> float:
    return round(max(0.0, moment - now), 3) if moment > -math.inf else 0.0
