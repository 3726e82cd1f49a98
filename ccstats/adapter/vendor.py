"""What most adapters over the HTTP kit have in common: where the API is, and how an account is opened."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Generic, TypeVar

from yarl import URL

from ccstats.adapter.abilities import Abilities
from ccstats.adapter.source import HttpSource
from ccstats.adapter.toolbox import Toolbox
from ccstats.auth import Auth
from ccstats.clock import VendorClock
from ccstats.config import Address, SourceOptions
from ccstats.http import Dialect, Line, Traffic
from ccstats.model import Definitions, Kind


class HttpOptions(SourceOptions):
    """Options of a source whose API has one address."""

    base_url: Address | None = None
    """Stands in for the vendor's own address: a simulator or a proxy."""

    @property
    def home(self) -> str:
        """The vendor's own address."""
        raise NotImplementedError

    @property
    def account(self) -> str:
        """What the vendor counts requests by and knows credentials by; empty where nothing public tells."""
        raise NotImplementedError

    @property
    def root(self) -> URL:
        """Where the API is."""
        return URL((self.base_url or self.home).rstrip("/"))

    def budget(self, *parts: str) -> str:
        """The key of what the vendor counts requests by: its address, the account, and `parts`, such as an operation.

        Sources with the same key share its limit.
        """
        return "|".join((self.adapter, str(self.root.origin()), self.account, *parts))


Options = TypeVar("Options", bound=HttpOptions)


class HttpAdapter(Generic[Options]):
    """An adapter whose sources have one client; left to write are its table, its options, `auth` and `plan`."""

    name: ClassVar[str]
    options: ClassVar[type[SourceOptions]]
    abilities: ClassVar[Abilities]
    dialect: ClassVar[Dialect]
    source: ClassVar[type[HttpSource[Any]]]
    """Has `discover` and `read`, and takes what `HttpSource` takes."""
    meaning: ClassVar[Mapping[Kind, Definitions]] = {}
    """What the numbers of each kind of target mean, whatever the options: see `Defining`."""

    def auth(self, options: Options, clock: VendorClock) -> Auth:
        """The credential of an account; `clock` is the vendor's."""
        raise NotImplementedError

    def definitions(self, options: Options, learned: object) -> Mapping[Kind, Definitions]:
        """`meaning`; to be overridden where options or reads change what a number means."""
        return self.meaning

    @asynccontextmanager
    async def open(self, name: str, options: Options, toolbox: Toolbox) -> AsyncGenerator[Any]:
        """The account: one session, and one cap on requests in flight per account."""
        clock, concurrency, origin = toolbox.clock(), options.limits.concurrency, options.root.origin()
        line = Line(
            vendor=self.name,
            source=name,
            origin=origin,
            dialect=self.dialect,
            auth=self.auth(options, clock),
            slots=toolbox.slots(f"{self.name}|{origin}|{options.account}", concurrency),
            retry=toolbox.retry,
            guard=toolbox.guard(f"{self.name}|{origin}|{options.account or name}"),
            plain_http=options.allow_plain_http,
        )
        async with toolbox.session(concurrency) as session:
            yield self.source(name, options, toolbox, toolbox.client(line, session, clock=clock, traffic=Traffic()))
