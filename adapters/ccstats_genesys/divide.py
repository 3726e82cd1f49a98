"""One query for many queues, taken apart where the vendor refuses the whole for the sake of a part.

* 403 `missing.division.permission`: one queue may not be seen; the others must not suffer. The batch is halved until
  the forbidden ones stand alone.
* 400 or 413: too many queues in one query. The batch is halved, and the size that worked is remembered.
* 404, where the caller says that it means one queue: that queue is found like a forbidden one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ccstats.errors import NotPermittedError, RequestRefusedError, VendorError
from ccstats.http import Answer
from ccstats.model import Target

MAX_QUESTIONS = 100
"""Requests that one batch may cost at most: eight forbidden queues among a hundred can be found with it."""
TOO_MANY = frozenset({400, 413})

Targets = tuple[Target, ...]
Ask = Callable[[Targets], Awaitable[Answer]]


@dataclass(slots=True)
class Divided:
    """What came of a batch: answers to parts, failures of parts, and what was learned."""

    answers: list[tuple[Targets, Answer]] = field(default_factory=list)
    failures: list[tuple[Targets, VendorError]] = field(default_factory=list)
    forbidden: frozenset[str] = frozenset()
    size: int | None = None


async def divided(targets: Targets, ask: Ask, *, statuses: frozenset[int] = TOO_MANY) -> Divided:
    """Ask for `targets`, in parts where the whole is refused. Any other error is raised."""
    result = Divided()
    parts = [targets]
    questions, too_many = 0, False
    while parts:
        part = parts.pop(0)
        questions += 1
        try:
            result.answers.append((part, await ask(part)))
        except (NotPermittedError, RequestRefusedError) as error:
            if not _divisible(error, statuses):
                raise
            if len(part) > 1 and questions < MAX_QUESTIONS:
                half = len(part) // 2
                parts = [part[:half], part[half:], *parts]
                too_many = too_many or error.origin.status in TOO_MANY
                continue
            result.failures.append((part, error))
            if isinstance(error, NotPermittedError) and len(part) == 1:
                result.forbidden |= {part[0].id}
    if not result.answers and result.failures and result.failures[0][1].origin.status in TOO_MANY:
        raise result.failures[0][1]  # refused down to a single queue: it was not the number of queues
    if too_many and result.answers:
        result.size = max(len(part) for part, _ in result.answers)
    return result


def _divisible(error: VendorError, statuses: frozenset[int]) -> bool:
    if isinstance(error, NotPermittedError):
        return error.per_item
    return error.origin.status in statuses
