"""Groups on the command line: a row of the table, a JSON line, and what is to be known of a number beside it."""

import io
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from ccstats import Group, Result
from ccstats.cli.marks import PARTIAL, UNLIKE
from ccstats.cli.table import table
from ccstats.model import Coverage

GROUPS: dict[str, Any] = {
    "groups.care": {"match": ["twilio:Billing", "genesys:Sales"]},
    "groups.empty": {"match": ["twilio:No such queue"]},
}


async def test_a_group_is_a_json_line_that_reads_back(cli: Any) -> None:
    schema = Draft202012Validator(json.loads(cli.here("schema").out))
    async with cli.vendors(**GROUPS) as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json")
    assert (ran.code, ran.err) == (0, "")
    care, empty = ran.of("group")
    for row in (care, empty):
        schema.validate(row)
        assert json.loads(Group.model_validate_json(json.dumps(row)).model_dump_json()) == row
    assert (care["name"], care["coverage"]["read"], care["coverage"]["targets"]) == ("care", 2, 2)
    members = [row for row in ran.of("snapshot") if row["target"]["key"] in care["members"]]
    assert care["realtime"]["waiting"] == sum(row["realtime"]["waiting"] for row in members)
    for name in ("offered", "answered", "abandoned"):
        assert care["windows"]["30m"][name] == sum(row["windows"]["30m"][name] for row in members)
    assert care["realtime"]["agents"]["total"] is None
    assert care["gaps"]["realtime.agents"]["reason"] == "refused"
    assert care["comparability"]["window.speed_of_answer"]["verdict"] == "approximate"
    assert care["coverage"]["partial"]["windows.30m.handle"] == 1
    assert (empty["coverage"]["targets"], empty["realtime"]) == (0, None)


async def test_a_group_asks_for_nothing(cli: Any) -> None:
    async with cli.vendors() as without:
        await cli.beside("snapshot", "-c", without.file)
        spent = [one.world.requests.total for one in (without.twilio, without.genesys)]
    async with cli.vendors(**GROUPS) as vendors:
        await cli.beside("snapshot", "-c", vendors.file)
        assert [one.world.requests.total for one in (vendors.twilio, vendors.genesys)] == spent


async def test_the_table_shows_groups_first_with_marks_that_are_explained(cli: Any) -> None:
    async with cli.vendors(**GROUPS) as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file)
    care, empty = ran.cells[:2]
    assert (care[0], care[2], empty[2]) == ("group", "care (2 of 2)", "empty (0 of 0)")
    assert care[3].endswith(UNLIKE)
    assert care[13].endswith(PARTIAL + UNLIKE)
    assert f"{PARTIAL}  not of every member of the group" in ran.out
    assert f"{UNLIKE}  the members' vendors define it differently" in ran.out
    assert "x  adding it up would lie" in ran.out
    assert "care: 2 of 2 queues, oldest" in ran.out
    assert "window.speed_of_answer: approximate (unit_of_count: conversation / reservation" in ran.out
    assert "of 1 of 2: realtime.after_call_work" in ran.out


async def test_a_group_is_made_of_what_was_read(cli: Any) -> None:
    async with cli.vendors(**GROUPS) as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json", "--source", "twilio")
    (care, _) = ran.of("group")
    assert care["members"] == [row["target"]["key"] for row in ran.of("snapshot") if row["target"]["name"] == "Billing"]


def test_a_group_without_a_pattern_is_a_mistake_in_the_file(cli: Any) -> None:
    file = cli.write('[sources.us]\nadapter = "twilio"\n[groups.care]\nmatch = []\n')
    ran = cli.here("snapshot", "-c", file)
    assert ran.code == 2
    assert "groups.care.match" in ran.err


@pytest.mark.parametrize("columns", [80, 200])
def test_groups_fit_a_narrow_terminal(columns: int) -> None:
    group = Group(name="care", coverage=Coverage(targets=3, read=2))
    console = Console(width=columns, record=True, file=io.StringIO())
    console.print(table(Result(groups=(group,)), width=columns))
    assert "care (2 of 3)" in console.export_text()
