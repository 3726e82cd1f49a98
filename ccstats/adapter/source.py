"""What every source over the HTTP kit has in common; an offer, as the rest of the kit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from ccstats import lenient
from ccstats.adapter.contract import Batch, Discovery, Reading, Source
from ccstats.adapter.toolbox import Toolbox
from ccstats.budget import Budget, Limit
from ccstats.config import SourceOptions
from ccstats.errors import BrokenAnswerError, NotFoundError, Origin
from ccstats.http import Answer, HttpClient, Request, Traffic
from ccstats.model import Family, Gap, Kind, Realtime, Target, Window

Options = TypeVar("Options", bound=SourceOptions)


class Paged(Protocol):
    """One page of many: where the next one is, if there is one."""

    @property
    def next_token(self) -> str | None:
        """None or empty on the last page."""
        ...


ReadRow = Callable[[Target, Any], tuple[Realtime | Window, Mapping[str, Gap]]]
"""Makes values and gaps of one target's part of an answer."""

Page = TypeVar("Page", bound=Paged)


class HttpSource(Generic[Options]):
    """One client, nothing learned, nothing to note: what is left to write is `discover` and `read_seen`."""

    learned: object = None
    """A frozen value that plans use; `discover` sets it, and so may reads."""

    def __init__(self, name: str, options: Options, toolbox: Toolbox, client: HttpClient) -> None:
        self._name = name
        self.options = options
        self.toolbox = toolbox
        self.client = client
        self._known: frozenset[str] = frozenset()
        self._budgets: dict[str, tuple[Budget, ...]] = {}

    @property
    def name(self) -> str:
        """The source's name in the configuration."""
        return self._name

    @property
    def traffic(self) -> Traffic:
        """What it has sent and received so far."""
        return self.client.traffic

    @property
    def notes(self) -> tuple[str, ...]:
        """None."""
        return ()

    def now(self) -> datetime:
        """The vendor's time, by the Date headers of its answers."""
        return self.client.clock.now()

    async def discover(self) -> Discovery:
        """All targets of the account; ends with `return self.found(...)`."""
        raise NotImplementedError

    def target(self, kind: Kind, ident: str, name: str | None) -> Target:
        """A target of this source."""
        return Target(source=self.name, vendor=self.options.adapter, kind=kind, id=ident, name=name)

    def found(self, targets: Iterable[Target], *notes: str) -> Discovery:
        """What `discover` returns; only these targets will be asked for."""
        discovery = Discovery(tuple(targets), notes)
        self._known = frozenset(target.key for target in discovery.targets)
        return discovery

    async def read(self, batch: Batch) -> list[Reading]:
        """What `read_seen` makes of the targets that discovery saw; every other one is a failed reading."""
        return await read_seen(self, batch, self._known, self.read_seen)

    async def read_seen(self, batch: Batch) -> list[Reading]:
        """One reading per target; discovery saw all of them."""
        raise NotImplementedError

    def readings(self, batch: Batch, at: datetime, rows: Mapping[str, Any], read: ReadRow) -> list[Reading]:
        """One reading per target: what `read` makes of the row under its id (None where there is none)."""
        window = batch.window.name if batch.window is not None else None
        found = []
        for target in batch.targets:
            row = rows.get(target.id)
            values, gaps = read(target, row)
            raw = row if self.toolbox.keep_raw else None
            found.append(Reading(target, batch.family, at, window, values, gaps, raw=raw))
        return found

    def budgets(self, key: str, limit: Limit) -> tuple[Budget, ...]:
        """What a request spends: the vendor's `limit` under `key`, and the cap of the configuration, if any."""
        if key not in self._budgets:
            limits = self.options.limits
            self._budgets[key] = (self.toolbox.budget(key, limit, limits), *self.toolbox.cap(key, limits))
        return self._budgets[key]

    async def pages(
        self, request: Callable[[str | None], Request], shape: type[Page], most: int = 200
    ) -> list[tuple[Page, Answer]]:
        """Every page of an answer: `request` is made for the token of each, None at first.

        `shape` is a msgspec struct with a `next_token`. A `BrokenAnswerError` ends a list that runs in a circle or has
        more than `most` pages.
        """
        found: list[tuple[Page, Answer]] = []
        token: str | None = None
        seen: set[str] = set()
        for _ in range(most):
            asked = request(token)
            answer = await self.client.send(asked)
            page = lenient.decode(answer.body, shape)
            found.append((page, answer))
            token = page.next_token
            if not token:
                return found
            if token in seen:
                raise BrokenAnswerError("the list of pages runs in a circle", origin=Origin(endpoint=asked.endpoint))
            seen.add(token)
        raise BrokenAnswerError(f"the list has more than {most} pages", origin=Origin(endpoint=asked.endpoint))


async def read_seen(
    source: Source, batch: Batch, known: Container[str], read: Callable[[Batch], Awaitable[list[Reading]]]
) -> list[Reading]:
    """What `read` makes of the targets of `batch` whose keys are in `known`; every other one is a failed reading.

    Vendors answer zeros for ids that they do not know, or refuse the whole request for one of them: an id that
    discovery did not see is never sent.
    """
    unknown = [target for target in batch.targets if target.key not in known]
    if not unknown:
        return await read(batch)
    lost = [unseen(source, batch, target) for target in unknown]
    seen = tuple(target for target in batch.targets if target.key in known)
    return lost + (await read(replace(batch, targets=seen)) if seen else [])


def unseen(source: Source, batch: Batch, target: Target) -> Reading:
    """The failed reading of a target that discovery did not see."""
    error = NotFoundError("not seen by discovery, so not asked for", origin=Origin(target.vendor, source.name))
    window = batch.window.name if batch.window is not None and batch.family is Family.WINDOW else None
    return Reading(target, batch.family, source.now(), window=window, error=error)
