"""The face itself: one application for the API host and the login host."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ccstats.simulator.face import World
from ccstats_genesys.face import activity, agent_status, aggregates, directory, observations, stats
from ccstats_genesys.face.bodies import parse_body
from ccstats_genesys.face.call import Call, Endpoint
from ccstats_genesys.face.errors import ApiError, error_body, missing_permission, not_found
from ccstats_genesys.face.ids import client_id, client_secret, correlation_id
from ccstats_genesys.face.limits import RateLimit
from ccstats_genesys.face.oauth import OAuthError, Tokens
from ccstats_genesys.face.settings import parse_settings
from ccstats_genesys.face.tenant import Tenant

LOGIN_HOST: Final = "/login-host"
"""Stands for the host `login.{region}`, so that one server can be both hosts."""
LARGEST_READ: Final = 8 * 2**20
COMPRESS_IN_THREAD: Final = 256 * 2**10
ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *directory.ENDPOINTS,
    *observations.ENDPOINTS,
    *activity.ENDPOINTS,
    *agent_status.ENDPOINTS,
    *aggregates.ENDPOINTS,
    *stats.ENDPOINTS,
)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class GenesysFace:
    """Shows a simulated center as a Genesys Cloud organization."""

    @property
    def name(self) -> str:
        """The vendor's name."""
        return "genesys"

    def app(self, world: World, settings: Mapping[str, object]) -> web.Application:
        """Return the application; ValueError names a setting, channel or queue that it does not know."""
        desk = _Desk(Tenant(world, parse_settings(settings)))
        app = web.Application(middlewares=[desk.middleware()], client_max_size=LARGEST_READ)
        app.router.add_post(f"{LOGIN_HOST}/oauth/token", desk.login)
        for endpoint in ENDPOINTS:
            app.router.add_route(endpoint.method, endpoint.path, desk.handler(endpoint))
        return app

    def configuration(self, base_url: str, world: World) -> dict[str, object]:
        """Return the source that reads this face; its credentials are made up and open to nothing else."""
        return {
            "adapter": self.name,
            "client_id": client_id(world),
            "client_secret": client_secret(world),
            "base_url": base_url,
            "login_url": f"{base_url}{LOGIN_HOST}",
        }


class _Desk:
    """Lets requests in, has them answered, and dresses every answer the way the vendor does."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._tokens = Tokens(tenant.world, tenant.settings.token_lifetime_s)
        self._limit = RateLimit(tenant.settings.requests_per_minute)
        self._answers = 0

    def middleware(self) -> Middleware:
        @web.middleware
        async def errors_in_shape(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except web.HTTPException as error:
                now = self._tenant.world.now()
                if error.status == 404:
                    return self._refusal(request, not_found(), now, self._context())
                refused = ApiError(error.status, "client.failed.request", error.reason, headers=_allow(error))
                return self._refusal(request, refused, now, self._context())

        return errors_in_shape

    async def login(self, request: web.Request) -> web.StreamResponse:
        now, context = self._tenant.world.now(), self._context()
        try:
            return _respond(request, 200, await self._tokens.grant(request, now), now, context)
        except OAuthError as error:
            return _respond(request, error.status, error.body, now, context)

    def handler(self, endpoint: Endpoint) -> Answer:
        async def answer(request: web.Request) -> web.StreamResponse:
            now, context = self._tenant.world.now(), self._context()
            headers: Mapping[str, str] = {}
            try:
                token = self._tokens.check(request.headers.get("Authorization"), now)
                headers = self._limit.spend(token, now)
                self._admit(endpoint)
                body = parse_body(await request.read(), request.content_type) if endpoint.method == "POST" else {}
                query = {name: request.query.getall(name) for name in request.query}
                payload = endpoint.answer(Call(self._tenant, now, query, body))
            except ApiError as error:
                return self._refusal(request, error, now, context, headers)
            return _respond(request, 200, payload, now, context, headers)

        return answer

    def _admit(self, endpoint: Endpoint) -> None:
        settings = self._tenant.settings
        if endpoint.api is not None and endpoint.api not in settings.apis:
            raise not_found()
        if endpoint.permission is not None and endpoint.permission not in settings.permissions:
            raise missing_permission(endpoint.permission)

    def _context(self) -> str:
        self._answers += 1
        return correlation_id(self._tenant.world, self._answers)

    def _refusal(
        self,
        request: web.Request,
        error: ApiError,
        now: datetime,
        context: str,
        headers: Mapping[str, str] | None = None,
    ) -> web.Response:
        body = error_body(error.status, error.code, error.message, context, error.params)
        return _respond(request, error.status, body, now, context, {**(headers or {}), **error.headers})


def _respond(
    request: web.Request,
    status: int,
    payload: Mapping[str, object],
    now: datetime,
    context: str,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    response = web.Response(
        status=status,
        body=json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(),
        content_type="application/json",
        headers={
            "Date": format_datetime(now, usegmt=True),
            "ININ-Correlation-Id": context,
            "Cache-Control": "no-cache, no-store, must-revalidate",
            **(headers or {}),
        },
        zlib_executor_size=COMPRESS_IN_THREAD,
    )
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _allow(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
