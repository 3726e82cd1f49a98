"""The wallboard's own files, as they lie in the package."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Final

from aiohttp import hdrs, web

from ccstats.serve.problems import Refused

FOLDER: Final = files("ccstats.serve") / "wallboard"
TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def load() -> dict[str, tuple[bytes, str, str]]:
    """Every file by name: its bytes, its type, its entity tag."""
    found = {}
    for one in FOLDER.iterdir():
        media = TYPES.get(one.name.rpartition(".")[2])
        if media is not None:
            body = one.read_bytes()
            found[one.name] = (body, media, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
    return found


class Page:
    """Serves the files, and nothing that is not one of them."""

    def __init__(self) -> None:
        self._files = load()

    async def index(self, request: web.Request) -> web.Response:
        """The page itself."""
        return self._file(request, "index.html")

    async def part(self, request: web.Request) -> web.Response:
        """What the page is made of."""
        return self._file(request, request.match_info["name"])

    def _file(self, request: web.Request, name: str) -> web.Response:
        if name not in self._files:
            raise Refused(404)
        body, media, tag = self._files[name]
        headers = {hdrs.ETAG: tag, hdrs.CACHE_CONTROL: "no-cache"}
        if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=media, charset="utf-8", headers=headers)
