"""`ccstats watch` and `ccstats plan`: polling seen, and polling foreseen."""

import asyncio
import io
import json
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from ccstats.cli.app import cli, run
from ccstats.cli.board import SORTS, Trends, board
from ccstats.cli.staging import faces, toml
from ccstats.config import load_config
from ccstats.monitor import Monitor
from ccstats.simulator.face import Fault
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.stage import stage

POLL = '[poll]\nrealtime_every = "300ms"\nwindow_every = "500ms"\n\n'


@asynccontextmanager
async def simulated(folder: Path, struck: asyncio.Event | None = None) -> AsyncGenerator[Path]:
    """A configuration file that reads a simulated center of two vendors; one that hangs where `struck` is given."""
    start = datetime.now(UTC) - timedelta(hours=1)
    async with stage(faces(()), generate_spec(7, queues=3), start) as running:
        if struck is not None:
            for one in running:
                one.world.faults.strike = lambda *_: struck.set() or Fault(delay_s=3600)  # type: ignore[method-assign]  # it tells
        path = folder / "sim.toml"
        path.write_text(POLL + toml({one.face.name: one.source() for one in running}))
        yield path


async def test_without_a_terminal_every_change_is_a_line_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    async with simulated(tmp_path) as path:
        command = [sys.executable, "-P", "-m", "ccstats", "watch", "-c", str(path), "--kind", "queue"]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        seen = set()
        async with asyncio.timeout(30):
            while len(seen) < 6:
                line = (await process.stdout.readline()).decode()
                assert line, (await process.communicate())[1].decode()
                seen |= set(re.findall(r" ((?:twilio|genesys):queue:\S+) .*waiting=\d+", line))
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


@asynccontextmanager
async def watching(path: Path, *more: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`ccstats watch` in a process of its own, without a terminal; nothing of it is left at the end."""
    command = [sys.executable, "-P", "-m", "ccstats", "-v", "watch", "-c", str(path), *more]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(30):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def seen(process: asyncio.subprocess.Process, pattern: str) -> str:
    """The first line of stdout that fits."""
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if re.search(pattern, line):
            return line
    raise AssertionError(f"it ended before it showed {pattern}")


async def test_sigterm_ends_it_as_ctrl_c_does(tmp_path: Path) -> None:
    async with simulated(tmp_path) as path, watching(path, "--kind", "queue") as process:
        await seen(process, "waiting=")
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


async def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """Here the vendors hang, and the end would wait for what is under way."""
    struck = asyncio.Event()
    async with simulated(tmp_path, struck) as path, watching(path) as process:
        await struck.wait()
        since = asyncio.get_running_loop().time()
        process.send_signal(signal.SIGTERM)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.3)
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert asyncio.get_running_loop().time() - since < 3


async def test_sighup_reads_the_file_again_and_a_wrong_file_changes_nothing(tmp_path: Path) -> None:
    async with simulated(tmp_path) as path, watching(path, "--kind", "queue") as process:
        whole = path.read_text()
        await seen(process, "genesys:queue:")
        path.write_text(POLL + whole[whole.index("[sources.twilio]") :])
        process.send_signal(signal.SIGHUP)
        await seen(process, r"genesys:queue:\S+ .* gone")
        path.write_text("[sources.us]\nadapter = 'nobody'\n")
        process.send_signal(signal.SIGHUP)
        wrong = await process.stderr.readuntil(b"the old one holds")  # it has read the wrong file, not the next one
        await seen(process, "twilio:queue:")
        path.write_text(whole)
        process.send_signal(signal.SIGHUP)
        await seen(process, r"genesys:queue:\S+ .* fresh")
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert process.returncode == 0
    assert "nobody" in wrong.decode() + errors.decode()
    assert "the old one holds" not in errors.decode()


@pytest.mark.parametrize("width", [80, 160])
async def test_the_live_view_fits_its_terminal(tmp_path: Path, width: int) -> None:
    async with simulated(tmp_path) as path, Monitor(load_config(path)) as monitor:
        assert await monitor.wait_until_ready(timeout=20)
        trends, now = Trends.new(), datetime.now(UTC)
        for snapshot in monitor.latest().values():
            trends.add(snapshot, now)
        snapshots = sorted(monitor.latest().values(), key=SORTS["name"])  # type: ignore[arg-type]  # comparable
        console = Console(width=width, height=30, record=True, file=(tmp_path / "out").open("w", encoding="utf-8"))
        console.print(board(snapshots, monitor.stats(), trends, width=width, height=30, now=now))
        console.file.close()
    lines = console.export_text().splitlines()
    rows = [line for line in lines if re.match(r"(twilio|genesys) +[A-Z\d]", line)]
    assert len(rows) == len(snapshots) == 9
    assert max(map(len, lines)) <= width
    assert not any("…" in row[len("genesys  ") + 18 :] for row in rows), "a number is cut"
    assert {"genesys ok", "twilio ok"} == {" ".join(line.split()[:2]) for line in lines[:2]}


def test_a_plan_without_an_account_sends_nothing_and_names_what_is_short() -> None:
    ran = CliRunner().invoke(cli, ["plan", "--adapter", "genesys", "--queues", "5000", "--json"])
    (line,) = (json.loads(text) for text in ran.stdout.splitlines())
    families = {family["family"]: family for family in line["families"]}
    assert line["wanted_per_minute"] == pytest.approx(51 * 6 + 1 * 6 + 51, rel=0.02)
    assert families["realtime"]["p95_age"] < 15
    assert "the budget is short" in line["advice"][0]


def test_a_plan_prints_what_both_details_cost() -> None:
    ran = CliRunner().invoke(cli, ["plan", "--adapter", "twilio", "--queues", "1000", "--workspaces", "10"])
    full, totals = (float(found) for found in re.findall(r"detail = \w+: (\d+) requests a minute", ran.stdout))
    assert totals < full


async def test_a_plan_of_a_configuration_asks_for_the_targets_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with simulated(tmp_path) as path:
        code = await asyncio.to_thread(run, ["plan", "-c", str(path)])
    out = capsys.readouterr().out
    assert code == 0
    assert "genesys (genesys)" in out
    assert "twilio (twilio)" in out


@pytest.mark.parametrize("arguments", [[], ["--adapter", "twilio"], ["--adapter", "nobody", "--queues", "1"]])
def test_a_plan_of_nothing_is_a_mistake_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1


async def test_a_change_of_a_member_is_a_line_of_its_group_with_marks_for_what_is_missing(tmp_path: Path) -> None:
    async with simulated(tmp_path) as path:
        path.write_text(path.read_text() + '\n[groups.care]\nmatch = ["twilio:*", "genesys:*"]\n')
        async with watching(path, "--kind", "queue") as process:
            line = await seen(process, r"group:care \(6 of 6\) fresh waiting=\d")
    assert re.search(r"waiting=\d+\*?' longest=\S+ available=x busy=x$", line.strip())


async def test_the_live_view_shows_groups_first(tmp_path: Path) -> None:
    async with simulated(tmp_path) as path:
        path.write_text(path.read_text() + '\n[groups.care]\nmatch = ["twilio:*"]\n')
        async with Monitor(load_config(path)) as monitor:
            await monitor.wait_until_ready()
            groups = list(monitor.groups().values())
            console = Console(width=140, height=30, record=True, file=io.StringIO())
            size = {"width": 140, "height": 30, "now": datetime.now(UTC), "groups": groups}
            console.print(board(list(monitor.latest().values()), monitor.stats(), Trends.new(), **size))
    lines = console.export_text().splitlines()
    rows = [number for number, line in enumerate(lines) if "care (3 of 3)" in line or " Billing" in line]
    assert "care (3 of 3)" in lines[rows[0]]
    assert any("x adding it up would lie" in line for line in lines)
