"""What a user writes about several workers: where they meet, and what one of them does alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from ccstats.config.period import Period, parse_period
from ccstats.config.redis_address import IN_THE_CLEAR, redis_address
from ccstats.config.secret import Secret
from ccstats.config.strict import Settings

SHORTEST_LEASE, LONGEST_LEASE = timedelta(seconds=1), timedelta(minutes=10)


def _checked(url: Secret, info: ValidationInfo) -> Secret:
    if redis_address(url.reveal()).in_the_clear and not info.data.get("allow_plain", False):
        raise ValueError(IN_THE_CLEAR)
    return url


class Redis(Settings):
    """The Redis (or Valkey) server where workers and readers meet. Its URL may hold a password, so it is a secret."""

    allow_plain: bool = False
    """Send numbers and a password without TLS to an address that is not on this machine."""
    url: Annotated[Secret, AfterValidator(_checked)]
    """`rediss://user:password@host:port/db`; `redis://` without TLS; `unix:///path?db=0`."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "ccstats"
    """What all keys begin with: two fleets on one server have two prefixes."""
    ca_file: Path | None = None
    """Certificates (PEM) that the server's is signed by, beside those that this machine trusts."""

    @field_validator("ca_file")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path


def _lease(lease: timedelta) -> timedelta:
    if not SHORTEST_LEASE <= lease <= LONGEST_LEASE:
        raise ValueError("a lease is between 1s and 10m: six signs of life come in one, over a network")
    return lease


class Work(Settings):
    """How a worker behaves beside others."""

    lease: Annotated[Period, AfterValidator(_lease)] = parse_period("3s")
    """How long after a worker's last sign of life another one takes over what it polled."""
    without_redis: Literal["poll", "stop"] = "poll"
    """What a worker does that cannot reach Redis: go on with what it holds, or (where spending a limit twice is worse
    than old numbers) stop when its lease ends.
    """
