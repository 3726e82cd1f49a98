"""`ccstats schema`: the JSON Schema of the JSON lines."""

from __future__ import annotations

import json
from typing import Annotated

import click
from pydantic import Field, TypeAdapter

from ccstats.metrics import described
from ccstats.model import Definitions, Group, Snapshot, SourceReport

Line = Annotated[Snapshot | Group | Definitions | SourceReport, Field(discriminator="type")]


@click.command()
def schema() -> int:
    """Print the JSON Schema of what `snapshot --json` prints, line by line."""
    document = TypeAdapter(Line).json_schema(mode="serialization")
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A line of `ccstats snapshot --json`",
        "description": "Times are seconds. A null has a reason in `gaps`, at its path or at the nearest path above it.",
        **described(document),
    }
    click.echo(json.dumps(document, indent=2))
    return 0
