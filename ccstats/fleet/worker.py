"""One of several workers that share what is polled: signs of life, taking shards, giving them back."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

import anyio
from anyio.abc import TaskGroup

from ccstats.clock import wall_clock
from ccstats.config import Config
from ccstats.coordination import Coordinator, Heritage, LocalCoordinator, State, connect
from ccstats.errors import ConfigError, CoordinatorError
from ccstats.fleet.about import described
from ccstats.fleet.clock import SharedClock
from ccstats.fleet.holding import Holding
from ccstats.fleet.lease import HeldLease
from ccstats.fleet.publisher import Publisher
from ccstats.fleet.reach import OUT_OF_REACH, Reach
from ccstats.fleet.shards import only_sources, shards
from ccstats.fleet.share import share
from ccstats.monitor import Monitor
from ccstats.monitor.alarm import Alarm
from ccstats.poller import Only

logger = logging.getLogger(__name__)

BEATS = 6
"""Signs of life within a lease: some may be lost."""
EARLY = 1 / 6
"""The part of a lease before whose end a worker stops by itself."""
ABANDONED = 1.0
"""Seconds after which anybody may take a free shard, whoever should have."""
JUST_AFTER = 0.02
"""Seconds after the end of another's lease at which it is looked at again."""
REFUSED_FOR = 30.0
"""Seconds for which a shard that this worker could not open is left to others."""
SHORTEST_REST = 0.05
"""Seconds between two signs of life at least, however long what is done in between takes."""
LOOK_EVERY = 0.2
"""Seconds between two looks for what is to be written, at all that is held: a timer for each would cost more."""
CLOSING = 1.0
"""Seconds that closing the connections may take."""
KEPT_FOR = 300.0
"""Seconds for which a shard is not offered again that nobody else has taken: the others may not have it configured."""
FORGET_EVERY, FORGOTTEN = 600.0, 3600.0
"""Seconds. A source that nobody has polled for an hour is no longer configured anywhere."""


class Worker:
    """Polls its share of a configuration beside other workers, and writes what it reads into the shared table."""

    def __init__(
        self,
        config: Config,
        coordinator: Coordinator | None = None,
        *,
        name: str | None = None,
        only: Only | None = None,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        """Without a `coordinator` it meets others at `config.redis`, or (where that is not set) in this process alone.

        Raises `ConfigError` where an adapter refuses its table.
        """
        self.name = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self.holdings: dict[str, Holding] = {}
        """What it polls, by shard."""
        self._config, self._shards = config, shards(config)
        self.coordinator = coordinator or _met_at(config)
        """Where it meets others: readers in this process attach to it."""
        self._owns = coordinator is None
        elsewhere = self.coordinator if coordinator is not None or config.redis is not None else None
        self._open = partial(Monitor, only=only, clock=clock, coordinator=elsewhere)
        self._lease = config.work.lease.total_seconds()
        self._clock = SharedClock()
        self._reach = Reach(self.name)
        self._alarm = Alarm()
        self._reloading = anyio.Lock()
        self._beaten_at = self._settled_at = -math.inf
        self._epoch, self._since = "", 0.0
        self._free_since: dict[str, float] = {}
        self._refused_until: dict[str, float] = {}
        self._offered: set[str] = set()
        self._kept_until: dict[str, float] = {}
        self._described: bytes | None = None
        self._forget_at: float | None = None

    async def run(self, ended: asyncio.Event) -> None:
        """Work until `ended` is set; then let what is under way end, give everything back, and leave.

        Raises `ConfigError` where the coordinator answers, and refuses this worker.
        """
        try:
            with suppress(CoordinatorError):  # it may come later
                # Not only reading: a user that may read and not write is refused here, too.
                await self.coordinator.beat(self.name, {}, (), lease=self._lease)
            await self._work(ended)
        finally:
            if self._owns:
                with anyio.move_on_after(CLOSING, shield=True):
                    await self.coordinator.aclose()

    async def _work(self, ended: asyncio.Event) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(self._ring_when, ended)
            group.start_soon(self._look)
            while not ended.is_set():
                state = await self._beat()
                if state is not None:
                    await self._follow(state, group)
                await self._rest(state)
            await self._retire()
            group.cancel_scope.cancel()

    async def reload(self, config: Config) -> None:
        """Follow another configuration; where it is wrong, raise its `ConfigError` and go on as before.

        Where only some of the sources cannot be opened, the others follow all the same.
        """
        found = shards(config)
        async with self._reloading:
            self._config, self._shards = config, found
            refused = []
            for holding in list(self.holdings.values()):  # shards come and go meanwhile
                if holding.shard not in found:
                    holding.finish()
                    continue
                try:
                    await holding.follow(only_sources(config, found[holding.shard]))
                except ConfigError as error:
                    refused.append(error)
            if refused:
                raise refused[0]

    async def _look(self) -> None:
        while True:
            for holding in self.holdings.values():
                holding.look()
            await asyncio.sleep(LOOK_EVERY)

    async def _ring_when(self, ended: asyncio.Event) -> None:
        await ended.wait()
        self._alarm.ring()

    async def _rest(self, state: State | None) -> None:
        """Until the next sign of life is due, or somebody else's lease ends, or there is news."""
        now = asyncio.get_running_loop().time()
        others = [one.expires for one in state.leases.values() if one.worker != self.name] if state is not None else []
        ends = [end for at in others if (end := self._clock.here(at) + JUST_AFTER) > now]
        due = max(self._beaten_at + self._lease / BEATS, now + SHORTEST_REST)
        await self._alarm.sleep(min([due, *ends]))

    async def _beat(self, *, leaving: bool = False) -> State | None:
        """Say what is held; None where nobody answers."""
        claims = {name: holding.claim() for name, holding in self.holdings.items() if not holding.lost}
        sent = self._beaten_at = asyncio.get_running_loop().time()
        enough = sent + self._lease * (1 - EARLY)
        try:
            state = await self.coordinator.beat(self.name, claims, self._shards, lease=self._lease, leaving=leaving)
        except OUT_OF_REACH as error:
            self._reach.lost(error)
            if self._config.work.without_redis == "poll":
                for name in claims:
                    self.holdings[name].lease.extend(enough)
            return None
        self._clock.heard(state.at)
        if self._reach.found():
            self._settled_at = sent + self._lease  # the others are only now renewing what they hold
        for name in claims:
            if name in state.kept:
                self.holdings[name].lease.extend(enough)
            else:
                logger.warning("%s: %s is polled by another worker now", self.name, name)
                self.holdings[name].lose()
        return state

    async def _follow(self, state: State, group: TaskGroup) -> None:
        """Act on what is known: give back what has ended, take what is due, even out."""
        if state.epoch != self._epoch:
            self._epoch, self._since, self._described = state.epoch, state.since, None
            for holding in self.holdings.values():
                holding.publisher.rewrite()
        try:
            await self._describe()
            await self._give_back()
            await self._balance(state, group)
            await self._forget()
        except OUT_OF_REACH as error:
            self._reach.lost(error)

    async def _describe(self) -> None:
        text = described(self._config)
        if text != self._described:
            await self.coordinator.describe(text)
            self._described = text

    async def _forget(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._forget_at is None:
            self._forget_at = now + FORGET_EVERY  # not at once: after an outage everybody has to come back first
        if now >= self._forget_at:
            self._forget_at = now + FORGET_EVERY
            await self.coordinator.forget(FORGOTTEN)

    async def _give_back(self) -> None:
        """Release what was ended, so that somebody else goes on."""
        now = asyncio.get_running_loop().time()
        for name, holding in list(self.holdings.items()):
            if not holding.ended:
                continue
            if not holding.lost:
                await self.coordinator.release(self.name, name, holding.claim())
                logger.info("%s: gave %s back", self.name, name)
            if not holding.ending:  # it ended by itself
                self._refused_until[name] = now + REFUSED_FOR
            del self.holdings[name]

    async def _balance(self, state: State, group: TaskGroup) -> None:
        now = asyncio.get_running_loop().time()
        leases = {name: lease for name, lease in state.leases.items() if name in self._shards}
        if state.at - state.since < self._lease or now < self._settled_at:
            return  # who held something before all was lost is still about to say so
        free = {name for name, lease in leases.items() if lease.worker is None}
        self._free_since = {name: self._free_since.get(name, now) for name in free}
        abandoned = {name for name, since in self._free_since.items() if now - since >= ABANDONED}
        self._offered -= {name for name, lease in leases.items() if lease.worker not in (None, self.name)}
        decided = share(self.name, state.workers, leases, abandoned)
        for name in decided.take:
            if asyncio.get_running_loop().time() - now > self._lease / BEATS:
                break  # a sign of life first: where the way is long, taking many outlasts a lease
            if name not in self.holdings and now >= self._refused_until.get(name, -math.inf):
                await self._take(name, group)
        self._offer(decided.give, now)

    def _offer(self, shard: str | None, now: float) -> None:
        """Give a shard back so that another worker takes it."""
        if shard not in self.holdings or any(one.ending for one in self.holdings.values()):
            return
        if now >= self._kept_until.get(shard, -math.inf):
            self._offered.add(shard)
            self.holdings[shard].finish()

    async def _take(self, shard: str, group: TaskGroup) -> None:
        sent = asyncio.get_running_loop().time()
        grant = await self.coordinator.acquire(self.name, shard, lease=self._lease)
        if grant is None:
            return
        self._clock.heard(grant.at)
        # What nobody tells of may have been lost with all else: then somebody spent it for as long as its lease lasted.
        left = grant.heritage or Heritage(b"", self._since, self._since + self._lease, clean=False)
        lease = HeldLease(grant.fence, sent + self._lease * (1 - EARLY))
        publisher = Publisher(self.coordinator, shard, grant.fence, self.name, self._clock)
        config = only_sources(self._config, self._shards[shard])
        logger.info("%s: polls %s (%s)", self.name, shard, ", ".join(config.sources))
        grant, early = replace(grant, heritage=left), self._lease * EARLY
        holding = Holding(
            shard, config, grant, lease, publisher, stopped_before=early, clock=self._clock, open_monitor=self._open
        )
        self.holdings[shard] = holding
        if shard in self._offered:
            self._offered.discard(shard)
            self._kept_until[shard] = sent + KEPT_FOR
            logger.warning("%s: nobody else took %s: do all workers have the same configuration?", self.name, shard)
        group.start_soon(self._hold, holding)

    async def _hold(self, holding: Holding) -> None:
        await holding.run(self.coordinator)
        self._alarm.ring()

    async def _retire(self) -> None:
        """Give everything back as soon as it has ended, and leave."""
        for holding in self.holdings.values():
            holding.finish()
        try:
            while self.holdings:
                state = await self._beat(leaving=True)
                await self._give_back()
                if self.holdings:
                    await self._rest(state)
            await self.coordinator.leave(self.name)
        except OUT_OF_REACH as error:
            self._reach.lost(error)
        while not all(one.ended for one in self.holdings.values()):
            await self._rest(None)


def _met_at(config: Config) -> Coordinator:
    return connect(config.redis) if config.redis is not None else LocalCoordinator()
