"""What the exit code says: how much was read, and who ended it. Whatever failed is named on stderr."""

import asyncio
import json
import os
import signal
import subprocess
from time import monotonic
from typing import Any

import pytest

from ccstats.simulator.face import Fault

CANARY = "canary-5e1f0a-wrong"
WRONG = {"twilio": {"auth_token": CANARY}, "genesys": {"client_secret": CANARY}}
REFUSED = Fault(status=400)
SOON_S = 5.0
READERS = (
    ("snapshot",),
    ("snapshot", "--json"),
    ("targets",),
    ("check",),
)


@pytest.mark.parametrize("command", READERS, ids=" ".join)
async def test_0_when_all_was_read(cli: Any, command: tuple[str, ...]) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside(*command, "-c", vendors.file)
    assert ran.code == 0
    assert "failed" not in ran.err
    assert "Billing" in ran.out or command == ("check",)


@pytest.mark.parametrize("down", ["twilio", "genesys"])
async def test_3_when_one_vendor_is_down(cli: Any, down: str) -> None:
    up = {"twilio": "genesys", "genesys": "twilio"}[down]
    async with cli.vendors() as vendors:
        getattr(vendors, down).world.faults.add(Fault(drop=True))
        ran = await cli.beside("snapshot", "-c", vendors.file, "--kind", "queue")
    assert ran.code == 3
    (line,) = ran.err.splitlines()
    assert line.startswith(f"failed: source {down}: UnavailableError: 127.0.0.1 cannot be reached")
    assert [row[:3] for row in ran.cells] == [[up, "queue", name] for name in ("Billing", "Sales", "Support")]
    assert f"{down} ({down}): failed" in ran.out
    assert f"{up} ({up}): ok" in ran.out


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
async def test_3_when_some_targets_fail_and_each_is_named(cli: Any, form: tuple[str, ...]) -> None:
    async with cli.vendors() as vendors:
        found = (await cli.beside("targets", "-c", vendors.file, "--json")).of("target", source="twilio", kind="queue")
        broken = {target["key"]: target["name"] for target in found[:2]}
        for key in broken:
            vendors.twilio.world.faults.add(Fault(match=key.rpartition(":")[2], status=400))
        ran = await cli.beside("snapshot", "-c", vendors.file, *form)
    assert ran.code == 3
    assert sorted(line.split(": ")[1] for line in ran.err.splitlines()) == sorted(broken)
    assert all(line.startswith("failed: ") and "RequestRefusedError" in line for line in ran.err.splitlines())
    if form:
        report = ran.of("source", source="twilio")[0]
        assert (report["status"], report["failed_targets"]) == ("partial", 2)
        assert len(ran.of("snapshot", source="genesys")) == 4
    else:
        marks = {(row[0], row[2]): row[9] for row in ran.cells if row[1] == "queue"}
        assert {name for (source, name), mark in marks.items() if mark == "!"} == set(broken.values())
        assert marks["genesys", "Billing"].isdigit()


async def test_4_when_both_vendors_refuse(cli: Any) -> None:
    async with cli.vendors() as vendors:
        for vendor in (vendors.twilio, vendors.genesys):
            vendor.world.faults.add(REFUSED)
        for command in (*READERS, ("check", "--probe")):
            ran = await cli.beside(*command, "-c", vendors.file)
            assert ran.code == 4, command
            named = [line.split(":")[1] for line in ran.err.splitlines() if line.startswith("failed: ")]
            assert named == [" source twilio", " source genesys"], command


async def test_4_when_both_secrets_are_wrong(cli: Any) -> None:
    async with cli.vendors(options=WRONG) as vendors:
        for command in (*READERS, ("check", "--probe"), ("-vv", "snapshot")):
            ran = await cli.beside(*command, "-c", vendors.file)
            leaked = CANARY in ran.out or CANARY in ran.err
            assert not leaked, command
            assert ran.code == 4, command
            assert ran.err.count("AuthError") == 2, command
            assert "Traceback" not in ran.err


async def test_one_wrong_secret_costs_only_its_own_source(cli: Any) -> None:
    async with cli.vendors(options={"twilio": WRONG["twilio"]}) as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json")
    assert (ran.code, len(ran.of("snapshot", source="genesys")), ran.of("snapshot", source="twilio")) == (3, 4, [])
    report = ran.of("source", source="twilio")[0]
    assert (report["status"], report["error"]["type"], report["error"]["status"]) == ("failed", "AuthError", 401)


async def test_a_source_left_out_does_not_count(cli: Any) -> None:
    async with cli.vendors() as vendors:
        vendors.twilio.world.faults.add(REFUSED)
        assert (await cli.beside("snapshot", "-c", vendors.file, "--source", "genesys")).code == 0
        assert (await cli.beside("snapshot", "-c", vendors.file, "--source", "twilio")).code == 4


@pytest.mark.timeout(30)
@pytest.mark.parametrize("command", [("snapshot",), ("check", "--probe")], ids=" ".join)
async def test_130_on_ctrl_c_and_soon(cli: Any, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    asked = asyncio.Event()

    def hang(*_: object) -> Fault:
        asked.set()
        return Fault(delay_s=60.0)

    async with cli.vendors() as vendors:
        monkeypatch.setattr(vendors.twilio.world.faults, "strike", hang)
        vendors.genesys.world.faults.add(Fault(delay_s=60.0))
        process = cli.start(*command, "-c", vendors.file)
        await asyncio.wait_for(asked.wait(), cli.bound)
        since = monotonic()
        process.send_signal(signal.SIGINT)
        ran = await asyncio.to_thread(cli.finish, process)
    assert (ran.code, ran.out) == (130, "")
    assert monotonic() - since < SOON_S
    assert "Traceback" not in ran.err
    assert "Error" not in ran.err


def unread(cli: Any, command: str) -> Any:
    """What is left behind by a command whose output nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return cli.finish(cli.start(*command.split(), stdout=writing))
    finally:
        os.close(writing)


@pytest.mark.parametrize("command", ["adapters twilio --json", "demo --once --queues 1"])
def test_a_reader_that_has_gone_is_no_error(cli: Any, command: str) -> None:
    assert unread(cli, command).err == ""


@pytest.mark.parametrize("command", ["schema", "adapters twilio"])
def test_and_the_exit_code_is_not_that_of_a_bug(cli: Any, command: str) -> None:
    assert unread(cli, command).code == 0


def test_head_takes_one_line_and_nobody_complains(cli: Any) -> None:
    with cli.start("demo", "--once", "--json", "--queues", "16") as process:
        head = subprocess.run(["head", "-1"], stdin=process.stdout, capture_output=True, check=True)  # noqa: S607 - whichever head there is
        process.stdout.close()
        process.stdout = None
        ran = cli.finish(process)
    assert json.loads(head.stdout)["type"] == "snapshot"
    assert ran.err == ""


async def test_3_when_a_part_of_a_target_fails(cli: Any) -> None:
    async with cli.vendors() as vendors:
        vendors.genesys.world.faults.add(Fault(match="/agents/status/counts", status=400))
        ran = await cli.beside("snapshot", "-c", vendors.file, "--kind", "workspace", "--source", "genesys")
    assert "the read failed" in ran.out
    assert ran.code == 3
    assert "genesys:workspace:organization" in ran.err


async def test_every_failure_is_one_line(cli: Any) -> None:
    told = json.dumps({"code": 20001, "message": "two\nlines and \x1b[31ma colour", "status": 400}).encode()
    async with cli.vendors() as vendors:
        vendors.twilio.world.faults.add(Fault(status=400, body=told))
        ran = await cli.beside("snapshot", "-c", vendors.file)
    assert ran.code == 3
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.out + ran.err
