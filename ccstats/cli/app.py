"""The group of all commands, and what they have in common: errors in one line, data on stdout, the rest on stderr."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from ccstats import __version__
from ccstats.cli.exits import Exit
from ccstats.errors import ConfigError

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


COMMANDS = (
    "adapters",
    "check",
    "demo",
    "fleet",
    "metrics",
    "new-adapter",
    "plan",
    "schema",
    "serve",
    "simulate",
    "snapshot",
    "targets",
    "watch",
    "work",
)
"""Each in a module of its own name here."""


class Commands(click.Group):
    """Commands that are loaded when they are called: reading a snapshot needs no simulator with its web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        found: click.Command = getattr(import_module(f"ccstats.cli.{name}"), name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
