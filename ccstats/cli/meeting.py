"""Where workers and readers meet: in the configuration, on the command line, or in the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ccstats.config import Config, Redis, validate
from ccstats.errors import ConfigError

F = TypeVar("F", bound=Callable[..., Any])


def redis_option(function: F) -> F:
    """`--redis URL`."""
    option = click.option(
        "--redis",
        "url",
        envvar="CCSTATS_REDIS",
        metavar="URL",
        help="Where workers and readers meet, instead of redis.url in FILE (or set CCSTATS_REDIS). Everybody on this "
        "machine sees a command line: a password belongs into FILE or the environment.",
    )
    return option(function)


def met_at(config: Config, url: str | None) -> Redis:
    """The server that `config` names, with `url` in place of its own; a `ConfigError` where neither names one."""
    if url is not None:
        return validate(Redis, {**dict(config.redis or ()), "url": url}, key="redis")
    if config.redis is None:
        message = 'say where workers meet: [redis] with url = "redis://..." in the file, or --redis URL'
        raise ConfigError(message, file=config.file, key="redis.url")
    return config.redis
