"""`ccstats demo`: both vendors at once, without an account."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

import click

from ccstats.cli.demo_workers import Together, work_together
from ccstats.cli.exits import Exit, judged
from ccstats.cli.options import json_option
from ccstats.cli.output import print_result, stdout
from ccstats.cli.serve import serve_until_told
from ccstats.cli.staging import faces, history
from ccstats.cli.views import polled
from ccstats.cli.watch import show
from ccstats.config import Config, Serve, parse_config, validate
from ccstats.model import Kind
from ccstats.poller import fetch
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.server import Running
from ccstats.simulator.spec import CenterSpec
from ccstats.simulator.stage import stage

HOURS = 2.0
POLL = {"realtime_every": "2s", "window_every": "10s"}
GROUPS = {"Billing, both vendors": {"match": ["*:Billing*"]}, "Sales and support": {"match": ["*:S*"]}}
BOARD = {"title": "Simulated contact center", "waiting": (3, 6), "service_level": (0.5, 0.2)}
TITLE = "One simulated contact center, read through every vendor"


@click.command()
@json_option
@click.option("--once", is_flag=True, help="Read once, print, and end (as without a terminal and without --workers).")
@click.option("--serve", "served", is_flag=True, help="Open it as a wallboard in a browser, until ctrl-c.")
@click.option("--listen", default="127.0.0.1:8500", show_default=True, metavar="HOST:PORT", help="For --serve.")
@click.option(
    "--workers",
    type=click.IntRange(1, 16),
    help="So many worker processes and three readers (this one, a wallboard, a log of changes), until ctrl-c.",
)
@click.option("--redis", "url", metavar="URL", help="For --workers: where they meet (default: a Redis started for it).")
@click.option("--queues", default=6, show_default=True, type=click.IntRange(1, 200))
@click.option("--agents", default=24, show_default=True, type=click.IntRange(0, 1000))
@click.option("--seed", default=1, show_default=True, help="The same seed, the same center.")
def demo(
    as_json: bool,
    once: bool,
    served: bool,
    listen: str,
    workers: int | None,
    url: str | None,
    queues: int,
    agents: int,
    seed: int,
) -> int:
    """Start a simulated contact center behind both vendors' APIs and read it through the ordinary adapters.

    Nothing leaves this machine. In a terminal the table is live until ctrl-c; otherwise it is printed once. With
    --workers it goes on in any case, and prints a line per change where there is no terminal.
    """
    live = not once and not as_json and sys.stdout.isatty()
    settings = validate(Serve, {"listen": listen, "history_every": "5s"}, key="serve")
    spec = generate_spec(seed, queues=queues, agents=agents)
    with suppress(KeyboardInterrupt):
        if workers is not None:
            shown = "json" if as_json else "once" if once else "live" if live else "lines"
            return asyncio.run(_together(spec, Together(workers, url, listen, shown)))
        if served:
            asyncio.run(_served(spec, settings))
            return Exit.OK
        return asyncio.run(_demo(spec, as_json=as_json, live=live))
    return Exit.OK if live or served or workers else Exit.INTERRUPTED


async def _served(spec: CenterSpec, settings: Serve) -> None:
    async with stage(faces(()), spec, history(HOURS)) as running:
        await serve_until_told(polled(_config(running, groups=True)), settings)


async def _demo(spec: CenterSpec, *, as_json: bool, live: bool) -> int:
    async with stage(faces(()), spec, history(HOURS)) as running:
        config = _config(running)
        if live:
            await show(polled(config), "name", stdout())
            return Exit.OK
        result = await fetch(config)
    print_result(result, as_json=as_json, title=TITLE)
    return judged(result)


async def _together(spec: CenterSpec, how: Together) -> int:
    async with stage(faces(()), spec, history(HOURS)) as running:
        settings = {"poll": POLL, "board": BOARD, "groups": GROUPS}
        return await work_together(running, settings, how, TITLE)


def _config(running: list[Running], *, groups: bool = False) -> Config:
    queues = {"kinds": [Kind.QUEUE.value]}
    return parse_config(
        {
            "poll": POLL,
            "board": BOARD,
            "sources": {one.face.name: {**one.source(), "select": queues} for one in running},
            "groups": GROUPS if groups else {},
        }
    )
