"""Other clients doing the same work: httpx, and the vendors' own. Imported by name, so that nobody needs them."""

from __future__ import annotations

import importlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from itertools import cycle
from types import ModuleType
from typing import Any

from benchmarks import bodies
from benchmarks.contenders import CONCURRENCY, QUEUES, Contender, Polls, addresses, concurrently

NEEDED = ("httpx", "twilio", "PureCloudPlatformClientV2")


def installed() -> bool:
    """Whether the extra `peers` is there."""
    return all(find_spec(name) is not None for name in NEEDED)


def load(name: str) -> ModuleType:
    """A module of a peer; typed as anything, since it may not be there."""
    return importlib.import_module(name)


@contextmanager
def in_threads(poll: Callable[[], object]) -> Iterator[Polls]:
    """Polls of a blocking client, sixteen threads at a time."""
    with ThreadPoolExecutor(CONCURRENCY) as pool:

        async def polls(count: int) -> None:
            list(pool.map(lambda _: poll(), range(count)))

        yield polls


@asynccontextmanager
async def httpx(base: str) -> AsyncIterator[Polls]:
    """httpx, `get` of the same bytes."""
    urls = addresses(base)
    async with load("httpx").AsyncClient(trust_env=False) as client:
        yield lambda count: concurrently(count, lambda: client.get(next(urls)))


def _twilio(base: str, transport: Any) -> Callable[[], Any]:
    client = load("twilio.rest").Client(bodies.ACCOUNT, "benchmark", http_client=transport)
    client.taskrouter.base_url = f"{base}/n{QUEUES}"
    workspace = client.taskrouter.v1.workspaces(bodies.WORKSPACE)
    sids = cycle([bodies.sid("WQ", number) for number in range(QUEUES)])
    return lambda: workspace.task_queues(next(sids)).real_time_statistics()


@asynccontextmanager
async def twilio_async(base: str) -> AsyncIterator[Polls]:
    """The official Twilio client, asynchronous: one queue's real-time statistics per request."""
    transport = load("twilio.http.async_http_client").AsyncTwilioHttpClient()
    statistics = _twilio(base, transport)
    async with transport:
        yield lambda count: concurrently(count, lambda: statistics().fetch_async())


@asynccontextmanager
async def twilio_threads(base: str) -> AsyncIterator[Polls]:
    """The official Twilio client in threads."""
    statistics = _twilio(base, load("twilio.http.http_client").TwilioHttpClient())
    with in_threads(lambda: statistics().fetch()) as polls:
        yield polls


@asynccontextmanager
async def genesys_threads(base: str) -> AsyncIterator[Polls]:
    """The official Genesys client in threads: the observation query of a hundred queues that ccstats sends."""
    sdk = load("PureCloudPlatformClientV2")
    sdk.configuration.host = f"{base}/n{QUEUES}"
    client = sdk.ApiClient(host=f"{base}/n{QUEUES}")
    client.access_token = "benchmark"  # noqa: S105 - nobody checks it
    queues = load("ccstats_genesys.api.queries").observations([bodies.queue_id(number) for number in range(QUEUES)])
    query = json.loads(json.dumps(queues))
    analytics = sdk.AnalyticsApi(client)
    with in_threads(lambda: analytics.post_analytics_queues_observations_query(query)) as polls:
        yield polls


PEERS: dict[str, Contender] = {
    "httpx": httpx,
    "twilio, async": twilio_async,
    "twilio, threads": twilio_threads,
    "Genesys SDK, threads": genesys_threads,
}
