"""The steps that Redis does as one, each a Lua script; a server that was restarted is told them again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the hash by which the server knows it."""

    text: str = field(repr=False)
    sha: str


@cache
def script(name: str) -> Script:
    """The script of that name, with what all begin with."""
    folder = files(__package__) / "lua"
    text = "".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in ("common", name))
    # Redis names scripts by this hash; nothing is kept secret by it.
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())
