"""`/metrics`: the numbers, and how this process itself is doing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from aiohttp import hdrs, web

from ccstats import __version__
from ccstats.model import Group, Snapshot
from ccstats.monitor import SourceState, SourceStats
from ccstats.serve.exposition import LINES, escaped, exposed, gathered, header, labels
from ccstats.serve.live import Live
from ccstats.serve.query import Nothing, parsed

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
AT_ONCE = 256 * 1024
"""Characters of one write."""

Take = Callable[[SourceStats], float]
GAUGES: tuple[tuple[str, str, Take], ...] = (
    ("up", "1 while the source is read well", lambda one: int(one.state is SourceState.OK)),
    ("targets", "targets that are polled", lambda one: one.targets),
    ("budget_ratio", "what is left of the budget: 1 is all of it", lambda one: one.budget),
    ("lateness_p99_seconds", "what 99 of 100 recent polls were not later than", lambda one: one.lateness_p99),
    ("lateness_max_seconds", "the latest start of a poll", lambda one: one.lateness_max),
    ("waiting_batches", "batches that wait for their turn", lambda one: one.waiting),
)
COUNTERS: tuple[tuple[str, str, Take], ...] = (
    ("polls", "readings of batches", lambda one: one.polls),
    ("failed_polls", "readings of batches that failed", lambda one: one.failed_polls),
    ("skipped_polls", "slots that came while their batch was still under way", lambda one: one.skipped),
    ("requests", "requests that were sent", lambda one: one.requests),
    ("retries", "requests that repeated another", lambda one: one.retries),
    ("rate_limited", "answers that told to slow down", lambda one: one.rate_limited),
    ("received_bytes", "bytes of answers", lambda one: one.bytes),
)


async def metrics(live: Live, request: web.Request) -> web.StreamResponse:
    """Everything in Prometheus' text format, or in OpenMetrics where it is asked for."""
    parsed(request, Nothing)
    open_metrics = "application/openmetrics-text" in request.headers.get(hdrs.ACCEPT, "")
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: OPEN_METRICS if open_metrics else TEXT})
    live.gate.share(request, response)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    groups = await live.feed.groups()
    pending, size = [], 0
    for part in written(live, list(live.monitor.latest().values()), groups, open_metrics=open_metrics):
        pending.append(part)
        size += len(part)
        if size >= AT_ONCE:
            await response.write("".join(pending).encode(errors="replace"))
            pending, size = [], 0
        await asyncio.sleep(0)
    await response.write("".join(pending).encode(errors="replace"))
    return response


def written(live: Live, snapshots: list[Snapshot], groups: list[Group], *, open_metrics: bool) -> Iterator[str]:
    """The whole text, in parts of which none takes long."""
    rows = gathered((), groups)
    for first in range(0, len(snapshots), LINES):
        gathered(snapshots[first : first + LINES], (), rows)
        yield ""
    yield from exposed(rows)
    yield from _ages(live, snapshots)
    yield from _self(live, total="" if open_metrics else "_total")
    if open_metrics:
        yield "# EOF\n"


def _ages(live: Live, snapshots: list[Snapshot]) -> Iterator[str]:
    """How old the numbers are, also of targets that have no other series as theirs are no longer true."""
    by_kind: dict[str, list[Snapshot]] = {}
    for one in snapshots:
        by_kind.setdefault(one.target.kind.value, []).append(one)
    for kind, found in by_kind.items():
        name = f"ccstats_{kind}_age_seconds"
        yield header(name, "since when the real-time numbers were last read well", "gauge")
        for first in range(0, len(found), LINES):
            lines = []
            for one in found[first : first + LINES]:
                age = live.monitor.age(one.target.key)
                if age is not None:
                    lines.append(f"{name}{{{labels(one)}}} {age.total_seconds():.3f}\n")
            yield "".join(lines)


def _self(live: Live, *, total: str) -> Iterator[str]:
    """The process itself. A counter is named with its ending everywhere but above its series in OpenMetrics."""
    stats = live.monitor.stats()
    named = [(f'source="{escaped(one.source)}",vendor="{escaped(one.vendor)}"', one) for one in stats.sources]
    for name, words, take in GAUGES:
        full = f"ccstats_source_{name}"
        yield header(full, words, "gauge") + "".join(f"{full}{{{known}}} {take(one)}\n" for known, one in named)
    for name, words, take in COUNTERS:
        full = f"ccstats_source_{name}"
        lines = "".join(f"{full}_total{{{known}}} {take(one)}\n" for known, one in named)
        yield header(full + total, words, "counter") + lines
    for full, words, value in (
        ("ccstats_stream_clients", "clients of the stream of changes", live.feed.clients),
        ("ccstats_readers", "readers of changes in this process", stats.readers),
    ):
        yield f"{header(full, words, 'gauge')}{full} {value}\n"
    known = f'version="{escaped(__version__)}"'
    yield f"{header('ccstats_build_info', 'which ccstats this is', 'gauge')}ccstats_build_info{{{known}}} 1\n"
