"""`ccstats simulate`: a contact center to try things on, behind the vendors' own wire formats."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import click

from ccstats.cli.staging import face_faults, face_settings, faces, history, toml
from ccstats.errors import ConfigError
from ccstats.simulator.face import Face, Fault
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.spec import CenterSpec
from ccstats.simulator.stage import Settings, stage


@click.command()
@click.option(
    "--face", "names", multiple=True, metavar="NAME", help="Only this vendor (may be repeated; default: all)."
)
@click.option("--queues", default=6, show_default=True, type=click.IntRange(1, 5000))
@click.option("--agents", default=24, show_default=True, type=click.IntRange(0, 5000))
@click.option("--sites", default=1, show_default=True, type=click.IntRange(1, 100), help="Twilio workspaces.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same center.")
@click.option(
    "--hours", default=2.0, show_default=True, type=click.FloatRange(0, 24), help="How long it has been open."
)
@click.option("--multi-tasking", is_flag=True, help="Agents handle several contacts at once.")
@click.option("--port", "ports", multiple=True, metavar="FACE=PORT", help="A fixed port (default: a free one).")
@click.option("--set", "words", multiple=True, metavar="FACE.SETTING=VALUE", help="A setting of a face.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="[FACE.]WHAT",
    help="Rehearse an outage: 429:60s, drop:5%, hang:30s@1m, slow=2s:50%, html, cut; of one vendor: twilio.503:20%.",
)
def simulate(
    names: tuple[str, ...],
    queues: int,
    agents: int,
    sites: int,
    seed: int,
    hours: float,
    multi_tasking: bool,
    ports: tuple[str, ...],
    words: tuple[str, ...],
    faults: tuple[str, ...],
) -> int:
    """Serve a simulated contact center on 127.0.0.1 until interrupted.

    Prints the configuration that reads it on stdout, so: ccstats simulate > sim.toml, and elsewhere ccstats snapshot
    -c sim.toml. Its credentials are made up.
    """
    spec = generate_spec(seed, queues=queues, agents=agents, sites=sites, single_tasking=not multi_tasking)
    chosen = faces(names)
    outages = face_faults(faults, [face.name for face in chosen])
    asyncio.run(_serve(chosen, spec, hours, face_settings(words), _ports(ports), outages))
    return 0


async def _serve(
    chosen: list[Face],
    spec: CenterSpec,
    hours: float,
    settings: Settings,
    ports: dict[str, int],
    outages: Mapping[str, Sequence[Fault]],
) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    unknown = sorted({*settings, *ports} - {face.name for face in chosen})
    if unknown:
        known = ", ".join(face.name for face in chosen)
        raise ConfigError(f"there is no face {unknown[0]!r} here; there are: {known}", key="--set or --port")
    async with AsyncExitStack() as stack:
        opening = stage(chosen, spec, history(hours), settings=settings, ports=ports)
        try:
            running = await stack.enter_async_context(opening)
        except ValueError as error:  # a face refuses a setting, and says which
            raise ConfigError(str(error), key="--set") from None
        except OSError as error:
            raise ConfigError(f"cannot listen: {error.strerror}", key="--port") from None
        for one in running:
            for fault in outages[one.face.name]:
                one.world.faults.add(fault)
        click.echo(toml({one.face.name: one.source() for one in running}), nl=False)
        sys.stdout.flush()
        for one in running:
            click.echo(f"{one.face.name} at {one.base_url}", err=True)
        click.echo("ctrl-c ends it", err=True)
        await ended.wait()


def _ports(words: tuple[str, ...]) -> dict[str, int]:
    ports = {}
    for word in words:
        face, _, port = word.partition("=")
        if not (port.isascii() and port.isdigit()) or int(port) > 65535:
            raise ConfigError(f"{word!r} is not FACE=PORT", key="--port")
        ports[face] = int(port)
    return ports
