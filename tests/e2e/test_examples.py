"""The examples run as they stand, against a simulated center behind both vendors."""

import asyncio
import csv
import re
import runpy
import shlex
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ccstats.model import Coverage, Gap, GapReason, Group, Realtime

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
BOUND = 20.0
QUEUES = {"Billing", "Sales", "Support"}


@asynccontextmanager
async def running(cli: Any, name: str, *arguments: str, **tables: Any) -> AsyncGenerator[asyncio.StreamReader]:
    """What an example prints while it reads both vendors every half second; it is ended at the end."""
    async with cli.vendors(poll={"realtime_every": "500ms", "window_every": "500ms"}, **tables) as vendors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(EXAMPLES / name),
            vendors.file,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            cwd=cli.folder,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(BOUND):
                yield process.stdout
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
            process._transport.close()  # type: ignore[attr-defined]  # else it is closed after its loop


async def lines(stdout: asyncio.StreamReader, count: int) -> list[str]:
    return [(await stdout.readline()).decode().rstrip() for _ in range(count)]


async def test_two_vendors_in_one_table(cli: Any) -> None:
    async with running(cli, "two_vendors.py") as stdout:
        head, *rows = (await stdout.read()).decode().splitlines()
    assert head.split()[:4] == ["source", "queue", "waiting", "longest"]
    assert {(row.split()[0], row.split()[1]) for row in rows} == {
        (vendor, queue) for vendor in ("twilio", "genesys") for queue in QUEUES
    }
    assert all("not_requested" in row for row in rows if row.startswith("twilio"))
    assert not any("none" in row for row in rows if row.startswith("genesys"))


def test_the_table_of_two_vendors_takes_fifteen_lines() -> None:
    written = (EXAMPLES / "two_vendors.py").read_text(encoding="utf-8").splitlines()
    assert len([line for line in written if line.strip()]) <= 15


async def test_a_group_over_both_vendors_is_late_once_and_one_that_is_not_is_quiet(cli: Any) -> None:
    groups = {"groups.everything": {"match": ["*:*"]}, "groups.nothing": {"match": ["*:no such queue"]}}
    async with running(cli, "alert.py", "5", **groups) as stdout:
        (said,) = await lines(stdout, 1)
        assert re.fullmatch(
            r"everything: above 0:00:05: longest wait 0:\d\d:\d\d(\.\d+)?, \d of 6 queues, oldest .*", said
        )
        # The clock of the center stands still: it is said once, however often it is read.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await stdout.readline()


async def test_an_alert_without_groups_says_what_it_lacks(cli: Any) -> None:
    async with running(cli, "alert.py", "5") as stdout:
        assert "has no [groups.NAME]" in (await stdout.read()).decode()


@pytest.mark.parametrize(
    ("waiting", "longest_wait", "read", "late"),
    [
        (1, 61, 2, True), (1, 61, 1, True), (1, 60, 2, False), (0, None, 2, False),
        (0, None, 1, None), (1, 60, 1, None), (1, None, 2, None),
    ],
)  # fmt: skip
def test_a_group_is_well_again_only_where_every_queue_is_known(
    waiting: int, longest_wait: int | None, read: int, late: bool | None
) -> None:
    alert = runpy.run_path(str(EXAMPLES / "alert.py"))
    wait = None if longest_wait is None else timedelta(seconds=longest_wait)
    reason = GapReason.NO_DATA if waiting == 0 else GapReason.UNKNOWN
    group = Group(
        name="all",
        coverage=Coverage(targets=2, read=read),
        realtime=Realtime(waiting=waiting, longest_wait=wait),
        gaps={} if wait is not None else {"realtime.longest_wait": Gap(reason=reason)},
    )
    assert alert["is_late"](group, timedelta(seconds=60)) is late


async def test_what_is_recorded_is_one_line_per_queue_and_unknown_is_an_empty_cell(cli: Any) -> None:
    async with running(cli, "record.py") as stdout:
        head, *rows = csv.reader(await lines(stdout, 7))
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert {(row["key"].split(":")[0], row["name"]) for row in table} == {
        (vendor, queue) for vendor in ("twilio", "genesys") for queue in QUEUES
    }
    assert {row["status"] for row in table} == {"fresh"}
    idle = [row for row in table if row["waiting"] == "0"]
    assert {row["longest_wait"] for row in idle} <= {""}
    assert all(float(row["longest_wait"]) > 0 for row in table if row not in idle)


async def test_a_recorder_whose_reader_has_seen_enough_ends_without_a_word(cli: Any) -> None:
    """As with `| head -1`."""
    pipe = asyncio.subprocess.PIPE
    async with cli.vendors(poll={"realtime_every": "500ms", "window_every": "500ms"}) as vendors:
        words = (sys.executable, "-P", str(EXAMPLES / "record.py"), vendors.file)
        process = await asyncio.create_subprocess_shell(f"{shlex.join(words)} | head -1", stdout=pipe, stderr=pipe)
        out, err = await asyncio.wait_for(process.communicate(), BOUND)
    assert (out.decode().count("\n"), err.decode()) == (1, "")


async def test_the_latest_is_served_as_json(cli: Any) -> None:
    async with running(cli, "web.py", "0") as stdout:
        (url,) = await lines(stdout, 1)
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as answer:
                everything = await answer.json()
            async with session.get(url, params={"match": "genesys:queue:*"}) as answer:
                some = await answer.json()
            async with session.get(f"{url}/{some[0]['target']['key']}") as answer:
                one = await answer.json()
            async with session.get(f"{url}/nowhere") as answer:
                assert answer.status == 404
    assert {row["target"]["vendor"] for row in everything} == {"twilio", "genesys"}
    assert {row["target"]["name"] for row in some} == QUEUES
    assert one["target"] == some[0]["target"]


@pytest.mark.parametrize("name", ["alert.py", "record.py", "web.py"])
def test_an_example_without_its_arguments_says_how_it_is_called(cli: Any, name: str) -> None:
    ran = cli.apart(str(EXAMPLES / name), command=(sys.executable, "-P"))
    assert ran.code == 1
    assert f"python examples/{name} CONFIG.toml" in ran.err
