"""What a request may ask for: parameters as models, so that what is documented is what is checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ccstats.config import Config
from ccstats.model import Kind, Target
from ccstats.serve.problems import Refused

WHOLE = re.compile(r"[0-9]{1,9}")
MOST = 10


def _whole(value: object) -> object:
    if isinstance(value, str) and not WHOLE.fullmatch(value):
        raise ValueError("a whole number is written in digits")
    return value


Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], Field(max_length=MOST)]
Digits = BeforeValidator(_whole)


class Query(BaseModel):
    """The parameters of an operation. Unknown ones are refused: a misspelled filter must not look like one."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Nothing(Query):
    """An operation without parameters."""


Q = TypeVar("Q", bound=Query)


class Selection(Query):
    """Which targets: those that fit every kind of filter that is given, and of each kind any."""

    source: Words = ()
    """Names of sources."""
    kind: Annotated[tuple[Kind, ...], Field(max_length=len(Kind))] = ()
    """Kinds of targets."""
    group: Words = ()
    """Names of groups: their members."""
    match: Words = ()
    """Globs on key, name or id."""

    def wants(self, config: Config) -> Callable[[Target], bool]:
        """Whether a target is meant."""
        globs = [re.compile(translate(glob)).match for glob in self.match]
        groups = [config.groups[name] for name in self.group if name in config.groups]

        def wanted(target: Target) -> bool:
            if self.source and target.source not in self.source:
                return False
            if self.kind and target.kind not in self.kind:
                return False
            if self.group and not any(group.wants(target) for group in groups):
                return False
            names = (target.key, target.name or "", target.id)
            return not globs or any(matches(name) for matches in globs for name in names)

        return wanted

    def groups(self, config: Config) -> tuple[str, ...]:
        """The groups that are meant: those that are named, or all where only queues of all sources are asked for."""
        if self.group:
            return tuple(name for name in self.group if name in config.groups)
        queues = not self.kind or Kind.QUEUE in self.kind
        return tuple(config.groups) if queues and not (self.source or self.match) else ()


class Past(Selection):
    """Which targets, how many minutes back, and how many points of each."""

    minutes: Annotated[int, Field(ge=1, le=10_080), Digits] = 30
    points: Annotated[int, Field(ge=1, le=500), Digits] = 60


class Streamed(Selection):
    """What a stream is about, and whether the ages of all numbers come with every sign of life."""

    ages: bool = False


def parsed(request: web.Request, model: type[Q]) -> Q:
    """The parameters of a request; `Refused` (400) names the one that is wrong."""
    given: dict[str, Any] = {}
    for name in dict.fromkeys(request.query):
        values = request.query.getall(name)
        field = model.model_fields.get(name)
        many = field is not None and field.default == ()
        if len(values) > 1 and not many:
            raise Refused(400, f"{_shown(name)} is given more than once")
        given[name] = values if many else values[0]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(400, f"{_shown(where)}: {str(first['msg']).removeprefix('Value error, ')}") from None


def _shown(name: str) -> str:
    return repr(name[:60])
