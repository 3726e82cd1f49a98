"""The Genesys face over loopback: tokens, permissions, limits, pages and errors."""

import base64
import gzip
import json
import math
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from ccstats.simulator.center import Center
from ccstats.simulator.face import Fault, ManualClock, World
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running, serve
from ccstats_genesys.face import (
    PERMISSIONS,
    GenesysFace,
    client_id,
    client_secret,
    error_body,
    queue_id,
)

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
QUEUES = "/api/v2/routing/queues"
VIEWS = "/api/v2/routing/queues/divisionviews/all"
OBSERVATIONS = "/api/v2/analytics/queues/observations/query"
AGGREGATES = "/api/v2/analytics/conversations/aggregates/query"
STATS = "/api/v2/analytics/stats/queues"


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Client:
    """A client that shows the wire as it is: nothing is retried, unpacked or raised."""

    session: aiohttp.ClientSession
    running: Running
    clock: ManualClock
    token: str | None = None

    @property
    def world(self) -> World:
        return self.running.world

    async def send(self, method: str, path: str, **options: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= options.pop("headers", {})
        url = path if path.startswith("http") else self.running.base_url + path
        async with self.session.request(method, url, headers=headers, **options) as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def get(self, path: str, **query: Any) -> Answer:
        return await self.send("GET", path, params=query)

    async def post(self, path: str, body: object) -> Answer:
        return await self.send("POST", path, json=body)

    async def ask_token(self, user: str, secret: str, **form: str) -> Answer:
        basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        url = f"{self.running.source()['login_url']}/oauth/token"
        return await self.send("POST", url, headers={"Authorization": f"Basic {basic}"}, data=form)

    async def login(self) -> Answer:
        source = self.running.source()
        answer = await self.ask_token(
            str(source["client_id"]), str(source["client_secret"]), grant_type="client_credentials"
        )
        self.token = answer.body["access_token"]
        return answer


@asynccontextmanager
async def genesys(*, queues: int = 4, login: bool = True, **settings: Any) -> AsyncGenerator[Client]:
    clock = ManualClock(START)
    world = World(Center(generate_spec(11, queues=queues, agents=10, sites=2), START), clock)
    async with (
        serve(GenesysFace(), world, settings=settings) as running,
        aiohttp.ClientSession(auto_decompress=False, headers={"Accept-Encoding": "identity"}) as session,
    ):
        client = Client(session, running, clock)
        if login:
            await client.login()
        yield client


def observation(*queues: str, metrics: tuple[str, ...] = ("oWaiting",)) -> dict[str, object]:
    predicates = [{"dimension": "queueId", "value": queue} for queue in queues]
    return {"filter": {"type": "or", "predicates": predicates}, "metrics": list(metrics)}


# Tokens


async def test_configuration_opens_the_door() -> None:
    async with genesys(login=False) as client:
        source = client.running.source()
        answer = await client.login()

        assert next(iter(source)) == "adapter"
        assert source["adapter"] == GenesysFace().name == "genesys"
        assert source["client_id"] == client_id(client.world)
        assert source["client_secret"] == client_secret(client.world)
        assert answer.status == 200
        assert answer.body["token_type"] == "bearer"
        assert answer.body["expires_in"] == 86400
        assert (await client.get(QUEUES)).status == 200


@pytest.mark.parametrize(
    ("user", "secret", "grant", "status", "error"),
    [
        ("right", "wrong", "client_credentials", 401, "invalid_client"),
        ("wrong", "right", "client_credentials", 401, "invalid_client"),
        ("right", "right", "password", 400, "unsupported_grant_type"),
    ],
)
async def test_token_requests_are_refused_in_oauths_shape(
    user: str, secret: str, grant: str, status: int, error: str
) -> None:
    async with genesys(login=False) as client:
        given_user = client_id(client.world) if user == "right" else "nobody"
        given_secret = client_secret(client.world) if secret == "right" else "guess"
        answer = await client.ask_token(given_user, given_secret, grant_type=grant)

        assert answer.status == status
        assert answer.body["error"] == error
        assert "code" not in answer.body


async def test_token_request_has_to_be_a_form_with_basic_credentials() -> None:
    async with genesys(login=False) as client:
        url = f"{client.running.source()['login_url']}/oauth/token"
        form = {"grant_type": "client_credentials"}

        assert (await client.send("POST", url, data=form)).status == 401
        assert (await client.send("POST", url, data=form, headers={"Authorization": "Basic !"})).status == 401
        basic = base64.b64encode(f"{client_id(client.world)}:{client_secret(client.world)}".encode()).decode()
        answer = await client.send("POST", url, json=form, headers={"Authorization": f"Basic {basic}"})
        assert (answer.status, answer.body["error"]) == (400, "invalid_request")


async def test_api_needs_a_token_that_is_known() -> None:
    async with genesys(login=False) as client:
        none = await client.get(QUEUES)
        client.token = "made-up"
        unknown = await client.get(QUEUES)

        assert (none.status, none.body["code"]) == (401, "authentication.required")
        assert (unknown.status, unknown.body["code"]) == (401, "bad.credentials")


async def test_tokens_expire_by_the_worlds_clock_and_old_ones_stay_valid_until_then() -> None:
    async with genesys(token_lifetime_s=600) as client:
        first = client.token
        client.clock.advance(599)
        answer = await client.login()
        second, client.token = client.token, first
        assert answer.body["expires_in"] == 600
        assert second != first
        assert (await client.get(QUEUES)).status == 200

        client.clock.advance(1)
        assert (await client.get(QUEUES)).body["code"] == "bad.credentials"
        client.token = second
        assert (await client.get(QUEUES)).status == 200


async def test_tokens_me_tells_the_client_and_answers_head() -> None:
    async with genesys() as client:
        answer = await client.get("/api/v2/tokens/me")
        head = await client.send("HEAD", "/api/v2/tokens/me")

        assert answer.body["OAuthClient"]["id"] == client_id(client.world)
        assert answer.body["organization"]["name"] == client.world.center.spec.name
        assert (head.status, head.raw) == (200, b"")


# Headers, limits, errors


async def test_every_answer_carries_correlation_id_date_and_rate_limit() -> None:
    async with genesys() as client:
        client.clock.advance(90)
        good = await client.get(QUEUES)
        bad = await client.post(OBSERVATIONS, {})

        for number, answer in enumerate((good, bad), start=1):
            assert str(UUID(answer.headers["ININ-Correlation-Id"])) == answer.headers["ININ-Correlation-Id"]
            assert parsedate_to_datetime(answer.headers["Date"]) == START + timedelta(seconds=90)
            assert answer.headers["inin-ratelimit-count"] == str(number)
            assert answer.headers["inin-ratelimit-allowed"] == "300"
            assert answer.headers["inin-ratelimit-reset"] == "60"
        assert good.headers["ININ-Correlation-Id"] != bad.headers["ININ-Correlation-Id"]
        assert bad.body["contextId"] == bad.headers["ININ-Correlation-Id"]
        assert (bad.status, bad.body["status"], bad.body["details"], bad.body["errors"]) == (400, 400, [], [])


async def test_rate_limit_counts_per_token_and_starts_anew_after_a_minute() -> None:
    async with genesys(requests_per_minute=3) as client:
        for _ in range(3):
            assert (await client.get(QUEUES)).status == 200
        client.clock.advance(17.5)
        refused = await client.get(QUEUES)

        assert refused.status == 429
        assert refused.body["code"] == "too.many.requests.retry.after"
        assert refused.headers["Retry-After"] == str(math.ceil(60 - 17.5))
        assert "[43]" in refused.body["message"]
        assert "messageParams" not in refused.body
        assert refused.headers["inin-ratelimit-count"] == "3"

        first = client.token
        await client.login()
        assert (await client.get(QUEUES)).headers["inin-ratelimit-count"] == "1"

        client.token = first
        client.clock.advance(42.5)
        again = await client.get(QUEUES)
        assert (again.status, again.headers["inin-ratelimit-count"]) == (200, "1")


async def test_unknown_paths_and_methods_are_refused_in_the_vendors_shape() -> None:
    async with genesys() as client:
        missing = await client.get("/api/v2/analytics/nothing")
        method = await client.get(OBSERVATIONS)

        assert (missing.status, missing.body["code"]) == (404, "not.found")
        assert (method.status, method.body["status"]) == (405, 405)
        assert method.headers["Allow"] == "POST"


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
async def test_each_permission_opens_its_own_endpoints_only(permission: str) -> None:
    requests: dict[str, list[tuple[str, str]]] = {
        "routing:queue:view": [("GET", QUEUES)],
        "routing:queue:search": [("GET", VIEWS)],
        "presence:presenceDefinition:view": [("GET", "/api/v2/presence/definitions")],
        "analytics:queueObservation:view": [
            ("POST", OBSERVATIONS),
            ("POST", "/api/v2/analytics/conversations/activity/query"),
            ("POST", "/api/v2/analytics/routing/activity/query"),
        ],
        "analytics:conversationAggregate:view": [("POST", AGGREGATES)],
        "analytics:agentState:view": [("POST", "/api/v2/analytics/agents/status/counts")],
        "analytics:stats:read": [("POST", STATS)],
    }
    async with genesys(permissions=PERMISSIONS - {permission}, apis=["observations", "stats"]) as client:
        for needed, endpoints in requests.items():
            for method, path in endpoints:
                answer = await client.send(method, path, **({"json": {}} if method == "POST" else {}))
                if needed == permission:
                    assert (answer.status, answer.body["code"]) == (403, "missing.permissions")
                    assert permission in answer.body["message"]
                    assert answer.body["messageParams"] == {"permissions": permission}
                else:
                    assert answer.status in {200, 400}


@pytest.mark.parametrize(
    ("apis", "observations", "stats"),
    [(None, 200, 404), ("stats", 404, 200), (["observations", "stats"], 200, 200)],
)
async def test_only_the_chosen_apis_exist(apis: object, observations: int, stats: int) -> None:
    settings: dict[str, Any] = {} if apis is None else {"apis": apis}
    async with genesys(**settings) as client:
        queue = queue_id(client.world, 0)
        body = {"intervalType": "realtime", "queues": [queue], "aggregates": ["queue/waiting/count"]}

        assert (await client.post(OBSERVATIONS, observation(queue))).status == observations
        answer = await client.post(STATS, body)
        assert answer.status == stats
        if stats == 404:
            assert answer.body["code"] == "not.found"
        assert (await client.get(QUEUES)).status == 200


@pytest.mark.parametrize(
    ("raw", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "bad.request"),
        (b"", "application/json", 400, "bad.request"),
        (b"[]", "application/json", 400, "bad.request"),
        (b"[" * 100_000, "application/json", 400, "bad.request"),
        (b"\xff\xfe\xfd", "application/json", 400, "bad.request"),
        (b"{}", "text/plain", 415, "unsupported.media.type"),
        (b" " * 512_001, "application/json", 413, "request.entity.too.large"),
    ],
    ids=["cut", "empty", "list", "too deep", "not text", "wrong type", "too large"],
)
async def test_bodies_that_are_not_json_objects_are_refused(
    raw: bytes, content_type: str, status: int, code: str
) -> None:
    async with genesys() as client:
        answer = await client.send("POST", OBSERVATIONS, data=raw, headers={"Content-Type": content_type})

        assert (answer.status, answer.body["code"]) == (status, code)


async def test_answers_are_packed_for_those_who_accept_it() -> None:
    async with genesys() as client:
        packed = await client.send("GET", QUEUES, headers={"Accept-Encoding": "deflate, gzip"})
        plain = await client.send("GET", QUEUES, headers={"Accept-Encoding": "identity"})

        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert json.loads(gzip.decompress(packed.raw)) == plain.body
        assert plain.headers["Content-Type"] == "application/json"


async def test_faults_of_the_world_come_before_the_face() -> None:
    async with genesys() as client:
        body = json.dumps(error_body(503, "service.unavailable", "down", "c-1")).encode()
        client.world.faults.add(Fault(match="/observations/", times=1, status=503, body=body))

        answer = await client.post(OBSERVATIONS, observation(queue_id(client.world, 0)))
        assert (answer.status, answer.body["code"]) == (503, "service.unavailable")
        assert (await client.post(OBSERVATIONS, observation(queue_id(client.world, 0)))).status == 200
        assert client.world.requests.counts["POST", OBSERVATIONS] == 2
