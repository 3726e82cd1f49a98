"""`ccstats metrics`: the catalogue, for people, for machines, and as the page of the documentation."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from rich.table import Table
from rich.text import Text

from ccstats.cli.document import page
from ccstats.cli.options import json_option
from ccstats.cli.output import stdout
from ccstats.metrics import CATALOG
from ccstats.registry import installed, load_adapter


@click.command()
@json_option
@click.option("--markdown", is_flag=True, help="The page docs/metrics.md, with what every adapter says of the metrics.")
@click.option("--adapter", "names", multiple=True, metavar="NAME", help="Only this adapter on the page.")
def metrics(as_json: bool, markdown: bool, names: tuple[str, ...]) -> int:
    """List every neutral metric: unit, kind, how it adds up over queues, definition, source."""
    if markdown:
        click.echo(page({name: load_adapter(name) for name in names or installed()}), nl=False)
        return 0
    if as_json:
        for metric in CATALOG.values():
            click.echo(json.dumps({"type": "metric", "v": 1, **asdict(metric), "prometheus": metric.prometheus}))
        return 0
    grid = Table("metric", "unit", "kind", "over queues", "definition", header_style="bold")
    for metric in CATALOG.values():
        cells = (metric.name, metric.unit.value, metric.shape.value, metric.additivity.value, metric.definition)
        grid.add_row(*(Text(cell) for cell in cells))
    stdout().print(grid)
    return 0
