"""Cancelled wherever it may be: no task, socket, token or slot is left over, and no budget is short of a grant."""

import asyncio
import random

import pytest
from faults_outages import LoopClock, open_files, outage

from ccstats.adapter import Toolbox
from ccstats.config import Config
from ccstats.poller import ALL_FAMILIES, Job
from ccstats.poller.reader import Reader
from ccstats.registry import resolve

pytestmark = pytest.mark.looptime
POINTS, MOST = 200, 1000
"""So many reads are cancelled; some are over before, by chance, and are not counted."""


async def test_a_read_cancelled_at_any_point_leaves_nothing_behind() -> None:
    """Two hundred points in time, with a vendor that answers slowly, refuses and drops."""
    chance = random.Random(7)
    async with outage(queues=6, faces={"twilio": {"latency_s": 0.05}}) as both:
        for vendor in (both.twilio, both.genesys):
            vendor.fault(share=0.1, status=503)
            vendor.fault(share=0.05, drop=True)
            vendor.fault("oauth", share=0.2, delay_s=0.3)
            vendor.fault("query", delay_s=0.05)
        toolbox = Toolbox(clock=LoopClock().now)
        tasks = asyncio.all_tasks()
        files = open_files()
        cancelled = 0
        for _ in range(MOST):
            if cancelled == POINTS:
                break
            reading = asyncio.create_task(_read_all(both.config, toolbox))
            done, _ = await asyncio.wait([reading], timeout=chance.uniform(0.0, 1.5))
            if not done:
                reading.cancel()
                cancelled += 1
            await asyncio.gather(reading, return_exceptions=True)
            _conserved(toolbox)
        await toolbox.close()
        await asyncio.sleep(1)
        proxies = {task for task in asyncio.all_tasks() if "Chaos" in repr(task) or "RequestHandler" in repr(task)}
        assert asyncio.all_tasks() - proxies <= tasks
        assert (both.twilio.proxy.connections, both.genesys.proxy.connections) == (0, 0)
        assert open_files() <= files
    assert cancelled == POINTS


async def _read_all(config: Config, toolbox: Toolbox) -> None:
    for found in resolve(config):
        async with found.adapter.open(found.name, found.options, toolbox) as source:
            job = Job(found.name, found.adapter, found.options, config.poll)
            await Reader(job, source).read(ALL_FAMILIES)


def _conserved(toolbox: Toolbox) -> None:
    """Nobody holds, waits for or has been promised anything."""
    for budget in toolbox.budgets:
        assert (budget._held, budget.waiting, sum(budget._promised.values())) == (0, 0, 0), budget
    for slots in toolbox._slots.values():
        assert slots._semaphore.value == slots.total, slots
