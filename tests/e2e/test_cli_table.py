"""The table for people: every mark is explained, no number is cut, and what stands in one column is of one kind."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from e2e_cli_runs import NOW

from ccstats import Gap, GapReason, Kind, Realtime, Result, ServiceLevelRule, Snapshot, Target
from ccstats.cli.output import print_result
from ccstats.simulator.face import Fault

MARK = re.compile(r"^([-~#+.?!x])  (\S.*)$", re.MULTILINE)
DETAIL = re.compile(r"^     (\w+) (\w+), ([\w, ]+): ", re.MULTILINE)
HEADINGS = (
    "waiting",
    "ringing",
    "longest wait",
    "agents",
    "available",
    "busy",
    "offered",
    "answered",
    "abandoned",
    "speed of answer",
    "handle time",
    "in time",
)
RESTRICTED = {"genesys": {"permissions": ["routing:queue:view", "analytics:queueObservation:view"]}}


def explained(out: str) -> dict[str, str]:
    """What the legend says of each mark."""
    return dict(MARK.findall(out))


def used(ran: Any) -> set[str]:
    """The marks in the cells of the numbers."""
    return {cell for row in ran.cells for cell in row[3:] if cell and not any(sign.isdigit() for sign in cell)}


async def test_every_mark_in_use_is_explained_and_no_other(cli: Any) -> None:
    async with cli.vendors(settings=RESTRICTED) as vendors:
        vendors.twilio.world.faults.add(Fault(match="/CumulativeStatistics", times=1, status=400))
        ran = await cli.beside("snapshot", "-c", vendors.file)
    assert ran.code == 3
    assert used(ran) == set(explained(ran.out)) == {"-", "#", ".", "!", "+"}
    assert explained(ran.out)["#"] == "a permission is missing"
    assert "needs analytics:conversationAggregate:view" in ran.out
    assert "RequestRefusedError" in ran.out


def test_every_reason_has_a_mark_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    target = Target(source="us", vendor="twilio", kind=Kind.QUEUE, id="WQ1", name="Billing")
    meanings: dict[str, str] = {}
    for reason in GapReason:
        gaps = {"realtime": Gap(reason=reason, detail="because of the weather")}
        print_result(Result(snapshots=(Snapshot(target=target, realtime=Realtime(), gaps=gaps),)), as_json=False)
        out = capsys.readouterr().out
        (row,) = (line.split("│") for line in out.splitlines() if "Billing" in line)
        (mark,) = {cell.strip() for cell in row[4:10]}
        meanings[mark] = explained(out)[mark]
        assert ("because of the weather" in out) == (reason is not GapReason.NO_DATA)
    assert len(meanings) == len(set(meanings.values())) == len(GapReason)


async def test_without_gaps_there_is_no_legend(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--match", "Billing", "--source", "genesys")
    assert len(ran.cells) == 1
    assert used(ran) == set()
    assert explained(ran.out) == {}


async def test_the_table_says_what_the_lines_say(cli: Any) -> None:
    async with cli.vendors() as vendors:
        lines = await cli.beside("snapshot", "-c", vendors.file, "--json", "--kind", "queue")
        ran = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue")
    rows = {(row[0], row[2]): row[3:] for row in ran.cells}
    assert len(rows) == 6
    for one in lines.of("snapshot"):
        now, window = one["realtime"], one["windows"]["30m"]
        row = rows[one["target"]["source"], one["target"]["name"]]
        counts = [now["waiting"], now["offering"], now["agents"]["total"], now["agents"]["available"]]
        assert [row[0], row[1], row[3], row[4]] == [str(count) for count in counts]
        assert row[6:9] == [str(window[name]) for name in ("offered", "answered", "abandoned")]
        assert (row[2] == ".") == (now["longest_wait"] is None)
        assert row[9] == minutes(window["speed_of_answer"]["average"])
        assert row[10] == ("+" if window["handle"] is None else minutes(window["handle"]["average"]))
    assert f"window 30m of genesys: {NOW - timedelta(minutes=30):%H:%M} to {NOW:%H:%M} UTC" in ran.out


def minutes(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))[2:].removeprefix("0") if seconds < 600 else "too long for this test"


async def test_data_goes_to_stdout_and_all_else_to_stderr(cli: Any) -> None:
    async with cli.vendors() as vendors:
        vendors.twilio.world.faults.add(Fault(status=401))
        for command in ("snapshot", "targets", "check"):
            ran = await cli.beside(command, "-c", vendors.file)
            assert ran.code == 3
            assert "failed: source twilio: AuthError" in ran.err
            assert "failed: source" not in ran.out
            assert "genesys (genesys): ok" in ran.out
            assert "the configuration is valid" not in ran.out


async def test_the_legend_calls_columns_by_their_headings(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file)
    named = {column for _, _, columns in DETAIL.findall(ran.out) for column in columns.split(", ")}
    assert named
    assert named <= set(HEADINGS)


@pytest.mark.parametrize("how", ["own", "late"])
async def test_all_rows_show_the_window_of_the_caption(cli: Any, how: str) -> None:
    own = {"options": {"twilio": {"minutes": 15}}} if how == "own" else {}
    async with cli.vendors(poll={"windows": ["30m", "90m"]}, **own) as vendors:
        if how == "late":
            vendors.genesys.world.faults.add(Fault(match="/aggregates/query", times=1, delay_s=0.3))
        ran = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue", "--match", "Billing")
        lines = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue", "--match", "Billing", "--json")
    shown = re.findall(r"^window (\w+)", ran.out, re.MULTILINE)
    assert shown
    offered = {
        one["target"]["source"]: {str(one["windows"][name]["offered"]) for name in shown if name in one["windows"]}
        for one in lines.of("snapshot")
    }
    assert [row for row in ran.cells if row[9].isdigit() and row[9] not in offered[row[0]]] == []


async def test_in_time_says_within_how_many_seconds(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue")
        lines = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue", "--json")
    levels = [one["windows"]["30m"]["service_levels"][0]["threshold"] for one in lines.of("snapshot")]
    assert len(set(levels)) > 1
    assert [level for level in set(levels) if not re.search(rf"\b{level:g} ?s\b", ran.out)] == []


async def test_a_name_cannot_steer_the_terminal(cli: Any) -> None:
    async with cli.vendors() as vendors:
        body = json.dumps({"entities": [{"id": "q1", "name": "\x1b[2JBilling"}], "pageCount": 1}).encode()
        vendors.genesys.world.faults.add(Fault(match="/routing/queues", body=body))
        for command in ("targets", "snapshot"):
            ran = await cli.beside(command, "-c", vendors.file, "--source", "genesys")
            assert "Billing" in ran.out
            assert "\x1b" not in ran.out


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
async def test_an_old_code_page_is_no_bug(cli: Any, form: tuple[str, ...]) -> None:
    body = json.dumps({"entities": [{"id": "q1", "name": "予約"}], "pageCount": 1}).encode()
    async with cli.vendors() as vendors:
        vendors.genesys.world.faults.add(Fault(match="/routing/queues", body=body))
        arguments = ("snapshot", "-c", vendors.file, "--source", "genesys", *form)
        code = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252"}
        with cli.start(*arguments, **code) as process:
            out, err = await asyncio.to_thread(process.communicate)
    assert (process.returncode, b"Traceback" in err) == (0, False)
    assert b"organization" in out or b"127.0.0.1" in out


async def test_a_chosen_rule_is_shown_beside_the_vendors_own_figure(cli: Any) -> None:
    async with cli.vendors() as vendors:
        lines = await cli.beside("snapshot", "-c", vendors.file, "--json", "--kind", "queue")
        ran = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue", "--rule", "abandoned_miss")
        short = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue", "--rule", "removed_within")
    rows = {(row[0], row[2]): row[-1] for row in ran.cells}
    for one in lines.of("snapshot"):
        found = Snapshot.model_validate(one).service_level(ServiceLevelRule.ABANDONED_MISS, "30m")
        own = f" ({found.vendor_ratio:.0%})" if found.vendor_ratio is not None else ""
        assert rows[one["target"]["source"], one["target"]["name"]] == f"{found.ratio:.0%}{own}"
        assert bool(own) == (one["target"]["vendor"] == "genesys")
    assert "of the answered and abandoned" in ran.out
    assert {row[-1][:3] for row in short.cells if row[0] == "genesys"} == {"? ("}
    assert "removed_within needs abandoned_within" in short.out
