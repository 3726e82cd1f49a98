"""A base for writing a face: what the simulated side of every vendor has in common.

A face names its endpoints and answers each with plain data; credentials, limits, errors and the web server are
looked after here.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from ccstats.simulator.center import Center
from ccstats.simulator.face import World

T = TypeVar("T")
NO_HEADERS: Final[Mapping[str, str]] = {}


class Refusal(Exception):
    """An answer with a status of 400 or more; `body` is what the vendor would send, as data."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] = NO_HEADERS) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


class Meter:
    """Counts what was spent under a key in the latest seconds."""

    def __init__(self) -> None:
        self._spent: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def spend(self, key: str, requests: int, seconds: float, now: datetime) -> float | None:
        """Spend one request of `requests` per `seconds`; where none is left, seconds until one is."""
        spent, span = self._spent[key], timedelta(seconds=seconds)
        while spent and spent[0] <= now - span:
            spent.popleft()
        if len(spent) >= requests:
            return (spent[0] + span - now).total_seconds()
        spent.append(now)
        return None


@dataclass(frozen=True, slots=True)
class Call:
    """One request as an endpoint sees it. `ids` are the parts of the path, `settings` the face's with defaults."""

    world: World
    settings: Mapping[str, Any]
    meter: Meter
    method: str
    url: URL
    ids: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    now: datetime

    @property
    def center(self) -> Center:
        """What is shown; it has reached `now`."""
        return self.world.center

    @property
    def at(self) -> float:
        """Now, as seconds since the center's start: what the functions of `truth` take."""
        return self.center.seconds(self.now)

    @property
    def queues(self) -> dict[str, int]:
        """The center's queues by made-up ids, always the same."""
        return self.world.uuids("queue", len(self.center.spec.queues))

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters of the address."""
        return self.url.query

    def page(self, rows: Sequence[T], token: str | None, size: int) -> tuple[list[T], str | None]:
        """The rows of the page that begins at `token`, and the token of the next page, if there is one."""
        first = int(token or 0)
        last = first + size
        return list(rows[first:last]), str(last) if last < len(rows) else None

    def json(self) -> Any:
        """The body as data; ValueError where it is not JSON."""
        return json.loads(self.body)


Answer = Callable[[Call], object]
"""An endpoint: data that becomes the JSON body of a 200, or a `Refusal` raised."""


class VendorFace:
    """Serves a center in one vendor's wire format. A face names itself and its endpoints, and says who may come in.

    `settings` are what tests can choose, with their defaults: a setting takes values of its default's type.
    """

    name: ClassVar[str]
    settings: ClassVar[Mapping[str, object]] = {}

    def endpoints(self) -> Mapping[str, Answer]:
        """What is answered, by method and path template: `GET /queues/{queue}`."""
        raise NotImplementedError

    def authenticate(self, call: Call) -> None:
        """Raise a `Refusal` for a request whose credentials are not the account's."""
        raise NotImplementedError

    def configuration(self, base_url: str, world: World) -> dict[str, object]:
        """Return the table of a ccstats source that reads this face, `adapter` first."""
        raise NotImplementedError

    def refusal(self, status: int, message: str) -> Refusal:
        """Return an error in the vendor's format; for addresses that lead nowhere, too."""
        return Refusal(status, {"message": message})

    def admit(self, call: Call, template: str) -> None:
        """Raise a `Refusal` where a limit is spent; `template` is the endpoint's method and path."""

    def app(self, world: World, settings: Mapping[str, object]) -> web.Application:
        """Return the application; ValueError names a setting that is unknown or of another type."""
        for name, value in settings.items():
            if name not in self.settings:
                known = ", ".join(self.settings) or "none"
                raise ValueError(f"unknown setting {name!r} of the {self.name} face; there are: {known}")
            if type(value) is not type(self.settings[name]):
                raise ValueError(f"setting {name!r} of the {self.name} face does not take {value!r}")
        app = web.Application(middlewares=[self._errors])
        desk = _Desk(self, world, {**self.settings, **settings})
        for template, answer in self.endpoints().items():
            method, path = template.split(" ", 1)
            app.router.add_route(method, path, desk.handler(template, answer))
        return app

    @web.middleware
    async def _errors(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)
        except web.HTTPException as error:
            refused = self.refusal(error.status, error.reason)
            return web.json_response(refused.body, status=refused.status, headers=refused.headers)


class _Desk:
    """The state of one served face."""

    def __init__(self, face: VendorFace, world: World, settings: Mapping[str, object]) -> None:
        self._face = face
        self._world = world
        self._settings = settings
        self._meter = Meter()

    def handler(self, template: str, answer: Answer) -> Handler:
        """Return the handler of one endpoint."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(
                world=self._world,
                settings=self._settings,
                meter=self._meter,
                method=request.method,
                url=request.url,
                ids=request.match_info,
                headers=request.headers,
                body=await request.read(),
                now=self._world.now(),
            )
            self._face.authenticate(call)
            self._face.admit(call, template)
            return web.json_response(answer(call))

        return handle
