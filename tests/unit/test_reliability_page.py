"""The page of promises names tests that exist, one or more for each promise."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@cache
def _tests(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_named_test_exists(file: str, name: str) -> None:
    assert name in _tests(file)


def test_there_are_forty_promises_and_each_has_a_test() -> None:
    rows = dict(re.findall(r"^\| (\d+) \|(.*)$", PAGE, re.MULTILINE))
    assert [*map(int, rows)] == [*range(1, 41)]
    assert all("::test_" in row for row in rows.values())


def test_every_bug_of_another_program_has_a_test() -> None:
    table = PAGE.partition("## Other programs' bugs")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "seen elsewhere" not in line]
    assert len(rows) >= 20
    assert all("::test_" in row for row in rows)
