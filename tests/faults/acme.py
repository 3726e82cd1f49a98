"""A vendor that is quick to ask: many targets in one answer, over the real HTTP kit, and a server of its own."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from aiohttp import web
from yarl import URL

from ccstats import lenient
from ccstats.adapter import API_VERSION, Abilities, Batch, Discovery, Reading, Toolbox, Want
from ccstats.auth import BasicAuth
from ccstats.budget import Limit
from ccstats.config import Secret, SourceOptions
from ccstats.http import Line, Request, Traffic
from ccstats.model import Family, Kind, Realtime, Target, Window
from ccstats_twilio.api.dialect import TwilioDialect

LIMIT = Limit(600, 60.0)
SIZE = 50


class AcmeOptions(SourceOptions):
    """Where the server is, how many queues it has, and the secret it wants."""

    base_url: str
    queues: int
    secret: Secret = Secret("right")


class AcmeSource:
    """One open account."""

    notes: tuple[str, ...] = ()
    learned: object = None

    def __init__(self, name: str, options: AcmeOptions, toolbox: Toolbox, session: Any) -> None:
        self.name = name
        self._options = options
        self._root = URL(options.base_url)
        self._budget = toolbox.budget("acme", LIMIT, options.limits)
        line = Line(
            "acme",
            name,
            self._root.origin(),
            TwilioDialect(),
            BasicAuth("acme", options.secret),
            slots=toolbox.slots("acme", options.limits.concurrency),
            retry=toolbox.retry,
            guard=toolbox.guard("acme"),
        )
        self.client = toolbox.client(line, session, clock=toolbox.clock(), traffic=Traffic())

    @property
    def traffic(self) -> Traffic:
        """What it has sent."""
        return self.client.traffic

    def now(self) -> datetime:
        """The server's time."""
        return self.client.clock.now()

    async def discover(self) -> Discovery:
        """Its queues; asks once, as others do."""
        await self._ask("discovery")
        targets = (Target(source=self.name, vendor="acme", kind=Kind.QUEUE, id=f"q{n}") for n in self._numbers())
        return Discovery(tuple(targets))

    async def read(self, batch: Batch) -> list[Reading]:
        """One answer for all targets of the batch."""
        found = await self._ask(batch.operation)
        window = batch.window.name if batch.window is not None else None
        return [
            Reading(target, batch.family, self.now(), window, _values(batch, found.get(target.id)))
            for target in batch.targets
        ]

    async def _ask(self, what: str) -> dict[str, Any]:
        url = self._root.joinpath(what)
        answer = await self.client.send(Request("GET", url, f"GET /{what}", budgets=(self._budget,)))
        return lenient.decode(answer.body, dict[str, Any])

    def _numbers(self) -> range:
        return range(self._options.queues)


def _values(batch: Batch, waiting: object) -> Realtime | Window:
    count, at = lenient.count(waiting), datetime(2026, 1, 1, tzinfo=UTC)
    if batch.family is Family.REALTIME:
        return Realtime(observed_at=at, waiting=count)
    return Window(observed_at=at, offered=count)


class AcmeAdapter:
    """The vendor as the core sees it."""

    name = "acme"
    api_version = API_VERSION
    options = AcmeOptions
    abilities: Abilities = {}

    def plan(self, options: AcmeOptions, want: Want, learned: object) -> list[Batch]:
        """Fifty targets to a request."""
        chunks = [want.targets[first : first + SIZE] for first in range(0, len(want.targets), SIZE)]
        return [
            Batch(family.value, chunk, family, window, "acme", 1, LIMIT)
            for family in Family
            for window in (want.windows if family is Family.WINDOW else (None,))
            for chunk in chunks
        ]

    @asynccontextmanager
    async def open(self, name: str, options: AcmeOptions, toolbox: Toolbox) -> AsyncGenerator[AcmeSource]:
        """A session of its own."""
        async with toolbox.session(options.limits.concurrency) as session:
            yield AcmeSource(name, options, toolbox, session)


def wall() -> datetime:
    """The loop's time as a wall clock."""
    return datetime.fromtimestamp(1_767_225_600 + asyncio.get_running_loop().time(), UTC)


Judge = Callable[[float], int | str]


@dataclass
class Acme:
    """The server: asks `judge` what to do with each request, by the time; a status, or hang, drop or html."""

    queues: int
    judge: Judge = lambda _: 200
    retry_after: str = "5"
    url: str = ""
    asked: list[float] = field(default_factory=list)
    fates: Counter[int | str] = field(default_factory=Counter)
    _number: int = 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request."""
        now = asyncio.get_running_loop().time()
        fate = self.judge(now)
        self.asked.append(now)
        self.fates[fate] += 1
        self._number += 1
        if fate == "hang":
            await asyncio.sleep(3600)
        if fate == "drop":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fate == "html":
            return web.Response(text="<html>busy</html>", content_type="text/html")
        if fate != 200:
            return web.json_response({}, status=int(fate), headers={"Retry-After": self.retry_after})
        body = json.dumps({f"q{index}": self._number % 100 for index in range(self.queues)})
        return web.Response(text=body, content_type="application/json")


@asynccontextmanager
async def acme(queues: int, judge: Judge = lambda _: 200) -> AsyncGenerator[Acme]:
    """The server on the loopback interface."""
    server = Acme(queues, judge)
    runner = web.ServerRunner(
        web.Server(server.answer, handler_cancellation=True, access_log=None), shutdown_timeout=0.01
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def mixed(seed: int, **shares: float) -> Judge:
    """Every fate with its share of the requests, 200 for the rest; names of statuses are written `s503`."""
    chance = Random(seed)
    fates = [int(name[1:]) if name[1:].isdigit() else name for name in shares]

    def judge(_: float) -> int | str:
        drawn = chance.random()
        for fate, share in zip(fates, shares.values(), strict=True):
            if drawn < share:
                return fate
            drawn -= share
        return 200

    return judge
