"""`ccstats serve` as a process: what it refuses, what it answers, how it ends."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

BOUND = 30


@asynccontextmanager
async def serving(path: str | Path, *more: str) -> AsyncGenerator[tuple[asyncio.subprocess.Process, str]]:
    """`ccstats serve` on a free port, and its address; nothing of it is left at the end."""
    command = [sys.executable, "-P", "-m", "ccstats", "-v", "serve", "-c", str(path), "--listen", "127.0.0.1:0", *more]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(BOUND):
            yield process, await said(process, r"serving at (http://\S+)")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def said(process: asyncio.subprocess.Process, pattern: str) -> str:
    """What fits in the next line of stderr that does."""
    assert process.stderr is not None
    while line := (await process.stderr.readline()).decode():
        if found := re.search(pattern, line):
            return found[found.lastindex or 0]
    raise AssertionError("it ended")


async def snapshots(session: aiohttp.ClientSession, url: str, **headers: str) -> list[Any]:
    async with session.get(f"{url}/api/v1/snapshots", headers=headers) as response:
        assert response.status == 200
        return (await response.json())["snapshots"]  # type: ignore[no-any-return]  # JSON


async def until_read(session: aiohttp.ClientSession, url: str, queues: int) -> list[Any]:
    """The snapshots, once the stream has brought numbers of so many queues."""
    read: set[str] = set()
    async with session.get(f"{url}/api/v1/stream?kind=queue") as response:
        async for line in response.content:
            if found := re.search(rb'"waiting":\d.*"key":"([^"]+)"|"key":"([^"]+)".*?"waiting":\d', line):
                read.add((found[1] or found[2]).decode())
            if len(read) == queues:
                break
    return await snapshots(session, url)


@pytest.mark.parametrize("listen", ["0.0.0.0:8500", "[::]:8500", "192.0.2.7:8500"])
def test_a_public_address_without_a_token_is_refused(cli: Any, listen: str) -> None:
    path = cli.configure({"us": {"adapter": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": "0" * 32}})
    ran = cli.here("serve", "-c", path, "--listen", listen)
    assert (ran.code, ran.out) == (2, "")
    assert "set serve.token, or say --insecure" in ran.err


@pytest.mark.parametrize("listen", ["8500", "localhost", "1.2.3.4:99999", "http://localhost:80", ""])
def test_an_address_that_is_none_is_refused(cli: Any, listen: str) -> None:
    path = cli.configure({"us": {"adapter": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": "0" * 32}})
    ran = cli.here("serve", "-c", path, "--listen", listen)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "serve.listen: an address is written as HOST:PORT" in ran.err


async def test_both_vendors_are_served_and_sigterm_ends_it(cli: Any) -> None:
    async with (
        cli.vendors(poll={"realtime_every": "300ms"}) as vendors,
        aiohttp.ClientSession() as session,
        serving(vendors.file) as (process, url),
    ):
        found = await until_read(session, url, 6)
        assert {one["target"]["vendor"] for one in found} == {"twilio", "genesys"}
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0


async def test_a_configuration_that_is_read_again_changes_the_token_and_not_the_connection(cli: Any) -> None:
    async with (
        cli.vendors(serve={"token": "first"}) as vendors,
        aiohttp.ClientSession() as session,
        serving(vendors.file) as (process, url),
    ):
        await snapshots(session, url, Authorization="Bearer first")
        rewrite(vendors.file, '"first"', '"second"')
        process.send_signal(signal.SIGHUP)
        await said(process, "the configuration was read again")
        await snapshots(session, url, Authorization="Bearer second")
        async with session.get(f"{url}/api/v1/snapshots", headers={"Authorization": "Bearer first"}) as response:
            assert response.status == 401


def rewrite(file: str, before: str, after: str) -> None:
    """Put something else into a file."""
    path = Path(file)
    path.write_text(path.read_text().replace(before, after))
