"""Every change as one frame, made once however many clients there are; each client gets the latest in its own time."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ccstats.model import Group
from ccstats.monitor.view import View
from ccstats.rollup import groups
from ccstats.serve.answers import sources_json

PULSE = 5.0
"""Seconds between two signs of life, with the state of the sources and the ages of all numbers."""
GROUPS_AT_MOST = 1.0
"""Seconds between two computations of the groups, however often their members change."""
REMEMBERED = 10_000
"""How many targets that are gone are remembered, for clients that come back."""
SLICE = 500
"""How many targets are looked at before others have their turn."""

MASK = 2**64 - 1
GROUP = "group:"
"""What the keys of groups begin with; no source can be called so with a target of an unknown kind."""

Wants = Callable[[str], bool]


@dataclass(slots=True)
class Row:
    """The number of the latest change of one target or group, and its frame once somebody has needed it."""

    number: int
    frame: bytes | None = None


class Client:
    """What one client has not been sent yet: keys, as what is sent is looked up when its turn comes."""

    def __init__(self, wants: Wants, *, ages: bool) -> None:
        self.wants = wants
        self.ages = ages
        self.pending: dict[str, None] = {}
        self.pulse: bytes | None = None
        self.filled = asyncio.Event()
        self._verdicts: dict[str, bool] = {}

    def offer(self, key: str) -> None:
        """This has changed."""
        verdict = self._verdicts.get(key)
        if verdict is None:
            verdict = self._verdicts[key] = self.wants(key)
        if verdict:
            self.pending[key] = None
            self.filled.set()

    def tell(self, pulse: bytes) -> None:
        """A sign of life; one that was not sent yet is out of date."""
        self.pulse = pulse
        self.filled.set()

    def take(self) -> tuple[list[str], bytes | None]:
        """What is to be sent now."""
        keys, pulse = list(self.pending), self.pulse
        self.pending.clear()
        self.pulse = None
        self.filled.clear()
        return keys, pulse


class Feed:
    """The table of frames and its clients.

    Changes are numbered. The number of the last one that a client has in full is its event id, together with the name
    of this process: who comes back with it is sent what has changed since, and nothing else.
    """

    def __init__(self, monitor: View) -> None:
        self.instance = secrets.token_hex(4)
        self.number = 0
        self.ended = False
        self._monitor = monitor
        self._rows: dict[str, Row] = {}
        self._gone: dict[str, Row] = {}
        self._complete_since = 0
        self._clients: set[Client] = set()
        self._groups: dict[str, Group] = {}
        self._stale_groups = asyncio.Event()
        self._watched = asyncio.Event()

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return len(self._clients)

    async def run(self) -> None:
        """Follow the monitor until cancelled."""
        async with self._monitor.subscribe() as changes:
            for key in self._monitor.latest():
                self._put(key)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow_groups(), name="groups")
                group.create_task(self._pulse(), name="pulse")
                async for snapshot in changes:
                    self._put(snapshot.target.key)
                    self._stale_groups.set()
                    if self.number % SLICE == 0:
                        await asyncio.sleep(0)  # a reader of changes that never has to wait never lets others run

    def end(self) -> None:
        """Nothing more will come: every client is sent what is pending, and the end."""
        self.ended = True
        for client in self._clients:
            client.filled.set()

    @contextmanager
    def client(self, wants: Wants, *, ages: bool, last: str | None) -> Iterator[tuple[Client, bool]]:
        """A new client, with what it lacks pending, and whether that is everything and not only what is new."""
        client, since = Client(wants, ages=ages), self._resumed(last)
        for key, row in [*(self._gone.items() if since is not None else ()), *self._rows.items()]:
            if since is None or row.number > since:
                client.offer(key)
        self._clients.add(client)
        self._watched.set()
        try:
            yield client, since is None
        finally:
            self._clients.discard(client)
            if not self._clients:
                self._watched.clear()

    def frame(self, key: str) -> bytes:
        """The latest of a target or group; that it is gone, where it is."""
        row = self._rows.get(key) or self._gone.get(key)
        if row is None:
            return b""
        if row.frame is None:
            found = self._groups.get(key.removeprefix(GROUP)) if key.startswith(GROUP) else self._monitor.get(key)
            row.frame = frame(found.type, found.model_dump_json().encode()) if found is not None else b""
        return row.frame

    def event_id(self) -> str:
        """What a client has that was sent everything until now."""
        return f"{self.instance}.{self.number}"

    async def groups(self) -> list[Group]:
        """Every group as of now. Of thousands of members a roll-up takes a while: it is pure, so a thread does it."""
        config = self._monitor.config
        if not config.groups:
            return []
        known = list(self._monitor.latest().values())
        return list(await asyncio.to_thread(groups, config, known, self._monitor.now()))

    def version(self, keys: list[str]) -> str:
        """A weak entity tag: it is another one where any value of these targets is, other than its time of reading, and
        where they are others.
        """
        numbers = tuple((key, row.number) for key in keys if (row := self._rows.get(key)) is not None)
        return f'W/"{self.instance}.{hash(numbers) & MASK:x}.{len(keys)}"'

    def _resumed(self, last: str | None) -> int | None:
        """From which change on a client that has `last` is told, or None where it needs everything."""
        instance, _, number = (last or "").partition(".")
        known = instance == self.instance and number.isascii() and number.isdigit() and len(number) < 20
        return int(number) if known and self._complete_since <= int(number) <= self.number else None

    def _put(self, key: str) -> None:
        self.number += 1
        self._rows[key] = Row(self.number)
        self._gone.pop(key, None)
        for client in self._clients:
            client.offer(key)

    def _drop(self, key: str) -> None:
        self.number += 1
        del self._rows[key]
        self._gone[key] = Row(self.number, frame("gone", json.dumps({"key": key}).encode()))
        if len(self._gone) > REMEMBERED:
            oldest = next(iter(self._gone))
            self._complete_since = self._gone.pop(oldest).number
        for client in self._clients:
            client.offer(key)

    async def _follow_groups(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._watched.wait()
            await self._stale_groups.wait()
            self._stale_groups.clear()
            began = loop.time()
            found = await self.groups()
            before, self._groups = self._groups, {group.name: group for group in found}
            for name, group in self._groups.items():
                if not _alike(before.get(name), group):
                    self._put(GROUP + name)
            for name in before.keys() - self._groups.keys():
                self._drop(GROUP + name)
            await asyncio.sleep(max(GROUPS_AT_MOST, 10 * (loop.time() - began)))

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(PULSE)
            self._forget()
            plain = {"at": self._monitor.now().isoformat(), "sources": json.loads(sources_json(self._monitor))}
            without = frame("pulse", json.dumps(plain).encode())
            with_ages = without
            if any(client.ages for client in self._clients):
                with_ages = frame("pulse", json.dumps({**plain, "ages": await self._ages()}).encode())
            for client in self._clients:
                client.tell(with_ages if client.ages else without)

    def _forget(self) -> None:
        """Drop the targets that the monitor no longer knows."""
        known = self._monitor.latest().keys()
        lost = [key for key in self._rows if not key.startswith(GROUP) and key not in known]
        for key in lost:
            self._drop(key)
        if lost:
            self._stale_groups.set()

    async def _ages(self) -> dict[str, float]:
        """How many seconds ago the real-time numbers of every target were last read well."""
        ages = {}
        for number, key in enumerate(list(self._rows)):
            age = self._monitor.age(key)
            if age is not None:
                ages[key] = round(age.total_seconds(), 1)
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        return ages


def frame(event: str, data: bytes) -> bytes:
    """One event as it goes over the wire; JSON has no line breaks in it.

    https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    return b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"


def _alike(one: Group | None, other: Group) -> bool:
    """Whether two computations of a group say the same, whenever its members were read."""
    return one is not None and _timeless(one) == _timeless(other)


def _timeless(group: Group) -> Group:
    coverage = group.coverage.but(oldest=None)
    realtime = group.realtime.but(observed_at=None) if group.realtime is not None else None
    windows = {name: window.but(observed_at=None) for name, window in group.windows.items()}
    return group.but(coverage=coverage, realtime=realtime, windows=windows)
