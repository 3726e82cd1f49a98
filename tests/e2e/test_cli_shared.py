"""`watch --redis` and `serve --redis`: what is read where, and what a file still says."""

import asyncio
import re
import signal
import sys
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from ccstats.cli.views import showing
from ccstats.config import Config, Secret
from ccstats.errors import ConfigError
from ccstats.fleet import Reader
from ccstats.monitor import Monitor

WRITING: Final = Path(__file__).parent.parent / "fleet"
URL: Final = "redis://127.0.0.1:1/0"
SHARED: Final = f"""
import asyncio, sys, time
sys.path.insert(0, {str(WRITING)!r})
import writing
from ccstats.cli.app import run

class Clock(writing.Clock):
    def __call__(self):
        return time.time()

async def fill(table):
    await writing.Writer(table).put("sales1", waiting=3)
    await writing.Writer(table, "emea").put("sales2", waiting=4)
    await table.describe(writing.description("sales", title="Sales floor"))
    return table

writing.snapshot.__globals__["loop_time"] = lambda: 0.0
table = asyncio.run(fill(writing.Shaky(Clock())))
given = []
import ccstats.fleet.reader
ccstats.fleet.reader.connect = lambda options: given.append(options) or table
code = run(sys.argv[1:])
print(given[0].prefix, file=sys.stderr)
sys.exit(code)
"""
"""The command line in a process where every address leads to one table in memory."""
COMMAND: Final = (sys.executable, "-P", "-c", SHARED)
BOUND: Final = 30
NO_SECRET: Final = {"adapter": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": {"env": "NOBODY_SET_THIS"}}


async def said(stream: asyncio.StreamReader | None, pattern: str) -> str:
    """What fits in the next line that does."""
    assert stream is not None
    async with asyncio.timeout(BOUND):
        while line := (await stream.readline()).decode():
            if found := re.search(pattern, line):
                return found[found.lastindex or 0]
    raise AssertionError("it ended")


async def started(*arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*COMMAND, *arguments, stdout=pipe, stderr=pipe)


async def ended(process: asyncio.subprocess.Process) -> str:
    """End it, and what was said last on stderr."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(BOUND):
        _, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return err.decode()


async def test_watch_shows_what_workers_share_without_a_file() -> None:
    process = await started("watch", "--redis", URL)
    try:
        await said(process.stdout, "us:queue:sales1 Sales1 fresh waiting=3")
    finally:
        await ended(process)


async def test_watch_shows_the_sources_that_are_asked_for() -> None:
    process = await started("watch", "--redis", URL, "--source", "emea", "--match", "sales*")
    try:
        assert await said(process.stdout, r"^\S+ (\S+)") == "emea:queue:sales2"
    finally:
        await ended(process)


async def test_serve_takes_what_is_served_from_its_file_and_polls_nothing_of_it(cli: Any) -> None:
    """The secrets of its sources need not be there; a group may name a source that only the workers know."""
    path = cli.configure(
        {"us": NO_SECRET},
        serve={"token": "let me in"},
        redis={"url": URL, "prefix": "lobby"},
        **{"groups.mine": {"match": ["emea:*"]}, "board": {"title": "Lobby"}},
    )
    process = await started("-v", "serve", "-c", path, "--attach", "--listen", "127.0.0.1:0")
    try:
        url = await said(process.stderr, r"serving at (http://\S+)")
        async with aiohttp.ClientSession(headers={"Authorization": "Bearer let me in"}) as session:
            assert await board(session, url) == ("Lobby", ["mine"])
            async with session.get(f"{url}/api/v1/groups") as response:
                assert [one["members"] for one in (await response.json())["groups"]] == [["emea:queue:sales2"]]
            rewrite(path, '"Lobby"', '"Hall"')
            process.send_signal(signal.SIGHUP)
            await said(process.stderr, "the configuration was read again")
            assert await board(session, url) == ("Hall", ["mine"])
    finally:
        last = await ended(process)
    assert last.splitlines()[-1] == "lobby"


def rewrite(file: str, before: str, after: str) -> None:
    """Put something else into a file."""
    path = Path(file)
    path.write_text(path.read_text().replace(before, after))


async def board(session: aiohttp.ClientSession, url: str) -> tuple[str, list[str]]:
    async with session.get(f"{url}/api/v1/board") as response:
        assert response.status == 200
        found = await response.json()
    return found["title"], found["groups"]


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_without_file_and_address_it_says_what_to_give(cli: Any, command: str) -> None:
    ran = cli.here(command)
    assert (ran.code, ran.out) == (2, "")
    assert "Give -c FILE, or --redis URL" in ran.err


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_attached_without_an_address_it_says_where_to_put_one(cli: Any, command: str) -> None:
    ran = cli.here(command, "-c", cli.configure({"us": NO_SECRET}), "--attach")
    assert (ran.code, ran.out) == (2, "")
    assert "redis.url: say where workers meet" in ran.err


@pytest.mark.parametrize(
    ("given", "polled"),
    [
        (("-c", "FILE"), True),
        (("-c", "FILE", "--attach"), False),
        (("-c", "FILE", "--redis", URL), False),
        ((), False),
    ],
)
def test_the_environment_alone_attaches_nothing(
    cli: Any, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], polled: bool
) -> None:
    """CCSTATS_REDIS says where, and the command line whether."""
    monkeypatch.setenv("CCSTATS_REDIS", URL)
    seen: list[bool] = []

    def seeing(*_: Any, attached: bool) -> Any:
        seen.append(attached)
        raise ConfigError("seen")

    monkeypatch.setattr("ccstats.cli.watch.showing", seeing)
    path = cli.configure({"us": NO_SECRET})
    cli.here("watch", *(path if word == "FILE" else word for word in given))
    assert seen == [not polled]


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_an_address_that_is_none_is_refused_without_being_shown(cli: Any, command: str, canary: str) -> None:
    ran = cli.here(command, "--redis", f"{canary}\n")
    assert (ran.code, ran.out) == (2, "")
    assert "redis.url" in ran.err
    assert canary not in ran.err


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_help_says_who_can_see_the_address(cli: Any, command: str) -> None:
    said = " ".join(cli.here(command, "--help").out.split())
    assert "CCSTATS_REDIS" in said
    assert "a password belongs into FILE" in said


async def test_the_command_line_stands_before_the_file(cli: Any) -> None:
    path = cli.configure({"us": NO_SECRET}, redis={"url": URL, "prefix": "lobby"})
    _, shown = showing(path, "redis://127.0.0.1:2/0", (), None, attached=True)
    reader: Any = shown().view
    assert isinstance(reader, Reader)
    assert reader._where.url == Secret("redis://127.0.0.1:2/0")
    assert reader._where.prefix == "lobby"


async def test_without_being_told_to_attach_a_file_is_polled(cli: Any) -> None:
    """Also with an address in it: it may be there for limits that are shared."""
    path = cli.configure({"us": {**NO_SECRET, "auth_token": "0" * 32}}, redis={"url": URL})
    config, shown = showing(path, None, ("us",), None, attached=False)
    assert isinstance(shown().view, Monitor)
    assert isinstance(config, Config)
    with pytest.raises(ConfigError, match="there is no source 'nope'"):
        showing(path, None, ("nope",), None, attached=False)


def test_a_file_that_is_polled_needs_a_source_and_its_groups_those_that_there_are(cli: Any) -> None:
    with pytest.raises(ConfigError, match="there is no source"):
        showing(cli.write(""), None, (), None, attached=False)
    path = cli.configure({"us": NO_SECRET}, **{"groups.mine": {"match": ["emea:*"]}})
    with pytest.raises(ConfigError, match="names a source 'emea'"):
        showing(path, None, (), None, attached=False)
