"""All measurements in their order, and what they come to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks import freshness, imports, peers, scale
from benchmarks.contest import Entrant, Figures, contest
from benchmarks.freshness import Freshness
from benchmarks.imports import Imports
from benchmarks.plans import Requests, table
from benchmarks.promises import Promise, promises
from benchmarks.scale import Found, Load
from benchmarks.server import serving

HOUR, TEN_MINUTES = 3600.0, 600.0
SOURCES = 20
OWN = [
    Entrant("bare aiohttp", 600),
    Entrant("ccstats twilio", 600),
    Entrant("ccstats twilio bulk", 24, 50),
    Entrant("from_json", 8, 100),
    Entrant("ccstats genesys", 8, 100),
    Entrant("ccstats genesys, 1 queue", 200),
]
PEERS = [
    Entrant("httpx", 100),
    Entrant("twilio, async", 400),
    Entrant("twilio, threads", 100),
    Entrant("Genesys SDK, threads", 4, 100),
]


@dataclass(frozen=True, slots=True)
class Scale:
    """The monitor at several sizes; `empty` has the sources of the largest and no queues."""

    empty: Found
    realtime_only: Found
    as_is: Found
    """The largest, with the garbage collector as CPython sets it; all others run as `ccstats watch` does."""
    beside_dead: Found
    """A thousand queues beside a vendor that never answers."""
    by_size: Mapping[int, Found]
    window_every: float

    @property
    def largest(self) -> Found:
        """Ten thousand queues, all families."""
        return self.by_size[max(self.by_size)]

    def bytes_per_target(self, found: Found) -> float:
        """Resident bytes per target beyond those of a monitor without any."""
        return (found.rss_kb - self.empty.rss_kb) * 1024 / found.targets


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured."""

    figures: Figures
    imports: Imports
    requests: list[Requests]
    freshness: list[Freshness]
    scale: Scale
    with_peers: bool

    def ratios(self) -> dict[str, float | None]:
        """What `--json` prints; None where the peers are not installed."""
        figures, scale_ = self.figures, self.scale
        return {
            "cpu_vs_bare_aiohttp": figures.ratio("ccstats twilio", "bare aiohttp"),
            "genesys_vs_from_json": figures.ratio("ccstats genesys", "from_json"),
            "cpu_twilio_async_vs_ccstats_per_queue": self._peer("twilio, async", "ccstats twilio bulk"),
            "cpu_genesys_sdk_vs_ccstats_per_queue": self._peer("Genesys SDK, threads", "ccstats genesys"),
            "core_share_10k": scale_.largest.core_share,
            "p99_lateness_ms_10k": scale_.largest.lateness_p99 * 1000,
            "rss_bytes_per_target": scale_.bytes_per_target(scale_.largest),
            "rss_bytes_per_target_realtime": scale_.bytes_per_target(scale_.realtime_only),
            "import_vs_base": self.imports.wall_ratio,
        }

    def promises(self) -> list[Promise]:
        """The promises that are about milliseconds and shares of a core."""
        return promises(self.scale.by_size[1_000], self.scale.beside_dead)

    def _peer(self, peer: str, ours: str) -> float | None:
        return self.figures.ratio(peer, ours, per_queue=True) if self.with_peers else None


def measure(*, quick: bool, with_peers: bool) -> Results:
    """Run everything, one after the other."""
    with_peers = with_peers and peers.installed()
    with serving() as base:
        _say("CPU per poll, in turns")
        figures = contest(base, OWN + (PEERS if with_peers else []), 5 if quick else 15)
        scaled = _scale(base, quick=quick)
    _say("imports")
    imported = imports.measure(10 if quick else 20)
    fresh = _freshness(quick=quick)
    return Results(figures, imported, table(), fresh, scaled, with_peers)


def _scale(base: str, *, quick: bool) -> Scale:
    window_every, seconds = 60.0, 20.0 if quick else 60.0
    for queues in (100, scale.PER_SOURCE):
        scale.warm(base, queues)
    _say("a monitor without queues, and one of 10,000 with real time only")
    together = [
        scale.start(base, Load(0, SOURCES, window_every, seconds)),
        scale.start(base, Load(10_000, SOURCES, 0.0, seconds)),
    ]
    empty, realtime_only = (scale.result(process) for process in together)
    by_size = {}
    for queues, sources in ((100, 1), (1_000, 2), (10_000, SOURCES)):
        _say(f"a monitor of {queues} queues")
        by_size[queues] = scale.run(base, Load(queues, sources, window_every, seconds))
    _say("the same with the garbage collector as it is by default")
    as_is = scale.run(base, Load(10_000, SOURCES, window_every, seconds, as_watch=False))
    _say("a thousand queues beside a vendor that never answers")
    beside_dead = scale.run(base, Load(1_000, 2, window_every, seconds, dead=True))
    return Scale(empty, realtime_only, as_is, beside_dead, by_size, window_every)


def _freshness(*, quick: bool) -> list[Freshness]:
    usual = TEN_MINUTES if quick else HOUR
    cases = [("twilio", 100, 60.0, usual), ("twilio", 1_000, 60.0, TEN_MINUTES)]
    cases += [("genesys", 100, 60.0, usual), ("genesys", 1_000, 60.0, usual), ("genesys", 5_000, 120.0, usual)]
    if not quick:
        cases += [("twilio", 10_000, 60.0, TEN_MINUTES), ("genesys", 10_000, 60.0, usual)]
    found = []
    for vendor, queues, window_every, seconds in cases:
        _say(f"freshness: {queues} queues of {vendor} for {seconds:.0f} virtual seconds")
        found.append(freshness.measure(vendor, queues, window_every, seconds))
    return found


def _say(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)
