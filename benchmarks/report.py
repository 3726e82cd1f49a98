"""Results as text for people, and the machine that they were measured on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.faces import Fetched
from benchmarks.scale import Found
from benchmarks.suite import Results

TARGETS: dict[str, tuple[str, float]] = {
    "cpu_vs_bare_aiohttp": ("<=", 1.25),
    "genesys_vs_from_json": ("<=", 1.25),
    "cpu_twilio_async_vs_ccstats_per_queue": (">=", 8.0),
    "cpu_genesys_sdk_vs_ccstats_per_queue": (">=", 40.0),
    "core_share_10k": ("<=", 0.20),
    "p99_lateness_ms_10k": ("<=", 250.0),
    "rss_bytes_per_target": ("<=", 12_000.0),
    "rss_bytes_per_target_realtime": ("<=", 6_000.0),
    "import_vs_base": ("<=", 1.2),
}
LIBRARIES = (
    "ccstats",
    "aiohttp",
    "yarl",
    "anyio",
    "pydantic",
    "pydantic_core",
    "msgspec",
    "httpx",
    "twilio",
    "PureCloudPlatformClientV2",
)


def machine() -> dict[str, object]:
    """What it ran on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()[0]}


def versions() -> dict[str, str | None]:
    """Which versions were measured."""
    return {"python": platform.python_version(), **{name: _version(name) for name in LIBRARIES}}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def text(results: Results, fetched: list[Fetched]) -> Iterator[str]:
    """The lines of the report."""
    yield "key                                        measured      target"
    for key, value in results.ratios().items():
        sign, target = TARGETS[key]
        if value is None:
            yield f"{key:38} {'not run':>12}  {sign} {target:g}"
            continue
        reached = value <= target if sign == "<=" else value >= target
        yield f"{key:38} {value:12.3f}  {sign} {target:<8g} {'' if reached else 'NOT REACHED'}"
    yield from _cpu(results)
    yield from _scale(results)
    yield from _plans(results)
    ours, used, base = results.imports.ours, results.imports.in_use, results.imports.base
    yield "\nimport                       ms wall   ms CPU    MB   wall, of the base"
    ratios = (results.imports.wall_ratio, results.imports.in_use_ratio, 1.0)
    names = ("import ccstats", "... and name a Monitor", "aiohttp, anyio, a model")
    for name, start, ratio in zip(names, (ours, used, base), ratios, strict=True):
        yield f"{name:26} {start.wall * 1e3:9.0f} {start.cpu * 1e3:8.0f} {start.rss_mb:5.0f} {ratio:10.2f}"
    yield "\npromises of docs/reliability.md"
    yield from (promise.line() for promise in results.promises())
    if fetched:
        yield "\nofficial clients against the simulator's faces"
    for one in fetched:
        yield f"  {one.client:8} {one.resource:40} {one.problem or 'ok'}"


def _cpu(results: Results) -> Iterator[str]:
    figures = results.figures
    yield f"\n{'CPU, medians of rounds in turns':30} {'us/poll':>9} {'us/queue':>9} {'peak MB':>8}"
    for name in figures.rounds:
        per_poll, per_queue = figures.per_poll(name) * 1e6, figures.per_queue(name) * 1e6
        yield f"{name:30} {per_poll:9.1f} {per_queue:9.1f} {figures.peak_mb[name]:8.0f}"


def _scale(results: Results) -> Iterator[str]:
    scale = results.scale
    yield f"\nmonitor, real time every 10 s, windows every {scale.window_every:.0f} s"
    yield "targets      core  us per target and s   p99 late ms   max late ms  skipped  failed   RSS MB"
    rows: list[tuple[object, Found]] = [("no queues", scale.empty), ("real time", scale.realtime_only)]
    for name, found in [*rows, *scale.by_size.items(), ("as is", scale.as_is)]:
        each = found.cpu / found.wall / found.targets * 1e6 if found.targets else 0.0
        late = f"{found.lateness_p99 * 1e3:13.0f} {found.lateness_max * 1e3:13.0f}"
        counts = f"{found.skipped:8} {found.failed:7} {found.rss_kb / 1024:8.0f}"
        yield f"{name!s:9} {found.core_share:7.2%} {each:21.1f} {late} {counts}"


def _plans(results: Results) -> Iterator[str]:
    yield "\nrequests to refresh all queues once      real time   one window   queues per real-time request"
    for one in results.requests:
        share = one.queues / one.realtime
        yield f"{one.vendor:10} {one.queues:6} queues {one.realtime:21} {one.window:12} {share:12.0f}"
    yield "\nage of real time under the vendor's limits, s    p50     p95   requests per minute"
    for fresh in results.freshness:
        what = f"{fresh.vendor} {fresh.queues} queues, windows every {fresh.window_every:.0f} s"
        yield f"{what:45} {fresh.p50:6.1f} {fresh.p95:7.1f} {fresh.requests_per_minute:10.0f}"
