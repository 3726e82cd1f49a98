"""The command line in a terminal, eighty columns wide and more: live, readable, and gone on ctrl-c."""

import asyncio
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from e2e_cli_runs import COMMAND, environment

from ccstats.simulator.face import Fault

BOUND_S = 15.0
ROWS = 60
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CUT = re.compile(r"^[\d:.%]*…$")
"""What is left of a number that did not fit."""
EXAMPLE = ("demo", "--once", "--queues", "3", "--agents", "8")


class Terminal:
    """A command line in a pseudo-terminal."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self.master = master
        self._shown = b""

    @property
    def shown(self) -> str:
        """All that has been written so far, without colours and movements."""
        return CONTROL.sub("", self._shown.decode(errors="replace")).replace("\r\n", "\n")

    @property
    def written(self) -> str:
        """All that has been written so far, as it came."""
        return self._shown.decode(errors="replace")

    def until(self, enough: Callable[[str], bool]) -> bool:
        """Read on until the output is enough; False where it ended, or the bound was reached, before."""
        due = monotonic() + BOUND_S
        while not enough(self.written):
            ready, _, _ = select.select([self.master], [], [], max(0.0, due - monotonic()))
            if not ready:
                return False
            try:
                piece = os.read(self.master, 65536)
            except OSError:  # Linux: the other side is closed
                return False
            if not piece:
                return False
            self._shown += piece
        return True

    def type(self, text: str) -> str:
        """Type into it, and return what a whole picture after that looks like."""
        seen = len(self._shown)
        os.write(self.master, text.encode())
        assert self.until(lambda written: self._pictures(seen).count("q end") >= 3)
        return self._pictures(seen).split("q end")[-2]

    def _pictures(self, since: int) -> str:
        return CONTROL.sub("", self._shown[since:].decode(errors="replace"))

    def end(self) -> int:
        """Read to the end and return the exit code."""
        self.until(lambda _: False)
        return self.process.wait(BOUND_S)


@contextmanager
def terminal(folder: Path, *arguments: str, columns: int = 200) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    process = subprocess.Popen(  # the interpreter that runs this test
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(TERM="xterm-256color"),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        yield Terminal(process, master)
    finally:
        process.kill()
        process.wait()
        os.close(master)


@pytest.mark.timeout(60)
def test_keys_order_and_filter_the_rows_and_end_it(cli: Any) -> None:
    with terminal(cli.folder, "demo", "--queues", "3") as screen:
        before = termios.tcgetattr(screen.master)
        assert screen.until(lambda written: "q end" in written and "Sales" in written)
        assert termios.tcgetattr(screen.master) != before
        picture = screen.type("/sales\r")
        assert "Sales" in picture
        assert "Billing" not in picture
        assert "order: source" in screen.type("s")
        assert "Billing" in screen.type("\x1b")
        os.write(screen.master, b"q")
        assert screen.end() == 0
        assert termios.tcgetattr(screen.master) == before


def test_demo_is_live_until_ctrl_c(cli: Any) -> None:
    with terminal(cli.folder, "demo", "--queues", "2") as screen:
        assert screen.until(lambda written: written.count("Billing") >= 4), "two looks at two vendors"
        assert screen.process.poll() is None
        screen.process.send_signal(signal.SIGINT)
        assert screen.end() == 0
    assert "Traceback" not in screen.shown
    assert "\x1b[?1049h" in screen.written, "it has the screen to itself, and gives it back"
    assert "\x1b[?1049l" in screen.written
    assert "\x1b[?25h" in screen.written.rpartition("\x1b[?25l")[2], "the cursor is visible again"


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], list[str]]:
    """The lines of the demonstration in a terminal so many columns wide."""

    @cache
    def lines(columns: int) -> list[str]:
        with terminal(tmp_path_factory.getbasetemp(), *EXAMPLE, columns=columns) as screen:
            assert screen.end() == 0
        return screen.shown.splitlines()

    return lines


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "columns",
    [
        80,
        120,
        200,
    ],
)
def test_no_number_is_cut(example: Callable[[int], list[str]], columns: int) -> None:
    assert [line for line in example(columns) if any(CUT.match(word) for word in line.split())] == []


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "columns",
    [
        80,
        120,
        200,
    ],
)
def test_no_heading_is_cut(example: Callable[[int], list[str]], columns: int) -> None:
    lines = example(columns)
    first = next(number for number, line in enumerate(lines) if "genesys" in line or "twilio" in line)
    assert first > 1
    assert [line for line in lines[:first] if "…" in line] == []


@pytest.mark.timeout(30)
def test_nothing_is_wider_than_the_terminal(cli: Any) -> None:
    with terminal(cli.folder, "adapters", "twilio", columns=80) as screen:
        assert screen.end() == 0
    assert max(len(line) for line in screen.shown.splitlines()) <= 80


@pytest.mark.timeout(30)
async def test_progress_is_shown_only_where_somebody_looks(cli: Any) -> None:
    async with cli.vendors() as vendors:
        vendors.twilio.world.faults.add(Fault(times=1, delay_s=0.5))
        with terminal(cli.folder, "snapshot", "-c", vendors.file) as screen:
            code = await asyncio.to_thread(screen.end)
        apart = await asyncio.to_thread(cli.apart, "snapshot", "-c", vendors.file)
    assert (code, apart.code) == (0, 0)
    assert "finding out what there is" in screen.shown
    assert apart.err == ""
    assert "\x1b" not in apart.out
