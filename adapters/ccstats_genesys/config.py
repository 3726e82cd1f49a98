"""What a Genesys Cloud source can be told."""

from __future__ import annotations

import difflib
import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from yarl import URL

from ccstats.config import Address, Secret, SourceOptions, Text
from ccstats.model import ActivityState
from ccstats_genesys.api.regions import REGIONS

DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class GenesysOptions(SourceOptions):
    """One Genesys Cloud organization, read with an OAuth client of the grant type "client credentials".

    The client needs a role with `analytics:queueObservation:view`, `analytics:conversationAggregate:view`,
    `routing:queue:view` (or `routing:queue:search`) and `presence:presenceDefinition:view`, in every division to be
    read; `analytics:agentState:view` for the agents of the whole organization.
    """

    adapter: Literal["genesys"] = "genesys"
    region: str | None = None
    """One of the 18 regions by name (eu-west-1), or a domain (mypurecloud.ie)."""
    base_url: Address | None = None
    login_url: Address | None = None
    """Stand in for https://api.DOMAIN and https://login.DOMAIN: a simulator or a proxy."""
    client_id: Annotated[Text, Field(min_length=1)]
    client_secret: Secret
    api: Literal["auto", "observations", "stats"] = "auto"
    """`observations`: the published queries. `stats`: /api/v2/analytics/stats/queues. `auto`: the first, and only where
    it is not there, the second.
    """
    queues_per_query: Annotated[int, Field(strict=True, ge=1, le=1000)] = 100
    """How many queues one query names; halved by itself where Genesys answers 400."""
    activity_states: dict[str, ActivityState] = Field(default_factory=dict)
    """What an organization presence means, by its id, where its system presence does not say enough."""

    secrets: ClassVar[tuple[str, ...]] = ("client_secret",)

    @field_validator("region")
    @classmethod
    def _known_region(cls, value: str | None) -> str | None:
        if value is None:
            return None
        name = value.lower().replace("_", "-")
        if name in REGIONS or DOMAIN.fullmatch(value.lower()):
            return name if name in REGIONS else value.lower()
        near = difflib.get_close_matches(name, REGIONS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(REGIONS)}, or give a domain"
        raise ValueError(f"unknown region; {hint}")

    @model_validator(mode="after")
    def _place(self) -> Self:
        if self.region is None and (self.base_url is None or self.login_url is None):
            raise ValueError("give region, or both base_url and login_url")
        return self

    @property
    def domain(self) -> str:
        """The domain of the region, or of the base URL."""
        if self.region is not None:
            return REGIONS.get(self.region, self.region)
        return URL(self.base_url or "").host or ""

    @property
    def counted_by(self) -> str:
        """The OAuth client: its token is what requests are counted by."""
        return f"{self.root.origin()}|{self.client_id}"

    @property
    def root(self) -> URL:
        """Where the API is, without the version."""
        return URL(self.base_url.rstrip("/") if self.base_url is not None else f"https://api.{self.domain}")

    @property
    def login(self) -> URL:
        """Where tokens come from. API and login host are derived from one region, so that they cannot differ."""
        return URL(self.login_url.rstrip("/") if self.login_url is not None else f"https://login.{self.domain}")
