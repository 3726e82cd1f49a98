"""The simulated center of `simulate` and `demo`: which faces there are, and the configuration that reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import click

from ccstats.errors import ConfigError, PluginError
from ccstats.registry import FACES, installed, load
from ccstats.simulator.face import Face, Fault
from ccstats.simulator.rehearsal import rehearsed


def faces(names: tuple[str, ...]) -> list[Face]:
    """The named faces, or every installed one that can be used; of another one a line on stderr says why not."""
    if names:
        return [load(name, FACES)() for name in names]
    found = []
    for name in installed(FACES):
        try:
            found.append(load(name, FACES)())
        except PluginError as error:
            click.echo(f"left out: {error.message}", err=True)
    return found


def history(hours: float) -> datetime:
    """When the center opened: so many hours ago, on a whole minute."""
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=hours)


def face_settings(words: tuple[str, ...]) -> dict[str, dict[str, object]]:
    """`genesys.longest_wait=duration` and the like as settings by face; a value is JSON where it reads as such."""
    settings: dict[str, dict[str, object]] = {}
    for word in words:
        name, _, value = word.partition("=")
        face, _, setting = name.partition(".")
        if not (setting and value):
            raise ConfigError(f"{word!r} is not FACE.SETTING=VALUE", key="--set")
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = value
        settings.setdefault(face, {})[setting] = parsed
    return settings


def face_faults(words: Sequence[str], names: Sequence[str]) -> dict[str, list[Fault]]:
    """`429:60s` or `twilio.drop:5%` as faults by face, from now on; without a face's name, of every face."""
    begin = datetime.now(UTC)
    found: dict[str, list[Fault]] = {name: [] for name in names}
    for word in words:
        face = next((name for name in names if word.startswith(f"{name}.")), None)
        try:
            fault = rehearsed(word.removeprefix(f"{face}.") if face is not None else word, begin)
        except ValueError as error:
            raise ConfigError(str(error), key="--fault") from None
        for name in names if face is None else (face,):
            found[name].append(fault)
    return found


def toml(sources: Mapping[str, Mapping[str, object]]) -> str:
    """A configuration file with these sources. JSON's strings, numbers, booleans and lists are TOML's, too."""
    blocks = []
    for name, table in sources.items():
        lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        blocks.append("\n".join([f"[sources.{name}]", *lines]))
    return "\n\n".join(blocks) + "\n"
