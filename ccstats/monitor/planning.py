"""Every batch of one source with its period: targets of one cadence are planned together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ccstats.adapter import Batch, Want
from ccstats.model import Family, Target
from ccstats.poller import Job

BOTH = frozenset(Family)


def planned_for(job: Job, targets: Sequence[Target], learned: object) -> list[tuple[Batch, float]]:
    """The adapter's plan for these targets, with what reads have taught. Periods in seconds."""
    groups: dict[tuple[float, float], list[Target]] = defaultdict(list)
    for target in targets:
        groups[job.options.poll.cadence(job.poll, target.name, target.id)].append(target)
    planned: list[tuple[Batch, float]] = []
    for (realtime, window), members in groups.items():
        want = Want(targets=tuple(members), families=BOTH, windows=job.poll.windows)
        batches = job.adapter.plan(job.options, want, learned)
        planned += [(batch, realtime if batch.family is Family.REALTIME else window) for batch in batches]
    return planned
