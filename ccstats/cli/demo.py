"""`ccstats demo`: both vendors at once, without an account."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

import click
from rich.live import Live

from ccstats.cli.exits import Exit, judged
from ccstats.cli.options import json_option
from ccstats.cli.output import print_result, stdout
from ccstats.cli.staging import faces, history
from ccstats.cli.table import table
from ccstats.config import Config, parse_config
from ccstats.model import Family, Kind
from ccstats.poller import ALL_FAMILIES, Readers, fetch, open_readers
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running
from ccstats.simulator.stage import stage

HOURS = 2.0
EVERY = 2.0
"""Seconds between two looks at what is true now."""
WINDOWS_EVERY = 5
"""Every so many looks, the windows as well."""
TITLE = "One simulated contact center, read through every vendor"


@click.command()
@json_option
@click.option("--once", is_flag=True, help="Read once, print, and end (as without a terminal).")
@click.option("--queues", default=6, show_default=True, type=click.IntRange(1, 200))
@click.option("--agents", default=24, show_default=True, type=click.IntRange(0, 1000))
@click.option("--seed", default=1, show_default=True, help="The same seed, the same center.")
def demo(as_json: bool, once: bool, queues: int, agents: int, seed: int) -> int:
    """Start a simulated contact center behind both vendors' APIs and read it through the ordinary adapters.

    Nothing leaves this machine. In a terminal the table is live until ctrl-c; otherwise it is printed once.
    """
    live = not once and not as_json and sys.stdout.isatty()
    with suppress(KeyboardInterrupt):
        return asyncio.run(_demo(as_json=as_json, live=live, queues=queues, agents=agents, seed=seed))
    return Exit.OK if live else Exit.INTERRUPTED


async def _demo(*, as_json: bool, live: bool, queues: int, agents: int, seed: int) -> int:
    spec = generate_spec(seed, queues=queues, agents=agents)
    async with stage(faces(()), spec, history(HOURS)) as running:
        config = _config(running)
        if live:
            async with open_readers(config) as readers:
                await _watch(readers)
        result = await fetch(config)
    print_result(result, as_json=as_json, title=TITLE)
    return judged(result)


def _config(running: list[Running]) -> Config:
    queues = {"kinds": [Kind.QUEUE.value]}
    return parse_config({"sources": {one.face.name: {**one.source(), "select": queues} for one in running}})


async def _watch(readers: Readers) -> None:
    """Until interrupted: the deadline is the clock's, so that a slow read does not shift all that follow."""
    loop = asyncio.get_running_loop()
    due, look = loop.time(), 0
    with Live(console=stdout(), auto_refresh=False, screen=False) as view:
        while True:
            families = ALL_FAMILIES if look % WINDOWS_EVERY == 0 else frozenset({Family.REALTIME})
            view.update(table(await readers.read(families), title=TITLE), refresh=True)
            due, look = max(due + EVERY, loop.time()), look + 1
            await asyncio.sleep(due - loop.time())
