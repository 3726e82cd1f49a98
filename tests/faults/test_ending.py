"""SIGTERM and SIGINT while a vendor hangs: the process ends by itself, in time, with nothing to complain about."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from time import monotonic

import pytest

from ccstats.simulator.clock import WallClock
from ccstats.simulator.face import Fault
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.stage import stage
from ccstats_genesys.face import GenesysFace
from ccstats_twilio.face import TwilioFace

ACCOUNT = {"account_sid": "AC" + "0" * 32, "auth_token": "f" * 32}
COMMAND = (sys.executable, "-P", "-m", "ccstats")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_vendor_that_hangs_holds_the_end_up_for_eight_seconds_at_most(tmp_path: Path, number: int) -> None:
    asked = asyncio.Event()

    class Hanging:
        """Hangs, and tells that it does."""

        def strike(self, *_: object) -> Fault:
            asked.set()
            return Fault(delay_s=3600)

    faces, spec = [TwilioFace(), GenesysFace()], generate_spec(1, queues=2, agents=2)
    async with stage(faces, spec, WallClock().now()) as running:
        for one in running:
            one.world.faults.strike = Hanging().strike  # type: ignore[method-assign]  # it tells
        file = tmp_path / "ccstats.toml"
        file.write_text("\n".join(_table(one.face.name, one.source()) for one in running))
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "watch", "-c", str(file), stderr=asyncio.subprocess.PIPE, env={**os.environ}
        )
        await asyncio.wait_for(asked.wait(), 20)
        since = monotonic()
        process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), 20)

    assert monotonic() - since <= 8.0
    assert (process.returncode, errors) == (0, b"")


DEAF = """
import socket, time
whole = socket.getaddrinfo

def asked(host, *more, **named):
    if host != "taskrouter.example":
        return whole(host, *more, **named)
    print("asked", flush=True)
    time.sleep(60)

socket.getaddrinfo = asked
"""
"""A name server that does not answer."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_name_that_is_still_looked_up_does_not_hold_the_end_up(tmp_path: Path, number: int) -> None:
    """A lookup is a thread that nobody can cancel, and Python waits for its threads."""
    (tmp_path / "sitecustomize.py").write_text(DEAF)
    file = tmp_path / "ccstats.toml"
    file.write_text(_table("twilio", {"adapter": "twilio", **ACCOUNT, "base_url": "https://taskrouter.example"}))
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "watch",
        "-c",
        str(file),
        stdout=pipe,
        stderr=pipe,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    assert process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 20) == b"asked\n"
        since = monotonic()
        process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), 20)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert monotonic() - since <= 8.0
    assert (process.returncode, errors) == (0, b"")


def _table(name: str, source: dict[str, object]) -> str:
    return "\n".join([f"[sources.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in source.items())])
