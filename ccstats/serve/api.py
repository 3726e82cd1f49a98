"""The operations of the API on what the monitor knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta

from aiohttp import hdrs, web
from pydantic import BaseModel

from ccstats.model import Definitions, Snapshot, definitions_of
from ccstats.serve import answers
from ccstats.serve.answers import (
    BoardInfo,
    Groups,
    Health,
    MarksInfo,
    Meanings,
    Series,
    Sources,
    catalogue,
)
from ccstats.serve.feed import GROUP
from ccstats.serve.live import Live
from ccstats.serve.problems import Refused
from ccstats.serve.query import Nothing, Past, Selection, parsed

MOST_POINTS = 300_000
"""Of one answer of the history."""
AT_ONCE = 200
"""How many snapshots are written before others have their turn."""


def answer(model: BaseModel, *, status: int = 200) -> web.Response:
    """A model as an answer."""
    return web.Response(status=status, body=model.model_dump_json().encode(), content_type="application/json")


async def snapshots(live: Live, request: web.Request) -> web.StreamResponse:
    """The latest snapshots of the targets that are asked for."""
    wants = parsed(request, Selection).wants(live.monitor.config)
    found = [one for one in live.monitor.latest().values() if wants(one.target)]
    tag = live.feed.version([one.target.key for one in found])
    if _known(request, tag):
        return web.Response(status=304, headers=_tagged(tag))
    response = web.StreamResponse(headers={**_tagged(tag), hdrs.CONTENT_TYPE: "application/json"})
    live.gate.share(request, response)
    await response.prepare(request)
    if request.method != "HEAD":
        async for part in _document(live, found):
            await response.write(part)
    return response


async def _document(live: Live, found: list[Snapshot]) -> AsyncIterator[bytes]:
    yield f'{{"v":1,"at":"{live.monitor.now().isoformat()}","snapshots":['.encode()
    for first in range(0, len(found), AT_ONCE):
        texts = ",".join(one.model_dump_json() for one in found[first : first + AT_ONCE])
        yield (("," if first else "") + texts).encode()
        await asyncio.sleep(0)
    yield b"]}"


async def snapshot(live: Live, request: web.Request) -> web.StreamResponse:
    """The latest snapshot of one target."""
    parsed(request, Nothing)
    found = live.monitor.get(request.match_info["key"])
    if found is None:
        raise Refused(404, "there is no such target")
    tag = live.feed.version([found.target.key])
    if _known(request, tag):
        return web.Response(status=304, headers=_tagged(tag))
    response = answer(found)
    response.headers.update(_tagged(tag))
    return response


async def groups(live: Live, request: web.Request) -> web.StreamResponse:
    """Every group, computed now."""
    parsed(request, Nothing)
    return answer(Groups(at=live.monitor.now(), groups=await live.feed.groups()))


async def sources(live: Live, request: web.Request) -> web.StreamResponse:
    """The state of every source."""
    parsed(request, Nothing)
    return answer(Sources(at=live.monitor.now(), sources=list(live.monitor.stats().sources)))


async def metrics(live: Live, request: web.Request) -> web.StreamResponse:
    """The catalogue."""
    parsed(request, Nothing)
    return answer(catalogue())


async def definitions(live: Live, request: web.Request) -> web.StreamResponse:
    """What the numbers mean."""
    parsed(request, Nothing)
    return answer(Meanings(definitions=list(_meanings(live.monitor.latest().values()))))


def _meanings(found: Iterable[Snapshot]) -> Iterable[Definitions]:
    for ident in dict.fromkeys(one.definitions for one in found):
        known = definitions_of(ident)
        if known is not None:
            yield known


async def history(live: Live, request: web.Request) -> web.StreamResponse:
    """What was read before, of targets and groups that there are now."""
    query = parsed(request, Past)
    config, now = live.monitor.config, live.monitor.now()
    wants = query.wants(config)
    keys = [key for key, one in live.monitor.latest().items() if wants(one.target)]
    keys += [GROUP + name for name in query.groups(config)]
    if len(keys) * query.points > MOST_POINTS:
        raise Refused(413, f"{len(keys)} targets with {query.points} points each are too many: ask for fewer of either")
    length = timedelta(minutes=query.minutes)
    step = length / query.points
    found = await live.recorder.points(keys, now - length, step)
    series = [Series(key=key, points=points) for key, points in found.items()]
    return answer(answers.Past(at=now, step=step.total_seconds(), series=series))


async def board(live: Live, request: web.Request) -> web.StreamResponse:
    """What the wallboard shows beside the numbers."""
    parsed(request, Nothing)
    config = live.monitor.config
    settings, usual = config.board, MarksInfo.of(config.board.marks("", None))
    names = {key: one.target.name for key, one in live.monitor.latest().items()} if settings.match else {}
    names |= {f"group:{name}": name for name in config.groups} if settings.match else {}
    marks = {key: MarksInfo.of(settings.marks(key, name)) for key, name in names.items()}
    window = settings.window or next((one.name for one in config.poll.windows), None)
    return answer(
        BoardInfo(
            title=settings.title,
            window=window,
            marks=usual,
            own_marks={key: one for key, one in marks.items() if one != usual},
            groups=tuple(config.groups),
        )
    )


async def healthz(live: Live, request: web.Request) -> web.StreamResponse:
    """Whether this process answers."""
    parsed(request, Nothing)
    return answer(Health(status="ok"))


async def readyz(live: Live, request: web.Request) -> web.StreamResponse:
    """Whether everything was tried once, and nothing is about to end."""
    parsed(request, Nothing)
    if live.ending:
        return answer(Health(status="ending"), status=503)
    if not await live.monitor.wait_until_ready(timeout=0):
        return answer(Health(status="starting"), status=503)
    return answer(Health(status="ok"))


def _tagged(tag: str) -> dict[str, str]:
    return {hdrs.ETAG: tag, hdrs.CACHE_CONTROL: "private, no-cache"}


def _known(request: web.Request, tag: str) -> bool:
    """Whether the reader has this version already.

    https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
    """
    given = request.headers.get(hdrs.IF_NONE_MATCH, "")
    return tag in [one.strip() for one in given.split(",")] or given.strip() == "*"
