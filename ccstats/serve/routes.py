"""Every operation once: the server and its documentation are made of the same table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from pydantic import BaseModel

from ccstats.model import Snapshot
from ccstats.serve import api
from ccstats.serve.answers import BoardInfo, Groups, Health, Meanings, Metrics, Snapshots, Sources
from ccstats.serve.answers import Past as PastAnswer
from ccstats.serve.live import Live
from ccstats.serve.query import Nothing, Past, Query, Selection, Streamed
from ccstats.serve.scrape import metrics
from ccstats.serve.stream import stream

Operate = Callable[[Live, web.Request], Awaitable[web.StreamResponse]]
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where it is, what it takes, what it answers."""

    path: str
    summary: str
    operate: Operate
    answer: type[BaseModel] | None
    query: type[Query] = Nothing
    media: tuple[str, ...] = (JSON,)
    tagged: bool = False
    """Whether it answers with an entity tag, and 304 to a reader that has this version."""
    open: bool = False
    """Whether it is answered without a token."""
    alike: tuple[int, ...] = ()
    """Statuses with the same document, beside 200."""
    others: Mapping[int, str] = field(default_factory=dict)
    """Refusals that others do not have."""

    @property
    def streams(self) -> bool:
        """Whether it lasts as long as its reader listens."""
        return self.media == ("text/event-stream",)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "/api/v1/snapshots",
        "The latest snapshots, of all targets or of those that fit",
        api.snapshots,
        Snapshots,
        Selection,
        tagged=True,
    ),
    Operation("/api/v1/snapshots/{key}", "The latest snapshot of one target", api.snapshot, Snapshot, tagged=True),
    Operation("/api/v1/groups", "Every group, rolled up from the latest snapshots", api.groups, Groups),
    Operation("/api/v1/sources", "The state, budget and lateness of every source", api.sources, Sources),
    Operation(
        "/api/v1/history", "What was read before", api.history, PastAnswer, Past, others={413: "too much at once"}
    ),
    Operation("/api/v1/metrics", "The catalogue of metrics", api.metrics, Metrics),
    Operation("/api/v1/definitions", "What the numbers of each vendor mean", api.definitions, Meanings),
    Operation("/api/v1/board", "What the wallboard shows beside the numbers", api.board, BoardInfo),
    Operation(
        "/api/v1/stream",
        "The whole table, then changes, as server-sent events",
        stream,
        None,
        Streamed,
        ("text/event-stream",),
    ),
    Operation(
        "/metrics",
        "The numbers and the state of this process, for Prometheus",
        metrics,
        None,
        media=("text/plain", "application/openmetrics-text"),
    ),
    Operation("/healthz", "Whether this process answers", api.healthz, Health, open=True),
    Operation("/readyz", "Whether everything was tried once", api.readyz, Health, open=True, alike=(503,)),
)
