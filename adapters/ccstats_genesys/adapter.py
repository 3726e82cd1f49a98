"""Genesys Cloud for ccstats: what the adapter is, and how an organization is opened."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from ccstats.adapter import API_VERSION, Abilities, Batch, Toolbox, Want
from ccstats.config import SourceOptions
from ccstats.model import Definitions, Kind
from ccstats_genesys.abilities import ABILITIES
from ccstats_genesys.config import GenesysOptions
from ccstats_genesys.definitions import definitions
from ccstats_genesys.plan import NOTHING, Learned, plan
from ccstats_genesys.source import GenesysSource
from ccstats_genesys.wires import Wires


class GenesysAdapter:
    """Queue statistics of Genesys Cloud, and the organization as a whole."""

    name: ClassVar[str] = "genesys"
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[SourceOptions]] = GenesysOptions
    abilities: ClassVar[Abilities] = ABILITIES
    example: ClassVar[Mapping[str, Any]] = {
        "adapter": "genesys",
        "region": "us-east-1",
        "client_id": "client",
        "client_secret": "not a secret",
    }

    def plan(self, options: GenesysOptions, want: Want, learned: object) -> list[Batch]:
        """See `ccstats_genesys.plan`."""
        return plan(options, want, learned if isinstance(learned, Learned) else NOTHING)

    def definitions(self, options: GenesysOptions, learned: object) -> Mapping[Kind, Definitions]:
        """See `ccstats_genesys.definitions`."""
        instead = options.api == "auto" and isinstance(learned, Learned) and learned.stats
        return definitions(stats=options.api == "stats" or instead)

    @asynccontextmanager
    async def open(self, name: str, options: GenesysOptions, toolbox: Toolbox) -> AsyncGenerator[GenesysSource]:
        """The organization; one session for the API and the login host."""
        async with toolbox.session(options.limits.concurrency + 1) as session:
            yield GenesysSource(name, options, toolbox, Wires(name, options, toolbox, session))
