"""`ccstats demo`: both vendors at once, without an account."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

import click

from ccstats.cli.exits import Exit, judged
from ccstats.cli.options import json_option
from ccstats.cli.output import print_result, stdout
from ccstats.cli.staging import faces, history
from ccstats.cli.watch import show
from ccstats.config import Config, parse_config
from ccstats.model import Kind
from ccstats.poller import fetch
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running
from ccstats.simulator.stage import stage

HOURS = 2.0
POLL = {"realtime_every": "2s", "window_every": "10s"}
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
            await show(config, None, "name", stdout())
            return Exit.OK
        result = await fetch(config)
    print_result(result, as_json=as_json, title=TITLE)
    return judged(result)


def _config(running: list[Running]) -> Config:
    queues = {"kinds": [Kind.QUEUE.value]}
    return parse_config(
        {"poll": POLL, "sources": {one.face.name: {**one.source(), "select": queues} for one in running}}
    )
