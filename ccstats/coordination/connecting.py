"""The way to a coordinator outside of this process; nothing of Redis is imported before somebody takes it."""

from __future__ import annotations

from ccstats.config import Redis
from ccstats.coordination.coordinator import Coordinator
from ccstats.errors import ConfigError


def connect(options: Redis) -> Coordinator:
    """The coordinator on that server; sends nothing yet.

    Raises `ConfigError` where the Redis client is not installed or `ca_file` holds no certificates.
    """
    try:
        from ccstats.coordination.redis import RedisCoordinator
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        raise ConfigError("Redis needs one more package: pip install 'ccstats[redis]'", key="redis") from None
    return RedisCoordinator(options)
