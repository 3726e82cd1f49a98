"""The web application: credentials, limits, errors and headers around the endpoints."""

import asyncio
import json
from base64 import b64decode
from binascii import Error as Base64Error
from datetime import datetime
from itertools import count
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from ccstats.simulator.face import World
from ccstats_twilio.face.call import Call
from ccstats_twilio.face.counts import as_strings
from ccstats_twilio.face.errors import ApiError, not_found
from ccstats_twilio.face.limits import Limits
from ccstats_twilio.face.routes import BULK, ROUTES, Route
from ccstats_twilio.face.settings import Settings
from ccstats_twilio.face.tenant import Tenant

SYNCHRONOUS: Final = 1 << 30
"""Bodies up to this size are compressed in the event loop, not in a thread that a virtual clock cannot see."""


def build(world: World, tenant: Tenant, settings: Settings) -> web.Application:
    """Return the application that shows a world as this account."""
    desk = _Desk(world, tenant, settings)
    app = web.Application(middlewares=[desk.envelope])
    for route in ROUTES:
        app.router.add_route(route.method, route.path, desk.handler(route))
    return app


class _Desk:
    """Receives every request, and answers those that the credentials and limits let through."""

    def __init__(self, world: World, tenant: Tenant, settings: Settings) -> None:
        self._world = world
        self._tenant = tenant
        self._settings = settings
        self._limits = Limits(settings.concurrency)
        self._numbers = count(1)

    @web.middleware
    async def envelope(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Authenticate, count the request in flight and give errors their bodies."""
        number = next(self._numbers)
        try:
            self._authenticate(request)
            response = await self._in_flight(request, handler)
        except ApiError as error:
            response = _refusal(error)
        except web.HTTPMethodNotAllowed:
            response = _refusal(ApiError(405, "Method not allowed", 20004))
        except web.HTTPNotFound:
            response = _refusal(not_found(request.path))
        response.headers["Twilio-Request-Id"] = "RQ" + self._world.credential(f"twilio:request:{number}")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    async def _in_flight(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._limits.enter()
        try:
            concurrent = self._limits.in_flight
            await asyncio.sleep(self._settings.latency_s)
            response = await handler(request)
        finally:
            self._limits.leave()
        response.headers["Twilio-Concurrent-Requests"] = str(concurrent)
        return response

    def _authenticate(self, request: web.Request) -> None:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            user, _, password = b64decode(encoded, validate=True).decode().partition(":")
        except (Base64Error, UnicodeDecodeError):
            user = password = ""
        if scheme.lower() != "basic" or not self._tenant.accepts(user, password):
            raise ApiError(401, "Authenticate", 20003)

    def handler(self, route: Route) -> Handler:
        """Return the handler of one endpoint, which spends that endpoint's own budget."""
        per_second = self._settings.bulk_per_second if route.path == BULK else self._settings.requests_per_second

        async def handle(request: web.Request) -> web.Response:
            body = await request.read()
            now = self._world.now()
            key = (request.match_info.get("WorkspaceSid", ""), route.operation)
            budget = self._limits.spend(key, per_second, now)
            try:
                if budget.refused:
                    raise ApiError(429, "Too Many Requests", 20429)
                response = self._answer(route, request, body, now)
            except ApiError as error:
                response = _refusal(error)
            response.headers.update(budget.headers())
            return response

        return handle

    def _answer(self, route: Route, request: web.Request, body: bytes, now: datetime) -> web.Response:
        call = Call(
            tenant=self._tenant,
            settings=self._settings,
            origin=f"{request.scheme}://{request.host}",
            path=request.path,
            ids=request.match_info,
            query=request.query,
            body=body,
            now=now,
        )
        if route.capped:
            self._check_cap(call)
        answer = route.answer(call)
        return _json(as_strings(answer) if self._settings.strings else answer, 200)

    def _check_cap(self, call: Call) -> None:
        cap, workers = self._settings.worker_statistics_cap, len(call.workspace.workers)
        if cap is not None and workers > cap:
            # What is really sent is documented nowhere: https://www.twilio.com/docs/taskrouter/limits
            raise ApiError(403, f"Worker Statistics Endpoint Cap: this Workspace has more than {cap} Workers")


def _refusal(error: ApiError) -> web.Response:
    response = _json(error.body(), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


def _json(body: object, status: int) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json", zlib_executor_size=SYNCHRONOUS)
