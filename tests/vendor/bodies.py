"""Bodies as the vendors send them, and the ways in which one field of a body can go wrong."""

import json
import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

FIXTURES: Final = Path(__file__).parents[1] / "fixtures"

Way = tuple[str | int, ...]


class NotThere(Exception):
    """The body says nothing of what a test asked for; the adapters themselves meet that with a gap."""


class Absent:
    """Stands for a field that is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = Absent()
UNUSABLE: Final[tuple[Any, ...]] = (
    None,
    "soon",
    "",
    -1,
    math.nan,
    math.inf,
    1e300,
    10**30,
    True,
    False,
    ["1"],
    {"a": 1},
)
"""What no count and no time can be."""


def load(vendor: str, name: str) -> dict[str, Any]:
    """The hand-written body `name` of a vendor."""
    return json.loads((FIXTURES / vendor / f"{name}.json").read_text(encoding="utf-8"))


def wire(body: object) -> bytes:
    """A body as bytes; NaN and infinity are written as the careless servers write them."""
    return json.dumps(body).encode()


def at(body: Any, way: Sequence[str | int]) -> Any:
    """What stands in a body at the end of a way."""
    for step in way:
        body = body[step]
    return body


def changed(body: Any, way: Sequence[str | int], value: object) -> Any:
    """A copy of `body` with another value (or none: `ABSENT`) at the end of a way."""
    if not way:
        return value
    copy = deepcopy(body)
    *above, last = way
    place = at(copy, above)
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return copy


def ways(body: object, above: Way = ()) -> Iterator[Way]:
    """Every way into a body, its leaves and its branches."""
    for step, value in _steps(body):
        yield (*above, step)
        yield from ways(value, (*above, step))


def name(value: object) -> str:
    """How a value or a way is called in a test's id."""
    return ".".join(map(str, value)) if isinstance(value, tuple) else repr(value)[:20]


def _steps(body: object) -> list[tuple[str | int, object]]:
    if isinstance(body, dict):
        return list(body.items())
    return list(enumerate(body)) if isinstance(body, list) else []
