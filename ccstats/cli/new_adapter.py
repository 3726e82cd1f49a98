"""`ccstats new-adapter`: a plugin project to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from ccstats.scaffold import write_project


@click.command("new-adapter")
@click.argument("name")
@click.option(
    "--into",
    "folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where the project's folder is made (default: here).",
)
def new_adapter(name: str, folder: Path) -> int:
    """Write a small, complete plugin project for the vendor NAME.

    It reads an invented vendor and passes its own tests at once; the places to fill are marked YOURS.
    """
    written = write_project(name, folder)
    for path in written:
        click.echo(str(path))
    root = folder / f"ccstats-{name}"
    click.echo(f"next: cd {root} && pip install -e '.[test]' && pytest && grep -rn YOURS .", err=True)
    return 0
