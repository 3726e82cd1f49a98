"""`ccstats simulate` prints the configuration that reads it; `ccstats demo` reads one by itself."""

import os
import re
import signal
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest

TIME = re.compile(r"^(\d+:)?\d+:\d\d$")
FILE = "sim.toml"
HANDLE, SPEED, LONGEST = 13, 12, 5
"""Columns of the table."""


@contextmanager
def simulated(cli: Any, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """`ccstats simulate > sim.toml`, ready to be read; ended at the end, whatever happens."""
    with (cli.folder / FILE).open("wb") as file, cli.start("simulate", *arguments, stdout=file) as process:
        try:
            for line in process.stderr:
                if b"ctrl-c ends it" in line:
                    break
            yield process
        finally:
            process.kill()


def ended(cli: Any, process: subprocess.Popen[bytes], by: int = signal.SIGINT) -> Any:
    since = monotonic()
    process.send_signal(by)
    ran = cli.finish(process)
    assert monotonic() - since < 5
    return ran


@pytest.mark.timeout(30)
@pytest.mark.prints_credentials
def test_what_simulate_prints_is_the_configuration_that_reads_it(cli: Any) -> None:
    with simulated(cli, "--queues", "3", "--agents", "6", "--sites", "2") as process:
        file = str(cli.folder / FILE)
        ran = cli.here("snapshot", "-c", file, "--json")
        check = cli.here("check", "-c", file)
        assert (ran.code, check.code) == (0, 0)
        rows = ran.of("snapshot")
        end = ended(cli, process)
    assert (end.code, end.err) == (0, "")
    kinds = sorted((row["target"]["source"], row["target"]["kind"]) for row in rows)
    assert kinds == sorted(
        [("genesys", "queue")] * 3
        + [("genesys", "workspace")]
        + [("twilio", "queue")] * 3
        + [("twilio", "workflow")] * 2
        + [("twilio", "workspace")] * 2
    )
    assert sum(row["windows"]["30m"]["offered"] for row in rows) > 0


@pytest.mark.timeout(30)
@pytest.mark.prints_credentials
def test_faces_ports_and_settings_can_be_chosen(cli: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = ("--set", 'genesys.permissions=["routing:queue:view"]', "--set", "genesys.requests_per_minute=500")
    with simulated(cli, "--face", "genesys", "--queues", "1", "--port", f"genesys={port}", *settings) as process:
        file = cli.folder / FILE
        sources = tomllib.loads(file.read_text())["sources"]
        assert list(sources) == ["genesys"]
        assert sources["genesys"]["base_url"] == f"http://127.0.0.1:{port}"
        ran = cli.here("check", "-c", str(file))
        assert (ran.code, "analytics:conversationAggregate:view" in ran.out) == (3, True)
        assert ended(cli, process, signal.SIGTERM).code == 0


def test_a_reader_that_has_gone_is_not_blamed_on_the_port(cli: Any) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with cli.start("simulate", "--queues", "1", stdout=writing) as process:
        said = process.stderr.readline().decode()
        process.terminate()
        cli.finish(process)
    os.close(writing)
    assert "--port" not in said


def test_demo_once_shows_both_vendors_side_by_side(cli: Any) -> None:
    ran = cli.here("demo", "--once", "--queues", "3", "--agents", "8")
    assert (ran.code, ran.err) == (0, "")
    names = {source: {row[2] for row in ran.cells if row[0] == source} for source in ("twilio", "genesys")}
    assert names["twilio"] == names["genesys"]
    assert len(names["twilio"]) == 3
    for row in ran.cells:
        assert row[3].isdigit()
        assert (row[3] == "0") == (row[LONGEST] == ".")
        assert row[LONGEST] == "." or TIME.match(row[LONGEST])
        assert row[6].isdigit()
        assert row[7].isdigit()
        assert TIME.match(row[SPEED])
        assert row[HANDLE] == "+" if row[0] == "twilio" else TIME.match(row[HANDLE])
    assert "+  not asked for in the configuration" in ran.out
    assert "set handle_time = 'events'" in ran.out


def test_demo_once_as_lines(cli: Any) -> None:
    ran = cli.here("demo", "--once", "--json", "--queues", "4")
    assert (ran.code, ran.err) == (0, "")
    queues = ran.of("snapshot")
    assert [row["target"]["kind"] for row in queues] == ["queue"] * 8
    for row in queues:
        now, window, gaps = row["realtime"], row["windows"]["30m"], row["gaps"]
        assert isinstance(now["waiting"], int)
        assert isinstance(now["agents"]["available"], int)
        assert (now["longest_wait"] is None) == (now["waiting"] == 0)
        assert now["longest_wait"] is not None or gaps["realtime.longest_wait"]["reason"] == "no_data"
        assert isinstance(window["speed_of_answer"]["count"], int)
        if row["target"]["vendor"] == "genesys":
            assert window["handle"]["average"] is None or window["handle"]["average"] > 0
            assert isinstance(window["handle"]["count"], int)
        else:
            assert window["handle"] is None
            assert gaps["windows.30m.handle"]["reason"] == "not_requested"
    averages = [row["windows"]["30m"]["handle"] for row in queues if row["target"]["vendor"] == "genesys"]
    assert any(one["average"] for one in averages)
    assert [(report["source"], report["status"]) for report in ran.of("source")] == [
        ("genesys", "ok"),
        ("twilio", "ok"),
    ]


@pytest.mark.timeout(30)
def test_demo_without_a_terminal_ends_by_itself(cli: Any) -> None:
    ran = cli.apart("demo", "--queues", "2", "--seed", "5")
    assert (ran.code, ran.err) == (0, "")
    assert len(ran.cells) == 4
    assert "\x1b" not in ran.out


@pytest.mark.timeout(30)
@pytest.mark.prints_credentials
def test_an_outage_is_rehearsed_on_the_vendor_that_is_named(cli: Any) -> None:
    with simulated(cli, "--queues", "1", "--agents", "2", "--fault", "twilio.401") as process:
        ran = cli.here("snapshot", "-c", str(cli.folder / FILE), "--json")
        assert ended(cli, process).code == 0
    assert ran.code == 3
    assert {row["source"]: row["status"] for row in ran.of("source")} == {"twilio": "failed", "genesys": "ok"}


@pytest.mark.parametrize("word", ["429:sixty", "nobody.drop:5%", "slow"])
def test_an_outage_that_cannot_be_understood_is_a_mistake_with_the_forms(cli: Any, word: str) -> None:
    ran = cli.here("simulate", "--fault", word)
    assert ran.code == 2
    assert "--fault" in ran.err
    assert "drop:5%" in ran.err
