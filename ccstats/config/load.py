"""Reading a configuration file, and saying in one line what is wrong with it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ccstats.config.reading import ReaderConfig
from ccstats.config.settings import Config
from ccstats.errors import ConfigError

M = TypeVar("M", bound=BaseModel)
C = TypeVar("C", bound=Config)


def load_config(path: str | Path) -> Config:
    """The configuration in the TOML file at `path`; `ConfigError` names the file and the key that is wrong."""
    config = _load(Config, Path(path))
    if not config.sources:
        raise ConfigError("there is no source; add one as [sources.NAME]", file=config.file, key="sources")
    return config


def load_reader_config(path: str | Path) -> ReaderConfig:
    """What the TOML file at `path` tells a reader of a shared table; it may be without sources."""
    return _load(ReaderConfig, Path(path))


def _load(model: type[C], path: Path) -> C:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text", file=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {_without_values(str(error))}", file=str(path)) from None
    return validate(model, table, file=str(path)).read_from(str(path))


def parse_config(table: Mapping[str, Any], *, file: str | None = None) -> Config:
    """The configuration in an already parsed table (`file` is for messages only)."""
    return validate(Config, table, file=file).read_from(file)


def validate(model: type[M], table: Mapping[str, Any], *, file: str | None = None, key: str = "") -> M:
    """`table` as a `model`; `ConfigError` names `file` and the key below `key`, and never a value."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = [part for part in first["loc"] if isinstance(part, int) or part not in MODEL_NAMES]
        path = ".".join(str(part) for part in ([key] if key else []) + place)
        # Chained, pydantic's own text would carry more than is fit for a log.
        raise ConfigError(_message(first, model, place), file=file, key=path or None) from None


MODEL_NAMES = frozenset({"SourceOptions", "RawSource"})
"""What pydantic puts into the path of a union; nobody wrote these."""


def _message(first: Any, model: type[BaseModel], place: list[int | str]) -> str:
    if first["type"] == "missing":
        return "is required and missing"
    if first["type"] == "extra_forbidden":
        known = _fields(model, place[:-1])
        near = difflib.get_close_matches(str(place[-1]), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(sorted(known))}"
        return f"unknown key; {hint}"
    return str(first["msg"]).removeprefix("Value error, ")


def _fields(model: type[BaseModel], place: list[int | str]) -> list[str]:
    for part in place:
        field = model.model_fields.get(str(part))
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return []
        model = field.annotation
    return list(model.model_fields)


def _without_values(message: str) -> str:
    """The parser's message; it quotes keys and single characters, and a quoted value would be cut off here."""
    return message if len(message) <= 200 else message[:200] + "..."
