"""Where workers and readers meet: in the configuration, on the command line, or in the environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

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


def attach_option(function: F) -> F:
    """`--attach`."""
    option = click.option(
        "--attach",
        "attached",
        is_flag=True,
        help="Poll nothing: show what workers share at redis.url in FILE. Without FILE, or with --redis URL on the "
        "command line, that is what is done anyway.",
    )
    return option(function)


def meets(path: str | None, *, attached: bool) -> bool:
    """Whether a command line asks for what workers share.

    An address in FILE or in the environment alone does not: it may be there for limits that are shared.
    """
    given = click.get_current_context().get_parameter_source("url")
    return attached or path is None or given is ParameterSource.COMMANDLINE


def met_at(config: Config, url: str | None) -> Redis:
    """The server that `config` names, with `url` in place of its own; a `ConfigError` where neither names one."""
    if url is not None:
        return validate(Redis, {**dict(config.redis or ()), "url": url}, key="redis")
    if config.redis is None:
        message = 'say where workers meet: [redis] with url = "redis://..." in the file, or --redis URL'
        raise ConfigError(message, file=config.file, key="redis.url")
    return config.redis
