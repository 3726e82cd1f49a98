"""Which queues an organization has, what its presences mean, and which service level thresholds it set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from ccstats import lenient
from ccstats.adapter import Discovery
from ccstats.errors import BrokenAnswerError, NotPermittedError, Origin, VendorError
from ccstats.model import Kind, Target
from ccstats_genesys.api import queries, wire
from ccstats_genesys.config import GenesysOptions
from ccstats_genesys.parse.aggregates import thresholds
from ccstats_genesys.parse.presences import Meanings, meanings
from ccstats_genesys.wires import Wires

MAX_PAGES = 200
ORGANIZATION = "organization"
"""The id of the organization as a target: its own id needs a permission that nothing else here needs."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What reading depends on."""

    meanings: Meanings = field(default_factory=Meanings)
    thresholds: Mapping[str, Mapping[str, timedelta]] = field(default_factory=dict)
    """Service level thresholds by queue and media type."""


async def discover(name: str, options: GenesysOptions, wires: Wires) -> tuple[Discovery, Facts]:
    """All queues that the client may see, and the organization as a whole.

    Without `routing:queue:view` the slim list of `routing:queue:search` does, without service level thresholds. Without
    `presence:presenceDefinition:view` activities have no names.
    """
    notes = []
    try:
        queues = await _queues(wires, queries.QUEUES, queries.QUEUES_PAGE)
    except NotPermittedError:
        queues = await _queues(wires, queries.DIVISION_VIEWS, queries.DIVISION_VIEWS_PAGE)
        notes.append("routing:queue:view is not permitted: service level thresholds are not known")
    presences: list[wire.Presence] = []
    try:
        answer = await wires.get(queries.PRESENCES)
        presences = lenient.decode(answer.body, wire.Presences).entities or []
    except VendorError as error:
        notes.append(f"presence definitions cannot be read, activities have no names: {error.message}")
    facts = Facts(
        meanings=meanings(presences, options.activity_states),
        thresholds={queue.id: thresholds(queue) for queue in queues.values()},
    )
    return Discovery(tuple(_targets(name, options, queues)), tuple(notes)), facts


def _targets(name: str, options: GenesysOptions, queues: Mapping[str, wire.Queue]) -> list[Target]:
    def target(kind: Kind, ident: str, label: str | None, scope: str | None) -> Target:
        return Target(source=name, vendor="genesys", kind=kind, scope=scope, id=ident, name=label)

    found = [
        target(Kind.QUEUE, queue.id, queue.name, queue.division.id if queue.division else None)
        for queue in queues.values()
    ]
    return [target(Kind.WORKSPACE, ORGANIZATION, options.domain, None), *found]


async def _queues(wires: Wires, path: str, size: int) -> dict[str, wire.Queue]:
    """All pages. Pages can shift while they are read and show a queue twice: the last one holds."""
    found: dict[str, wire.Queue] = {}
    for number in range(1, MAX_PAGES + 1):
        answer = await wires.get(path, pageSize=size, pageNumber=number)
        page = lenient.decode(answer.body, wire.QueuePage)
        rows, before = page.entities or [], len(found)
        found |= {queue.id: queue for queue in rows}
        wires.client.traffic.repeated += before + len(rows) - len(found)
        pages = lenient.count(page.pageCount)
        if not rows or (pages is not None and number >= pages):
            return found
    message = f"the list has more than {MAX_PAGES} pages"
    raise BrokenAnswerError(message, origin=Origin(endpoint=f"GET {path}"))
