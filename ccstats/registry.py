"""Which adapters and faces are installed, by name. Listing imports nothing; one broken plugin hurts only its user."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ccstats.adapter import API_VERSION, Adapter
from ccstats.config import Config, RawSource, SourceOptions, validate
from ccstats.errors import ConfigError, PluginError

ADAPTERS = "ccstats.adapters"
FACES = "ccstats.faces"
WHAT = {ADAPTERS: "adapter", FACES: "face"}


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point, unloaded: what it is called, where it points, which distribution brought it."""

    name: str
    value: str
    owner: str
    version: str


@dataclass(frozen=True, slots=True)
class Configured:
    """One source of a configuration: its name, its adapter, and its options as the adapter understands them."""

    name: str
    adapter: Adapter[Any]
    options: SourceOptions


def installed(group: str = ADAPTERS) -> dict[str, tuple[Plugin, ...]]:
    """Every plugin of `group` by name, without importing any; more than one owner of a name is listed as it is."""
    found: dict[str, list[Plugin]] = defaultdict(list)
    for point in _points(group):
        owner = point.dist.name if point.dist is not None else "unknown distribution"
        version = point.dist.version if point.dist is not None else "?"
        plugin = Plugin(point.name, point.value, owner, version)
        # An editable install can list the same distribution twice: once by its metadata, once by its tree.
        if plugin not in found[point.name]:
            found[point.name].append(plugin)
    return {name: tuple(found[name]) for name in sorted(found)}


def load(name: str, group: str = ADAPTERS) -> Any:
    """The object behind `name`; `ConfigError` lists the known names, `PluginError` says what is broken and whose."""
    what = WHAT[group]
    owners = installed(group).get(name)
    if owners is None:
        known = ", ".join(installed(group)) or "none"
        raise ConfigError(f"there is no {what} {name!r}; installed are: {known}", key=what)
    if len(owners) > 1:
        names = " and ".join(f"{plugin.owner} ({plugin.value})" for plugin in owners)
        raise PluginError(f"{what} {name!r} is provided by {names}; uninstall one of them", key=what)
    point = next(point for point in _points(group) if point.name == name)
    try:
        return point.load()
    except Exception as error:
        message = f"{what} {name!r} of {owners[0].owner} cannot be imported: {type(error).__name__}: {error}"
        raise PluginError(message, key=what) from error


def load_adapter(name: str) -> Adapter[Any]:
    """The adapter called `name`, written for this version of the plugin contract."""
    adapter = load(name)
    version = getattr(adapter, "api_version", None)
    if version != API_VERSION:
        message = f"adapter {name!r} is written for plugin API {version}, this ccstats has {API_VERSION}"
        raise PluginError(message, key="adapter")
    checked: Adapter[Any] = adapter
    return checked


def options_of_example(adapter: Adapter[Any]) -> SourceOptions:
    """The options of an adapter as they are by default, without an account."""
    return validate(adapter.options, {"adapter": adapter.name, **adapter.example}, key=adapter.name)


ALONE = 'programs that share limits meet at a Redis server: add [redis] with url = "rediss://..." (or --redis URL)'


def resolve(config: Config, *, met: bool = False) -> list[Configured]:
    """Every source of `config` with its adapter, its options checked; `ConfigError` names file and key.

    `met` where there is a coordinator already, so that limits can be shared without a `[redis]` of their own.
    """
    configured = []
    for name, entry in config.sources.items():
        key = f"sources.{name}"
        try:
            adapter = load_adapter(entry.adapter)
        except ConfigError as error:
            where = f"{key}.{error.key}" if error.key else key
            raise type(error)(error.message, file=config.file, key=where) from error.__cause__
        if isinstance(entry, RawSource):
            options = validate(adapter.options, entry.table(), file=config.file, key=key)
        elif isinstance(entry, adapter.options):
            options = entry
        else:
            message = f"adapter {entry.adapter!r} takes {adapter.options.__name__}, not {type(entry).__name__}"
            raise ConfigError(message, file=config.file, key=key)
        if options.limits.shared and config.redis is None and not met:
            raise ConfigError(ALONE, file=config.file, key=f"{key}.limits.shared")
        configured.append(Configured(name, adapter, options))
    return configured


def _points(group: str) -> list[EntryPoint]:
    return list(entry_points(group=group))
