"""Errors as answers: one shape for all of them, and nothing in them that is not the reader's own.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel

MEDIA = "application/problem+json"
NO_HEADERS: Mapping[str, str] = {}


class Problem(BaseModel):
    """What is wrong with a request, or why it is not answered now."""

    title: str
    status: int
    detail: str = ""


class Refused(Exception):
    """A request is not answered, with this status and for this reason."""

    def __init__(self, status: int, detail: str = "", headers: Mapping[str, str] = NO_HEADERS) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers

    def response(self) -> web.Response:
        """The answer that says so."""
        problem = Problem(title=HTTPStatus(self.status).phrase, status=self.status, detail=self.detail)
        body = problem.model_dump_json().encode()
        return web.Response(status=self.status, body=body, content_type=MEDIA, headers=self.headers)
