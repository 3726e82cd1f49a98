"""The plugin contract: what an adapter is, and what passes between it and the core.

An `Adapter` describes one vendor and holds no state. A `Source` is one configured account, open. The core asks the
adapter for a plan (pure: the same for a forecast without an account), and hands each `Batch` of it to the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from ccstats.adapter.abilities import Abilities
from ccstats.adapter.toolbox import Toolbox
from ccstats.budget import Limit
from ccstats.config import SourceOptions, WindowSpec
from ccstats.errors import VendorError
from ccstats.http import Traffic
from ccstats.model import Definitions, Family, Gap, Kind, Realtime, Target, Window

API_VERSION = 1
"""The version of this contract. It is raised when a plugin written for the present one would break."""

O_contra = TypeVar("O_contra", bound=SourceOptions, contravariant=True)


@dataclass(frozen=True, slots=True)
class Want:
    """What is to be read: which targets, which families, over which windows."""

    targets: tuple[Target, ...]
    families: frozenset[Family]
    windows: tuple[WindowSpec, ...]

    def groups(self, kind: Kind, size: int) -> Iterator[tuple[Target, ...]]:
        """The targets of one kind in their order, at most `size` together: what one request of the vendor takes."""
        targets = [target for target in self.targets if target.kind is kind]
        for start in range(0, len(targets), size):
            yield tuple(targets[start : start + size])

    def asked(self) -> list[tuple[Family, WindowSpec | None]]:
        """What is wanted of every target: real time, and each window."""
        now: list[tuple[Family, WindowSpec | None]] = [(Family.REALTIME, None)]
        return [one for one in (*now, *((Family.WINDOW, window) for window in self.windows)) if one[0] in self.families]


@dataclass(frozen=True, slots=True)
class Batch:
    """One unit of reading: of order, fairness, deadline, skip and cancellation.

    `operation` is the adapter's own word for how it reads; `requests` is how many requests it expects to send; `budget`
    is the key of the limit that they spend, and `limit` what the vendor allows under that key.
    """

    operation: str
    targets: tuple[Target, ...]
    family: Family
    window: WindowSpec | None = None
    budget: str = ""
    requests: int = 1
    limit: Limit | None = None

    @property
    def key(self) -> str:
        """The same for the same batch of the next plan."""
        window = self.window.name if self.window is not None else ""
        return f"{self.operation}|{window}|{self.targets[0].key}"


@dataclass(slots=True)
class Reading:
    """What one read says of one target and family: values, or the failure to get them.

    `gaps` are the reasons that only this read can know, by path below the family (`agents.busy`, or the empty path for
    all of it); every other None gets its reason from the adapter's abilities.
    """

    target: Target
    family: Family
    observed_at: datetime
    window: str | None = None
    values: Realtime | Window | None = None
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    error: VendorError | None = None
    raw: Any = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """Which targets there are, and what is worth saying about it once."""

    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()


class Verdict(StrEnum):
    """What a probe has shown of an open question."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"
    """What was needed to decide did not occur, or could not be asked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One open question about a vendor, what the adapter assumes, and what this account has shown."""

    question: str
    assumption: str
    verdict: Verdict
    evidence: str
    asked: bool = True
    """False where asking failed, and the evidence is the error."""


class Source(Protocol):
    """One configured account, open. Every method may raise a `VendorError`."""

    @property
    def name(self) -> str:
        """The source's name in the configuration."""
        ...

    @property
    def traffic(self) -> Traffic:
        """What it has sent and received so far."""
        ...

    def now(self) -> datetime:
        """The vendor's time, as well as it is known."""
        ...

    @property
    def learned(self) -> object:
        """A frozen value with what reads have taught (a smaller batch size, forbidden ids); plans use it, and it is
        forgotten at the next discovery.
        """
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about how this account is read."""
        ...

    async def discover(self) -> Discovery:
        """All targets of the account of the wanted kinds; the core filters them by `select`."""
        ...

    async def read(self, batch: Batch) -> list[Reading]:
        """One reading per target of `batch` (more, where one answer serves two families).

        An exception fails exactly this batch's targets. One bad target is a failed `Reading`, not an exception.
        """
        ...


@runtime_checkable
class Probing(Protocol):
    """A source that can settle open questions about its vendor on a real account."""

    async def probe(self) -> list[Finding]:
        """Ask, within the allowance of the toolbox, and say what was seen."""
        ...


@runtime_checkable
class Defining(Protocol):
    """An adapter that says what its numbers mean. One that does not leaves every definition unknown."""

    def definitions(self, options: Any, learned: object) -> Mapping[Kind, Definitions]:
        """Per kind of target, under these options: the same frozen objects every time, so that asking costs nothing.

        `learned` is the source's value of that name, or None before there is a source.
        """
        ...


def defined(adapter: Adapter[Any], options: SourceOptions, learned: object) -> Mapping[Kind, Definitions]:
    """The definitions of `adapter`, or none where it declares none."""
    return adapter.definitions(options, learned) if isinstance(adapter, Defining) else {}


class Adapter(Protocol[O_contra]):
    """One vendor, without state. An instance stands behind an entry point of the group `ccstats.adapters`."""

    name: ClassVar[str]
    api_version: ClassVar[int]
    options: ClassVar[type[SourceOptions]]
    abilities: ClassVar[Abilities]
    example: ClassVar[Mapping[str, Any]]
    """A table of options that is valid and opens no account: for forecasts, and to show what is required."""

    def plan(self, options: O_contra, want: Want, learned: object) -> list[Batch]:
        """How to read what is wanted in the fewest requests: pure, and in the same order every time.

        `learned` is the source's value of that name, or None before there is a source.
        """
        ...

    def open(self, name: str, options: O_contra, toolbox: Toolbox) -> AbstractAsyncContextManager[Source]:
        """A source, ready to discover. Opening sends nothing."""
        ...
