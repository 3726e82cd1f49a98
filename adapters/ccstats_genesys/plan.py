"""How to read what is wanted in the fewest requests: pure, the same for a forecast and for real.

Requests for N queues: real time ceil(N / 100), each window ceil(N / 100). The whole organization: two for real time
(contacts, agents), one per window. Through /analytics/stats/queues: N.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ccstats.adapter import Batch, Want
from ccstats.model import Family, Kind, Target
from ccstats_genesys.api.queries import TOKEN_LIMIT
from ccstats_genesys.config import GenesysOptions

Targets = tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """What reads have taught, until the next discovery."""

    stats: bool = False
    """The published queries are not there (404, 405, 501): /analytics/stats/queues answers instead."""
    size: int | None = None
    """How many queues a query may name, after a 400 taught that it is less than configured."""
    forbidden: frozenset[str] = frozenset()
    """Queues in divisions that the client may not see."""
    denied: frozenset[tuple[str, str]] = frozenset()
    """Operations that a missing permission closes, with what was said about it."""
    identified: bool = False
    """Rows of /analytics/stats/queues carry ids, so that one request may name many queues."""

    def denial(self, operation: str) -> str | None:
        """Why `operation` is closed, or None where it is open."""
        return next((detail for name, detail in self.denied if name == operation), None)


NOTHING = Learned()


def plan(options: GenesysOptions, want: Want, learned: Learned) -> list[Batch]:
    """The batches that read what is wanted, in the order of the targets."""
    if not want.families:
        return []
    queues = tuple(target for target in want.targets if target.kind is Kind.QUEUE)
    spaces = tuple(target for target in want.targets if target.kind is Kind.WORKSPACE)
    if options.api == "stats" or (options.api == "auto" and learned.stats):
        return list(_stats(options, queues, spaces, want, learned))
    return list(_published(options, queues, spaces, want, learned))


def _stats(options: GenesysOptions, queues: Targets, spaces: Targets, want: Want, learned: Learned) -> Iterator[Batch]:
    """One request answers for both families; its window is the vendor's own."""
    family = Family.REALTIME if Family.REALTIME in want.families else Family.WINDOW
    for chunk in _chunks(queues, _size(options, learned) if learned.identified else 1):
        yield Batch("stats", chunk, family, budget=budget_key(options), limit=TOKEN_LIMIT)
    if spaces and Family.REALTIME in want.families:
        yield Batch("unsupported", spaces, Family.REALTIME, budget=budget_key(options), requests=0)


def _published(
    options: GenesysOptions, queues: Targets, spaces: Targets, want: Want, learned: Learned
) -> Iterator[Batch]:
    budget, size = budget_key(options), _size(options, learned)
    open_ones = tuple(target for target in queues if target.id not in learned.forbidden)
    shut_ones = tuple(target for target in queues if target.id in learned.forbidden)
    if Family.REALTIME in want.families:
        for chunk in _chunks(open_ones, size):
            yield Batch("observations", chunk, Family.REALTIME, budget=budget, limit=TOKEN_LIMIT)
        if shut_ones:
            yield Batch("forbidden", shut_ones, Family.REALTIME, budget=budget, requests=0)
        for space in spaces:
            agents = 0 if learned.denial("agents") is not None else 1
            yield Batch("organization", (space,), Family.REALTIME, None, budget, 1 + agents, TOKEN_LIMIT)
    for window in want.windows if Family.WINDOW in want.families else ():
        requests = 0 if learned.denial("aggregates") is not None else 1
        # A limit on a query's predicates would count the channels as well as the queues.
        for chunk in _chunks(open_ones, max(size - len(options.select.channels), 1)):
            yield Batch("aggregates", chunk, Family.WINDOW, window, budget, requests, TOKEN_LIMIT)
        if shut_ones:
            yield Batch("forbidden", shut_ones, Family.WINDOW, window, budget, requests=0)
        for space in spaces:
            yield Batch("aggregates.all", (space,), Family.WINDOW, window, budget, requests, TOKEN_LIMIT)


def _size(options: GenesysOptions, learned: Learned) -> int:
    return min(options.queues_per_query, learned.size or options.queues_per_query)


def _chunks(targets: Targets, size: int) -> Iterator[Targets]:
    for start in range(0, len(targets), size):
        yield targets[start : start + size]


def budget_key(options: GenesysOptions) -> str:
    """What Genesys counts requests by: the token, of which a client has one."""
    return f"genesys|{options.root.origin()}|{options.client_id}"
