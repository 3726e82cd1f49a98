"""The group of all commands, and what they have in common: errors in one line, data on stdout, the rest on stderr."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence

import click

from ccstats import __version__
from ccstats.cli import adapters, check, demo, metrics, new_adapter, plan, schema, simulate, snapshot, targets, watch
from ccstats.cli.exits import Exit
from ccstats.errors import ConfigError

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-v", "--verbose", count=True, help="Say more on stderr; twice for every request.")
@click.version_option(__version__, prog_name="ccstats")
def cli(verbose: int) -> None:
    """Live contact-center statistics of several vendors, as one neutral model.

    Exit codes: 0 all read; 1 a bug; 2 configuration or usage; 3 some targets failed; 4 nothing could be read; 130
    interrupted.
    """
    level = LEVELS[min(verbose, len(LEVELS) - 1)]
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


for command in (
    snapshot.snapshot,
    targets.targets,
    watch.watch,
    check.check,
    plan.plan,
    adapters.adapters,
    metrics.metrics,
    schema.schema,
    simulate.simulate,
    demo.demo,
    new_adapter.new_adapter,
):
    cli.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal or file that cannot show a name shows the rest
    try:
        code = cli.main(list(arguments), prog_name="ccstats", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return int(Exit.CONFIG)
    except ConfigError as error:
        click.echo(f"error: {error}", err=True)
        return int(Exit.CONFIG)
    except (KeyboardInterrupt, click.Abort):
        return int(Exit.INTERRUPTED)
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has seen enough (`| head`): click and rich turn that into an exit of their own. The
        # interpreter must not complain again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.OK)
    return int(code) if isinstance(code, int) else int(Exit.OK)
