"""Secrets: where they come from, and that they show up nowhere."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, SecretStr
from pydantic_core import CoreSchema, core_schema

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
FORMS = 'a secret is a string, { env = "NAME" } or { file = "PATH" }'


class Secret:
    """One secret, given as text or found in an environment variable or a file.

    A file is read again by `fresh()`, so that a rotated secret is picked up after a 401 without a restart.
    """

    __slots__ = ("_file", "_value")

    def __init__(self, value: str, *, file: Path | None = None) -> None:
        self._value = SecretStr(value)
        self._file = file

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: it would leave the process as plain text")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __eq__(self, other: object) -> bool:
        """Whether both stand for the same secret from the same place: then a reload has nothing to change."""
        return isinstance(other, Secret) and (self._file, self._value) == (other._file, other._value)

    def __hash__(self) -> int:
        return hash(self._file)

    def reveal(self) -> str:
        """The secret itself, to be put on the wire and nowhere else."""
        return self._value.get_secret_value()

    def fresh(self) -> str:
        """The secret as it is now: read again from its file where it has one and the file can be read."""
        if self._file is not None:
            with suppress(ValueError):  # a file that is being replaced right now: what is known still stands
                self._value = SecretStr(_read(self._file))
        return self.reveal()

    @classmethod
    def parse(cls, value: object) -> Secret:
        """A `Secret` out of what a configuration may hold; `ValueError` says what is wrong, without the value."""
        match value:
            case Secret():
                return value
            case SecretStr():
                return cls(_checked(value.get_secret_value()))
            case str():
                return cls(_checked(value))
            case {"env": str(name), **rest} if not rest:
                if name not in os.environ:
                    # The secret itself may stand there by mistake: only what looks like a variable's name is shown.
                    shown = f"environment variable {name}" if VARIABLE.fullmatch(name) else "that environment variable"
                    raise ValueError(f"{shown} is not set")
                return cls(_checked(os.environ[name]))
            case {"file": str(name), **rest} if not rest:
                path = Path(name).expanduser()
                return cls(_read(path), file=path)
        raise ValueError(FORMS)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse, serialization=core_schema.to_string_ser_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"description": FORMS}


def _read(path: Path) -> str:
    try:
        return _checked(path.read_text(encoding="utf-8").strip())
    except UnicodeDecodeError:
        raise ValueError(f"secret file {path} is not text") from None
    except OSError as error:
        raise ValueError(f"cannot read secret file {path}: {error.strerror}") from None


def _checked(text: str) -> str:
    if not text.strip():
        raise ValueError("the secret is empty")
    if any(character in text for character in "\r\n\0"):
        raise ValueError("the secret contains a line break; it must be one line")
    return text


def _found(value: object) -> object:
    return Secret.parse(value).reveal() if isinstance(value, Mapping) else value


Text = Annotated[str, BeforeValidator(_found)]
"""Text that is no secret, but may stand in the environment or a file like one: an account id beside its key."""
