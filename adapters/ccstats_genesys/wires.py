"""The line to Genesys Cloud: tokens from the login host, requests to the API host, one budget for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from yarl import URL

from ccstats import lenient
from ccstats.adapter import Toolbox
from ccstats.auth import BasicAuth, ClientCredentials, Token
from ccstats.http import Answer, HttpClient, Line, Request, Traffic
from ccstats_genesys.api import wire
from ccstats_genesys.api.dialect import GenesysDialect
from ccstats_genesys.api.queries import TOKEN_LIMIT
from ccstats_genesys.config import GenesysOptions
from ccstats_genesys.plan import budget_key

SHORTEST_TOKEN = 300.0
"""Seconds: the least that a client can be configured with; assumed where an answer does not say."""


Query = Mapping[str, str | int | Sequence[str]]


class Wires:
    """Sends queries, each within the budget of the client."""

    def __init__(self, name: str, options: GenesysOptions, toolbox: Toolbox, session: aiohttp.ClientSession) -> None:
        self._options = options
        self._addresses: dict[str, URL] = {}
        key = budget_key(options)
        own = toolbox.budget(key, TOKEN_LIMIT, options.limits)
        self._budgets = (own, *toolbox.cap(key, options.limits))
        clock, traffic = toolbox.clock(), Traffic()
        # https://developer.genesys.cloud/authorization/platform-auth/use-client-credentials
        self._basic = BasicAuth(options.client_id, options.client_secret)
        origin = options.login.origin()
        login_key = f"genesys|{origin}|{options.client_id}"
        line = Line(
            vendor="genesys",
            source=name,
            origin=origin,
            dialect=GenesysDialect(),
            auth=self._basic,
            retry=toolbox.retry,
            guard=toolbox.guard(f"{login_key}|login"),
            plain_http=options.allow_plain_http,
        )
        self._login = toolbox.client(line, session, clock=clock, traffic=traffic)
        keeper = toolbox.token(login_key)
        line = Line(
            vendor="genesys",
            source=name,
            origin=options.root.origin(),
            dialect=GenesysDialect(),
            auth=ClientCredentials(keeper, self._token),
            slots=toolbox.slots(budget_key(options), options.limits.concurrency),
            retry=toolbox.retry,
            guard=toolbox.guard(key),
            plain_http=options.allow_plain_http,
        )
        self.client: HttpClient = toolbox.client(line, session, clock=clock, traffic=traffic)

    async def get(self, path: str, **parameters: str | int) -> Answer:
        """The answer of a GET endpoint."""
        return await self._send("GET", path, parameters, None)

    async def post(self, path: str, body: Any, **parameters: Sequence[str]) -> Answer:
        """The answer of a query: a POST that reads."""
        return await self._send("POST", path, parameters, body)

    async def _send(self, method: str, path: str, parameters: Query, body: Any) -> Answer:
        url = self._addresses.get(path)
        if url is None:
            url = self._addresses[path] = self._options.root.joinpath(*path.strip("/").split("/"))
        if parameters:
            url = url.with_query(parameters)
        return await self.client.send(Request(method, url, f"{method} {path}", json=body, budgets=self._budgets))

    async def _token(self) -> Token:
        url = self._options.login.joinpath("oauth", "token")
        form = {"grant_type": "client_credentials"}
        answer = await self._login.send(Request("POST", url, "POST /oauth/token", form=form))
        token = lenient.decode(answer.body, wire.Token)
        lifetime = lenient.seconds(token.expires_in)
        return Token(token.access_token, lifetime.total_seconds() if lifetime else SHORTEST_TOKEN)
