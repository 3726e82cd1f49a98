"""What a coordinator does, and the values that pass.

Every time here is the coordinator's own: seconds since 1970 by its clock. So no host's clock decides anything, and
hosts may differ by any amount. A shard is what is polled by one worker at a time: all sources of one credential.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker says of a shard that it holds: the number of its grant, how much work it is (0 while nobody knows),
    what its budgets owe.
    """

    fence: int
    weight: int = 1
    debts: bytes = b""


@dataclass(frozen=True, slots=True)
class Lease:
    """One shard: who holds it, until when (None and 0 where nobody does), and how much work it is."""

    worker: str | None = None
    expires: float = 0.0
    weight: int = 1


@dataclass(frozen=True, slots=True)
class State:
    """What is known to everybody at one moment.

    `epoch` names this life of the table: it is another one after the coordinator has lost everything, and `since` is
    when it began. `kept` are the shards, of those that the asking worker claimed, that are still its own.
    """

    at: float
    epoch: str
    since: float
    workers: tuple[str, ...]
    leases: Mapping[str, Lease]
    kept: frozenset[str]


@dataclass(frozen=True, slots=True)
class Life:
    """What somebody sees who only looks: the time, this life of the table ("" and None before it began), and the
    workers that live.
    """

    at: float
    epoch: str
    since: float | None
    workers: tuple[str, ...]

    @property
    def age(self) -> float | None:
        """Seconds since the table began."""
        return self.at - self.since if self.since is not None else None


@dataclass(frozen=True, slots=True)
class Heritage:
    """What the last holder of a shard left: its debts as they were told at `at`.

    `clean` where it gave the shard back itself and spent nothing afterwards. Otherwise it may have gone on until
    `until`, the end of its last lease.
    """

    debts: bytes
    at: float
    until: float
    clean: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """A shard, granted at `at`: a `fence` higher than every earlier one's, and what the last holder left."""

    fence: int
    at: float
    heritage: Heritage | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the stream of changes: the last change that somebody knows."""

    epoch: str
    number: int


@dataclass(frozen=True, slots=True)
class Touched:
    """What has changed after a mark: row names by source, and an empty set where only what is said of a source has.

    Not `complete` where changes are missing between the mark and these (the stream was cut, the table is another one):
    then everything is to be read anew. The source "" stands for what is said of the whole.
    """

    at: float
    mark: Mark
    rows: Mapping[str, frozenset[str]] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Spent:
    """One request of a shared limit: granted where `wait` is 0, else to be asked for again after so many seconds.

    `spenders` is how many programs have spent this limit in the last minute, this one included.
    """

    wait: float
    spenders: int = 1


class Coordinator(Protocol):
    """Leases, the table and shared limits. Every method may raise `CoordinatorError`: it cannot be reached now."""

    # Who polls what

    async def beat(
        self, worker: str, claims: Mapping[str, Claim], shards: Collection[str], *, lease: float, leaving: bool = False
    ) -> State:
        """Say that `worker` lives and renew its claims by `lease` seconds; what is known of `shards` (and its own).

        A claim that has run out is renewed where nobody was granted the shard since, also by a coordinator that has
        lost everything. A worker that is `leaving` keeps its claims and counts no longer as one to share with.
        """
        ...

    async def acquire(self, worker: str, shard: str, *, lease: float) -> Grant | None:
        """The shard, where nobody holds it."""
        ...

    async def release(self, worker: str, shard: str, claim: Claim) -> None:
        """Give a shard back; nothing is spent from its budgets any more. Does nothing where it is another's by now."""
        ...

    async def leave(self, worker: str) -> None:
        """This worker is gone."""
        ...

    # The table

    async def write(
        self, shard: str, fence: int, source: str, rows: Mapping[str, bytes], gone: Sequence[str], about: bytes | None
    ) -> bool:
        """Put rows in place, take away those that are `gone`, say (where not None) something about the source.

        Everything in one step. False, and nothing is written, where the shard was granted to somebody else since.
        """
        ...

    async def describe(self, text: bytes) -> None:
        """What is to be known of the whole, whoever says it last."""
        ...

    async def forget(self, older: float) -> None:
        """Drop the sources that nothing was said about for so many seconds."""
        ...

    async def life(self) -> Life:
        """Who is there, and since when the table is."""
        ...

    async def mark(self) -> Mark:
        """The end of the stream of changes: what is read of the table after this is at least as new."""
        ...

    async def description(self) -> bytes:
        """What was last said of the whole; empty where nothing was."""
        ...

    async def sources(self, names: Collection[str] | None = None) -> Mapping[str, bytes]:
        """Every source (or those of these names that there are) with what was last said about it."""
        ...

    def table(self, source: str) -> AsyncIterator[Mapping[str, bytes]]:
        """Every row of a source, some hundreds at a time; one that changes meanwhile may be the old or the new."""
        ...

    async def rows(self, source: str, names: Collection[str]) -> Mapping[str, bytes]:
        """These rows of a source; those that are not there are missing."""
        ...

    async def changes(self, mark: Mark, *, wait: float) -> Touched:
        """What has changed after `mark`; waits up to `wait` seconds for the first change."""
        ...

    # Limits that others spend too

    async def spend(self, key: str, *, rate: float, burst: int, spender: str) -> Spent:
        """One request of the limit `key`: at most `burst + rate * W` are granted in any W seconds, to all together."""
        ...

    async def block(self, key: str, seconds: float) -> None:
        """Grant nothing of this limit for so many seconds; never shortens what was said before."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
