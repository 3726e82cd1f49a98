"""What several workers through Redis cost: python -m benchmarks.fleet [--quick] [--json] [--queues N ...]

On a real redis-server, which it starts and ends, and the prepared answers of `benchmarks.server`. A monitor without
Redis and a worker poll the same side by side, each in a process of its own: over the same seconds, beside the same
neighbours. Believe the ratio. Then a reader comes, and in the end the server loses everything.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from benchmarks import scale
from benchmarks.before import Compared, compared
from benchmarks.contest import ask, begin, hear
from benchmarks.redis_server import RedisServer, Spent, missing, redis_server
from benchmarks.report import machine
from benchmarks.scale import PER_SOURCE, Load
from benchmarks.server import serving

SIZES = (1_000, 5_000, 10_000)
SLICE = 10.0
WINDOW_EVERY = 60.0
FILLING = 60.0


@dataclass(frozen=True, slots=True)
class Lag:
    """Milliseconds that half of all, and 99 of a hundred, did not exceed."""

    p50: float
    p99: float
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Lag:
        """Of so many seconds each."""
        ordered = sorted(seconds) or [0.0]
        middle, late = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.99))
        return cls(middle * 1e3, late * 1e3, len(seconds))


@dataclass(frozen=True, slots=True)
class Cost:
    """One size. Shares are of one core, medians over slices of ten seconds; rates are per second."""

    queues: int
    monitor_share: float
    worker_share: float
    ratio: float
    """Worker to monitor: the median of the ratios of each slice."""
    reader_share: float
    monitor_mb: float
    worker_mb: float
    reader_mb: float
    server_share: float
    """With one reader."""
    reader_at_server: float
    """What one reader adds to that."""
    bytes_in: float
    bytes_out: float
    bytes_out_alone: float
    """Without a reader."""
    row_bytes: float
    changes: int
    stream_mb: float
    server_mb: float
    read_to_written: Lag
    written_to_seen: Lag
    cold_reader: float
    filled: float
    load: float
    """Of the machine, in the last minute."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What was spent in some seconds, by process; and by the server."""

    shares: Mapping[str, float]
    server: float
    bytes_in: float
    bytes_out: float


def slices(parts: Mapping[str, subprocess.Popen[str]], server: RedisServer, count: int) -> list[Slice]:
    """So many slices of ten seconds."""

    def look() -> tuple[dict[str, dict[str, Any]], Spent, float]:
        return {name: ask(one, "spent") for name, one in parts.items()}, server.spent(), time.perf_counter()

    looks = [look()]
    for _ in range(count):
        time.sleep(SLICE)
        looks.append(look())
    return [_between(one, other) for one, other in pairwise(looks)]


def _between(before: tuple[Any, Spent, float], after: tuple[Any, Spent, float]) -> Slice:
    (one, spent, began), (other, total, ended) = before, after
    took = ended - began
    return Slice(
        {name: (other[name]["cpu"] - one[name]["cpu"]) / (other[name]["at"] - one[name]["at"]) for name in one},
        (total.cpu - spent.cpu) / took,
        (total.bytes_in - spent.bytes_in) / took,
        (total.bytes_out - spent.bytes_out) / took,
    )


def measured(base: str, queues: int, count: int) -> Cost:
    """One size."""
    load = Load(queues, max(queues // PER_SOURCE, 2), WINDOW_EVERY, 0.0)
    with redis_server() as server, ExitStack() as stack:
        arguments = (base, json.dumps(asdict(load)), server.url)

        def start(role: str) -> subprocess.Popen[str]:
            return begin(stack, "benchmarks.fleet_parts", role, *arguments)

        _say(f"{queues} queues: a monitor and a worker")
        parts = {role: start(role) for role in ("monitor", "worker")}
        for one in parts.values():
            hear(one)
        alone = slices(parts, server, count)
        monitor_mb = ask(parts["monitor"], "spent")["rss_kb"] / 1024
        ask(parts.pop("monitor"), "end")
        _say(f"{queues} queues: the worker and a reader")
        parts["reader"] = start("reader")
        cold = hear(parts["reader"])["ready_after"]
        beside = slices(parts, server, count)
        return _cost(queues, server, alone, beside, monitor_mb, cold, parts)


def _cost(
    queues: int,
    server: RedisServer,
    alone: Sequence[Slice],
    beside: Sequence[Slice],
    monitor_mb: float,
    cold: float,
    parts: Mapping[str, subprocess.Popen[str]],
) -> Cost:
    rows, table, (changes, stream), memory = server.rows(), server.table_bytes(), server.stream(), server.spent().memory
    resident = {name: ask(one, "spent")["rss_kb"] / 1024 for name, one in parts.items()}
    over = time.time()
    server.empty()
    filled = server.filled(rows, FILLING)
    # After that, everything is written again, however long ago it was read.
    seen, written = (
        [one for one in ask(parts[name], "end")["noted"] if one[2] < over] for name in ("reader", "worker")
    )
    at = {(key, reading): moment for key, reading, moment, _ in written}
    lags = [moment - at[key, reading] for key, reading, moment in seen if (key, reading) in at]
    with_reader, without = _median(beside, lambda one: one.server), _median(alone, lambda one: one.server)
    return Cost(
        queues=queues,
        monitor_share=_median(alone, lambda one: one.shares["monitor"]),
        worker_share=_median(alone, lambda one: one.shares["worker"]),
        ratio=_median(alone, lambda one: one.shares["worker"] / one.shares["monitor"]),
        reader_share=_median(beside, lambda one: one.shares["reader"]),
        monitor_mb=monitor_mb,
        worker_mb=resident["worker"],
        reader_mb=resident["reader"],
        server_share=with_reader,
        reader_at_server=with_reader - without,
        bytes_in=_median(beside, lambda one: one.bytes_in),
        bytes_out=_median(beside, lambda one: one.bytes_out),
        bytes_out_alone=_median(alone, lambda one: one.bytes_out),
        row_bytes=table / rows,
        changes=changes,
        stream_mb=stream / 1e6,
        server_mb=memory / 1e6,
        read_to_written=Lag.of([lag for *_, lag in written]),
        written_to_seen=Lag.of(lags),
        cold_reader=cold,
        filled=filled,
        load=machine()["load"],  # type: ignore[arg-type]  # a float under this key
    )


def _median(found: Sequence[Slice], value: Callable[[Slice], float]) -> float:
    return statistics.median(map(value, found))


def text(costs: Sequence[Cost], before: Compared | None) -> Iterator[str]:
    """The lines of the report."""
    yield "queues  load   monitor   worker  ratio   reader   MB: monitor worker reader   read-written p50/p99 ms"
    for one in costs:
        shares = f"{one.monitor_share:8.1%} {one.worker_share:8.1%} {one.ratio:6.2f} {one.reader_share:8.1%}"
        memory = f"{one.monitor_mb:11.0f} {one.worker_mb:6.0f} {one.reader_mb:6.0f}"
        written = f"{one.read_to_written.p50:15.0f} / {one.read_to_written.p99:.0f}"
        yield f"{one.queues:6} {one.load:5.1f} {shares} {memory} {written}"
    yield "\nqueues   server  per reader   kB/s in   out  out per reader   bytes per row  changes  stream MB  server MB"
    for one in costs:
        flow = (
            f"{one.bytes_in / 1e3:9.0f} {one.bytes_out / 1e3:5.0f} {(one.bytes_out - one.bytes_out_alone) / 1e3:15.0f}"
        )
        memory = f"{one.row_bytes:15.0f} {one.changes:9} {one.stream_mb:10.1f} {one.server_mb:10.0f}"
        yield f"{one.queues:6} {one.server_share:8.1%} {one.reader_at_server:11.1%} {flow} {memory}"
    yield "\nqueues   written-seen p50/p99 ms   cold reader s   filled again s   rows noted: written, seen"
    for one in costs:
        seen = f"{one.written_to_seen.p50:16.0f} / {one.written_to_seen.p99:<6.0f}"
        counts = f"{one.read_to_written.count:18}, {one.written_to_seen.count}"
        yield f"{one.queues:6} {seen} {one.cold_reader:15.1f} {one.filled:16.1f} {counts}"
    if before is not None:
        yield from before.lines()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What several workers through Redis cost.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the report")
    parser.add_argument("--queues", type=int, action="append", help=f"a size (may be repeated; default: {SIZES})")
    parser.add_argument(
        "--before", action=argparse.BooleanOptionalAction, default=True, help="compare with one process"
    )
    asked = parser.parse_args()
    if missing():
        sys.exit(
            "there is no redis-server on this machine: nothing was measured (Debian: apt-get install redis-server)"
        )
    with serving() as base:
        scale.warm(base, PER_SOURCE)
        before = compared(base, quick=asked.quick) if asked.before else None
        costs = [measured(base, queues, 3 if asked.quick else 12) for queues in asked.queues or SIZES]
    with redis_server() as server:
        where = machine() | {"redis": server.version}
    if asked.json:
        print(
            json.dumps({"costs": [asdict(one) for one in costs], "before": before and before.ratios, "machine": where})
        )
        return
    for line in text(costs, before):
        print(line)
    print(f"\n{where}")


def _say(what: str) -> None:
    print(f"{what} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
