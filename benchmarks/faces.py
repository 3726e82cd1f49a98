"""The vendors' own clients against the simulator's faces, unmodified but for the host.

Whether they understand what a face answers is the point: a face that only our own parsers can read proves nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from benchmarks.peers import load
from ccstats.registry import FACES
from ccstats.registry import load as plugin
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running
from ccstats.simulator.stage import stage

HISTORY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fetched:
    """One resource of one official client: None where it was read, else what went wrong."""

    client: str
    resource: str
    problem: str | None


def check() -> list[Fetched]:
    """Every statistics resource of both clients."""
    with _staged() as running:
        return [*_twilio(running["twilio"]), *_genesys(running["genesys"])]


@contextmanager
def _staged() -> Iterator[dict[str, Running]]:
    """Both faces, served from a thread: the official clients block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    start = datetime.now(UTC).replace(second=0, microsecond=0) - HISTORY
    faces = [plugin(name, FACES)() for name in ("twilio", "genesys")]
    context = stage(faces, generate_spec(1, queues=4, agents=12), start)
    try:
        running = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(30)
        yield {one.face.name: one for one in running}
    finally:
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _twilio(running: Running) -> Iterator[Fetched]:
    options: dict[str, Any] = running.source()
    client = load("twilio.rest").Client(options["account_sid"], options["auth_token"])
    client.taskrouter.base_url = running.base_url
    workspace = client.taskrouter.v1.workspaces.list(limit=1)[0]
    queue, flow = _first_of(workspace, "task_queues"), _first_of(workspace, "workflows")
    here = client.taskrouter.v1.workspaces(workspace.sid)
    worker = here.workers.list(limit=1)[0].sid
    scopes = {"Workspace": here, "TaskQueue": here.task_queues(queue), "Workflow": here.workflows(flow)}
    for name, scope in scopes.items():
        yield from _three(name, scope)
    workers = here.workers
    yield _try("twilio", "Workers Statistics", lambda: workers.statistics().fetch().cumulative["end_time"])
    yield _try("twilio", "Workers RealTimeStatistics", lambda: workers.real_time_statistics().fetch().total_workers)
    yield _try("twilio", "Workers CumulativeStatistics", lambda: workers.cumulative_statistics().fetch().end_time)
    yield _try("twilio", "Worker Statistics", lambda: workers(worker).statistics().fetch().cumulative["end_time"])
    yield _try("twilio", "TaskQueues Statistics (list)", lambda: here.task_queues.statistics.list()[0].realtime)
    bulk = here.task_queues.bulk_real_time_statistics
    body = SimpleNamespace(to_dict=lambda: {"queueSids": [queue]})  # its request has no class in the client
    yield _try("twilio", "TaskQueues RealTimeStatistics (bulk)", lambda: bulk.create(body=body).task_queue_data[0])


def _three(name: str, scope: Any) -> Iterator[Fetched]:
    yield _try("twilio", f"{name} Statistics", lambda: scope.statistics().fetch().cumulative["end_time"])
    yield _try("twilio", f"{name} RealTimeStatistics", lambda: scope.real_time_statistics().fetch().total_tasks)
    yield _try("twilio", f"{name} CumulativeStatistics", lambda: scope.cumulative_statistics().fetch().end_time)


def _first_of(workspace: Any, name: str) -> str:
    """The SID of the first resource of a kind in a workspace."""
    sid: str = getattr(workspace, name).list(limit=1)[0].sid
    return sid


def _genesys(running: Running) -> Iterator[Fetched]:
    sdk, options = load("PureCloudPlatformClientV2"), running.source()
    client = sdk.ApiClient(host=running.base_url)
    host, _, port = running.base_url.removeprefix("http://").partition(":")
    login = str(options["login_url"]).removeprefix(running.base_url)
    client.set_gateway(host, "http", int(port), login, "")
    yield _try(
        "genesys",
        "client credentials",
        lambda: client.get_client_credentials_token(options["client_id"], options["client_secret"]).access_token,
    )
    routing, analytics = sdk.RoutingApi(client), sdk.AnalyticsApi(client)
    queries = load("ccstats_genesys.api.queries")
    found: list[str] = []

    def queues() -> list[str]:
        found.extend(queue.id for queue in routing.get_routing_queues(page_size=100).entities)
        return found

    yield _try("genesys", "routing queues", queues)
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    resources: dict[str, Callable[[], Any]] = {
        "presence definitions": lambda: sdk.PresenceApi(client).get_presence_definitions().entities[0].id,
        "queue observations": lambda: (
            analytics.post_analytics_queues_observations_query(queries.observations(found)).results[0].data[0].stats
        ),
        "conversation aggregates": lambda: (
            analytics.post_analytics_conversations_aggregates_query(
                queries.aggregates(found, (), end - timedelta(minutes=30), end)
            )
            .results[0]
            .data[0]
            .metrics[0]
            .stats
        ),
        "conversation activity": lambda: (
            analytics.post_analytics_conversations_activity_query(queries.activity(())).results[0].data[0].metric
        ),
    }
    for name, work in resources.items():
        yield _try("genesys", name, work)


def _try(client: str, resource: str, work: Callable[[], Any]) -> Fetched:
    try:
        value = work()
    except Exception as error:  # whatever a client raises is what is to be reported
        return Fetched(client, resource, f"{type(error).__name__}: {str(error).strip().splitlines()[0][:120]}")
    return Fetched(client, resource, None if value is not None else "the value is missing")
