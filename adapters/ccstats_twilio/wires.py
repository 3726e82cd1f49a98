"""The line to TaskRouter: one request of one operation, one list over all its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec
from yarl import URL

from ccstats import lenient
from ccstats.adapter import Toolbox
from ccstats.budget import Budget
from ccstats.errors import BrokenAnswerError, Origin
from ccstats.http import Answer, HttpClient, Request
from ccstats_twilio.api.endpoints import PAGE, Endpoint
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.plan import budget_key

MAX_PAGES = 200
P = TypeVar("P", bound=msgspec.Struct)


class Wires:
    """Sends what `api.endpoints` describes, each within the budget that Twilio counts it against."""

    def __init__(self, options: TwilioOptions, toolbox: Toolbox, client: HttpClient) -> None:
        self.client = client
        self._options = options
        self._toolbox = toolbox
        self._budgets: dict[str, Budget] = {}
        self._cap = toolbox.cap(f"twilio|{options.root.origin()}|{options.account}", options.limits)

    async def get(
        self, operation: str, endpoint: Endpoint, *, workspace: str = "", sid: str = "", **given: Any
    ) -> Answer:
        """The answer of a GET endpoint."""
        url = endpoint.url(self._options.root, workspace=workspace, sid=sid, **given)
        return await self._send(operation, endpoint, workspace, url)

    async def post(self, operation: str, endpoint: Endpoint, *, workspace: str, body: object) -> Answer:
        """The answer of a POST endpoint that reads."""
        url = endpoint.url(self._options.root, workspace=workspace)
        return await self._send(operation, endpoint, workspace, url, body)

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

    async def _send(self, operation: str, endpoint: Endpoint, workspace: str, url: URL, body: object = None) -> Answer:
        budgets = (self._budget(operation, endpoint, workspace), *self._cap)
        return await self.client.send(Request(endpoint.method, url, endpoint.label, json=body, budgets=budgets))

    def _budget(self, operation: str, endpoint: Endpoint, workspace: str) -> Budget:
        key = budget_key(self._options, workspace, operation)
        if key not in self._budgets:
            self._budgets[key] = self._toolbox.budget(key, endpoint.limit, self._options.limits)
        return self._budgets[key]


def _url(text: str, endpoint: Endpoint) -> URL:
    try:
        url = URL(text, encoded=True)
        url.origin()
    except ValueError:
        message = "next_page_url is not the address of a page"
        raise BrokenAnswerError(message, origin=Origin(endpoint=endpoint.label)) from None
    return url
