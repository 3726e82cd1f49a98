"""A new plugin project: small, complete, passing its own tests, its places to fill marked `YOURS`."""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ccstats.errors import ConfigError

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SUFFIX = ".txt"
"""Behind the real suffix of every template: what stands here is no Python yet."""


def write_project(name: str, folder: Path) -> list[Path]:
    """Write the project `ccstats-NAME` into `folder`, and return its files; `ConfigError` where it cannot be."""
    if not NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name of an adapter: small letters, digits, and - between them", key="NAME")
    root = folder / f"ccstats-{name}"
    if root.exists():
        raise ConfigError(f"{root} is there already", key="NAME")
    words = _words(name)
    written = []
    for template, way in _templates(files(__name__) / "project", Path()):
        path = root / Path(*(f"ccstats_{words['module']}" if part == "package" else part for part in way.parts))
        text = template.read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{path} cannot be written: {error.strerror}", key="--into") from None
        written.append(path)
    return sorted(written)


def _words(name: str) -> dict[str, str]:
    parts = name.split("-")
    return {
        "name": name,
        "module": "_".join(parts),
        "Class": "".join(part.capitalize() for part in parts),
        "Title": " ".join(part.capitalize() for part in parts),
        "CONSTANT": "_".join(parts).upper(),
    }


def _templates(folder: Traversable, above: Path) -> list[tuple[Traversable, Path]]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _templates(entry, above / entry.name)
        elif entry.name.endswith(SUFFIX):
            found.append((entry, above / entry.name.removesuffix(SUFFIX)))
    return found
