"""The page for authors of adapters is true: its code runs, its words exist, its rules have a shape."""

import re
from collections import Counter
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ccstats.adapter import Ability, Toolbox, Want
from ccstats.cli.app import cli as commands
from ccstats.config import WindowSpec
from ccstats.model import Family
from ccstats.testing import AdapterContract, FakeAdapter, VirtualLoop

pytest_plugins = ["ccstats.testing.fixtures"]
PAGE = (Path(__file__).parent.parent.parent / "docs" / "writing-an-adapter.md").read_text(encoding="utf-8")
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.fixture
def page() -> dict[str, Any]:
    """Everything that the Python of the page defines, run from top to bottom."""
    names: dict[str, Any] = {"__name__": "writing_an_adapter"}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "docs/writing-an-adapter.md", "exec"), names)  # noqa: S102 - our own page
    return names


async def test_the_smallest_adapter_reads_what_it_plans(page: dict[str, Any]) -> None:
    adapter, toolbox = page["TinyAdapter"](), Toolbox(clock=lambda: AT)
    options = adapter.options(**adapter.example)
    async with adapter.open("one", options, toolbox) as source:
        found = await source.discover()
        want = Want(found.targets, frozenset(Family), (WindowSpec.parse("30m"),))
        (batch,) = adapter.plan(options, want, source.learned)
        (reading,) = await source.read(batch)
    await toolbox.close()
    assert (reading.target.key, reading.values.waiting, reading.observed_at) == ("one:queue:q1", 3, AT)


def test_the_hour_of_polling_passes(page: dict[str, Any], fake_vendor: FakeAdapter, virtual_clock: VirtualLoop) -> None:
    page["test_an_hour_of_polling"](fake_vendor, virtual_clock)


def test_every_rule_says_why_gives_an_example_and_names_its_exceptions() -> None:
    rules = PAGE.partition("## The rules")[2].partition("\n## ")[0].split("\n### ")[1:]
    assert len(rules) > 10
    for rule in rules:
        assert [rule.count(f"*{part}.*") for part in ("Why", "Example", "Exceptions")] == [1, 1, 1], rule.splitlines()[
            0
        ]


def test_every_package_that_may_be_imported_can_be() -> None:
    named = re.findall(r"`(ccstats[\w.]*)`", PAGE.partition("## What you may import")[2].partition("\n## ")[0])
    assert len(named) > 10
    for name in named:
        assert import_module(name)


def test_every_promise_that_is_named_is_one_of_the_suite() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named
    assert named <= set(dir(AdapterContract))


def test_every_ability_that_is_named_exists() -> None:
    named = Counter(re.findall(r"\| `Ability\.(\w+)\(", PAGE))
    assert set(named) == {"full", "derived", "on_request", "unsupported", "not_implemented"}
    assert all(hasattr(Ability, name) for name in named)


def test_the_command_that_begins_it_exists() -> None:
    assert "ccstats new-adapter acme" in PAGE
    assert CliRunner().invoke(commands, ["new-adapter", "--help"]).exit_code == 0
