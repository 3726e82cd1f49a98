"""What a user writes about several workers: where they meet, and what one of them does alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from ccstats.config.period import Period, parse_period
from ccstats.config.secret import Secret
from ccstats.config.strict import Settings


class Redis(Settings):
    """The Redis (or Valkey) server where workers and readers meet. Its URL may hold a password, so it is a secret."""

    url: Secret
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "ccstats"
    """What all keys begin with: two fleets on one server have two prefixes."""
    ca_file: Path | None = None
    allow_plain: bool = False
    """Send numbers and a password without TLS to an address that is not on this machine."""


class Work(Settings):
    """How a worker behaves beside others."""

    lease: Period = parse_period("3s")
    """How long after a worker's last sign of life another one takes over what it polled."""
    without_redis: Literal["poll", "stop"] = "poll"
    """What a worker does that cannot reach Redis: go on with what it holds, or (where spending a limit twice is worse
    than old numbers) stop when its lease ends.
    """
