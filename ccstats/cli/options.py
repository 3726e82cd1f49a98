"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import click

from ccstats.config import Config, load_config
from ccstats.errors import ConfigError
from ccstats.model import Kind, Target
from ccstats.poller import Only

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """`-c FILE`."""
    return _config_option(function, required=True)


def optional_config_option(function: F) -> F:
    """`-c FILE`, or nothing."""
    return _config_option(function, required=False)


def _config_option(function: F, *, required: bool) -> F:
    option = click.option(
        "-c",
        "--config",
        "path",
        required=required,
        envvar="CCSTATS_CONFIG",
        metavar="FILE",
        help="The configuration, a TOML file (or set CCSTATS_CONFIG).",
    )
    return option(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="JSON lines on stdout, for machines.")(function)


def source_option(function: F) -> F:
    """`--source NAME`, several times."""
    option = click.option(
        "--source", "sources", multiple=True, metavar="NAME", help="Only this source (may be repeated)."
    )
    return option(function)


def target_options(function: F) -> F:
    """`--kind` and `--match`."""
    kinds = click.Choice([kind.value for kind in Kind])
    function = click.option("--kind", "kinds", type=kinds, multiple=True, help="Only targets of this kind.")(function)
    option = click.option(
        "--match", "globs", multiple=True, metavar="GLOB", help="Only targets whose name, id or key matches."
    )
    return option(function)


def load(path: str, sources: tuple[str, ...]) -> Config:
    """The configuration in `path`, with the named sources only."""
    config = load_config(path)
    unknown = [name for name in sources if name not in config.sources]
    if unknown:
        known = ", ".join(config.sources)
        raise ConfigError(f"there is no source {unknown[0]!r}; there are: {known}", file=path, key="--source")
    if not sources:
        return config
    chosen = {name: entry for name, entry in config.sources.items() if name in sources}
    return config.model_copy(update={"sources": chosen}).read_from(config.file)


def wanted(kinds: tuple[str, ...], globs: tuple[str, ...]) -> Only | None:
    """Which targets `--kind` and `--match` want, or None where they want all."""
    if not kinds and not globs:
        return None

    def only(target: Target) -> bool:
        names = (target.name or "", target.id, target.key)
        fits = not globs or any(fnmatchcase(name, glob) for name in names for glob in globs)
        return fits and (not kinds or target.kind.value in kinds)

    return only
