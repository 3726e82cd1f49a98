"""The line to TaskRouter: one request of one operation, one list over all its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from yarl import URL

from ccstats import lenient
from ccstats.adapter import Toolbox
from ccstats.budget import Budget
from ccstats.errors import BrokenAnswerError, Origin
from ccstats.http import Answer, HttpClient, Request
from ccstats_twilio.api.endpoints import PAGE, PERIOD, Endpoint
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.plan import budget_key

MAX_PAGES = 200
NOTHING: Mapping[str, Any] = {}
P = TypeVar("P", bound=msgspec.Struct)
K = TypeVar("K")
R = TypeVar("R")


class Wires:
    """Sends what `api.endpoints` describes, each within the budget that Twilio counts it against."""

    def __init__(self, options: TwilioOptions, toolbox: Toolbox, client: HttpClient) -> None:
        self.client = client
        self._options = options
        self._toolbox = toolbox
        self._addresses: dict[tuple[object, ...], URL] = {}
        self._budgets: dict[tuple[str, str], tuple[Budget, ...]] = {}
        self._cap = toolbox.cap(f"twilio|{options.root.origin()}|{options.account}", options.limits)

    async def get(
        self, operation: str, endpoint: Endpoint, *, workspace: str = "", sid: str = "", **given: Any
    ) -> Answer:
        """The answer of a GET endpoint."""
        return await self._send(operation, endpoint, workspace, self._address(endpoint, workspace, sid, given))

    async def post(self, operation: str, endpoint: Endpoint, *, workspace: str, body: object) -> Answer:
        """The answer of a POST endpoint that reads."""
        return await self._send(operation, endpoint, workspace, self._address(endpoint, workspace), body)

    async def pages(
        self, operation: str, endpoint: Endpoint, shape: type[P], *, workspace: str = "", **given: Any
    ) -> AsyncIterator[tuple[P, Answer]]:
        """Every page of a list. Pages are found by `next_page_url` only, and never on another origin.

        https://www.twilio.com/docs/usage/twilios-response#response-formats-list-paging-information
        """
        url = endpoint.url(self._options.root, workspace=workspace, PageSize=PAGE, **given)
        seen = {url}
        for _ in range(MAX_PAGES):
            answer = await self._send(operation, endpoint, workspace, url)
            page = lenient.decode(answer.body, shape)
            yield page, answer
            following: str | None = page.meta.next_page_url  # type: ignore[attr-defined]  # every page has a meta
            if following is None:
                return
            url = _url(following, endpoint)
            if url in seen:
                raise BrokenAnswerError("the list of pages runs in a circle", origin=Origin(endpoint=endpoint.label))
            seen.add(url)
        message = f"the list has more than {MAX_PAGES} pages"
        raise BrokenAnswerError(message, origin=Origin(endpoint=endpoint.label))

    def keep(self, found: dict[K, R], rows: Iterable[tuple[K, R]]) -> None:
        """Take in the rows of a page by their ids: of several for one id the last holds, and it is counted."""
        for key, row in rows:
            self.client.traffic.repeated += key in found
            found[key] = row

    async def _send(self, operation: str, endpoint: Endpoint, workspace: str, url: URL, body: object = None) -> Answer:
        budgets = self._budgets_of(operation, endpoint, workspace)
        return await self.client.send(Request(endpoint.method, url, endpoint.label, json=body, budgets=budgets))

    def _address(self, endpoint: Endpoint, workspace: str, sid: str = "", given: Mapping[str, Any] = NOTHING) -> URL:
        if not PERIOD.isdisjoint(given):  # a period never comes again, every other address does
            return endpoint.url(self._options.root, workspace=workspace, sid=sid, **given)
        key = (endpoint.path, workspace, sid, *given.items())
        url = self._addresses.get(key)
        if url is None:
            url = self._addresses[key] = endpoint.url(self._options.root, workspace=workspace, sid=sid, **given)
        return url

    def _budgets_of(self, operation: str, endpoint: Endpoint, workspace: str) -> tuple[Budget, ...]:
        budgets = self._budgets.get((workspace, operation))
        if budgets is None:
            key = budget_key(self._options, workspace, operation)
            own = self._toolbox.budget(key, endpoint.limit, self._options.limits)
            budgets = self._budgets[workspace, operation] = (own, *self._cap)
        return budgets


def _url(text: str, endpoint: Endpoint) -> URL:
    try:
        url = URL(text, encoded=True)
        url.origin()
    except ValueError:
        message = "next_page_url is not the address of a page"
        raise BrokenAnswerError(message, origin=Origin(endpoint=endpoint.label)) from None
    return url
