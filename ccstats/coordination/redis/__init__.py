"""The coordinator of several processes: a Redis (or Valkey) server."""

from ccstats.coordination.redis.coordinator import RedisCoordinator

__all__ = ["RedisCoordinator"]
