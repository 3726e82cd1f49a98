"""One simulated center read through several vendors at once: do they tell the same?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from ccstats.config import parse_config
from ccstats.model import Kind, Snapshot, SourceStatus
from ccstats.poller import fetch
from ccstats.registry import FACES, installed, load
from ccstats.simulator.kit import CenterSpec, Face, ManualClock, stage
from ccstats.testing.stand import START

WINDOW: Final = "30m"


def installed_faces() -> list[Face]:
    """The face of every installed vendor."""
    return [load(name, FACES)() for name in installed(FACES)]


async def read_through(faces: Sequence[Face], spec: CenterSpec, open_for: timedelta) -> dict[str, dict[str, Snapshot]]:
    """The queues of a center that has been open for so long, by name and by vendor, read at one and the same moment."""
    clock = ManualClock(START + open_for)
    async with stage(faces, spec, START, clock=clock) as running:
        sources = {one.face.name: {**one.source(), "select": {"kinds": [Kind.QUEUE.value]}} for one in running}
        config = parse_config({"sources": sources, "poll": {"windows": [WINDOW]}})
        result = await fetch(config, clock=clock.now)
    unread = [f"{one.source}: {one.error}" for one in result.sources if one.status is not SourceStatus.OK]
    assert unread == []
    found: dict[str, dict[str, Snapshot]] = defaultdict(dict)
    for snapshot in result.snapshots:
        found[snapshot.target.name or snapshot.target.id][snapshot.target.vendor] = snapshot
    return dict(found)
