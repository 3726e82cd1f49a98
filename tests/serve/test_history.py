"""Readings that were: kept in a file, bounded by age, there again after any end of the process."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ccstats.errors import ConfigError
from ccstats.serve.history import History

KILLED = """
import sys, time
from pathlib import Path
from ccstats.serve.history import History
history = History(Path(sys.argv[1]))
for number in range(1_000_000):
    history.put([("us:queue:q0", number * 1000, number, None, None, None)], 0)
    print(number, flush=True)
"""


async def test_what_was_read_is_there_by_target_and_group(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(2)
    async with serve("acme", groups={"all": ("acme:*",)}, history_every="20ms") as served:
        waiting = {key: one.realtime.waiting for key, one in served.monitor.latest().items()}
        waiting["group:all"] = sum(waiting.values())
        found = await until(served, lambda series: all(series.values()) and len(series) == 3)
        assert {key: points[-1][1] for key, points in found.items()} == waiting
        assert abs(found["acme:queue:q0"][-1][0] - served.monitor.now().timestamp()) < 60
        assert list(await past(served, "?match=*q1")) == ["acme:queue:q1"]


async def test_a_file_survives_the_server(serve: Any, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    async with serve(history=path) as served:
        first = served.monitor.latest()["acme:queue:q0"].realtime.waiting
    async with serve(history=path) as served:
        assert [one[1] for one in (await past(served))["acme:queue:q0"]] == [first]


async def test_a_queue_that_is_not_read_well_leaves_no_point(serve: Any, vendor: Any, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    vendor["acme"].many(2)
    vendor["acme"].fails = lambda _: RuntimeError("a bug")
    async with serve(history=path):
        pass
    history = History(path)
    assert history.points(["acme:queue:q0", "acme:queue:q1"], 0, 1000) == {"acme:queue:q0": [], "acme:queue:q1": []}
    history.close()


def test_a_killed_process_loses_nothing_that_it_had_written(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with subprocess.Popen([sys.executable, "-P", "-c", KILLED, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 50:
            pass
        os.kill(process.pid, signal.SIGKILL)
        last = int((process.stdout.read().split() or [b"50"])[-1])
    history = History(path)
    points = history.points(["us:queue:q0"], 0, 1000)["us:queue:q0"]
    assert [point[1] for point in points][: last + 1] == list(range(last + 1))
    history.put([("us:queue:q0", 10**12, 7, None, None, None)], 0)
    history.close()


def test_what_is_too_old_is_forgotten_and_of_a_step_the_last_counts() -> None:
    history = History(None)
    for at in range(100):
        history.put([("q", at * 1000, at, 1.5, None, 2)], oldest=(at - 59) * 1000)
    assert [point[1] for point in history.points(["q"], 0, 20_000)["q"]] == [59, 79, 99]
    assert history.points(["q"], 0, 1000)["q"][0] == (40.0, 40, 1.5, None, 2)
    assert history.points(["nobody"], 0, 1000) == {"nobody": []}
    history.close()


@pytest.mark.parametrize("since", [0, 40_500, 59_999])
def test_steps_count_from_where_the_answer_begins(since: int) -> None:
    history = History(None)
    for at in range(0, 120_000, 500):
        history.put([("q", since + at, at, None, None, None)], 0)
    assert [point[1] for point in history.points(["q"], since, 60_000)["q"]] == [59_500, 119_500]
    history.close()


async def test_there_are_no_more_points_than_were_asked_for(serve: Any, tmp_path: Path) -> None:
    now, history = int(time.time() * 1000), History(tmp_path / "history.db")
    history.put([("acme:queue:q0", now - back, 1, None, None, None) for back in range(0, 60_000, 100)], 0)
    history.close()
    async with serve(history=tmp_path / "history.db") as served:
        (series,) = (await served.json("/api/v1/history?minutes=1&points=7"))["series"]
        assert len(series["points"]) == 7


def test_ten_thousand_queues_are_written_in_less_than_a_second() -> None:
    history = History(None)
    began = time.perf_counter()
    history.put([(f"us:queue:{number}", 1000, number, 1.0, 2, 3) for number in range(10_000)], 0)
    assert time.perf_counter() - began < 1
    history.close()


async def test_a_file_that_is_no_history_is_a_mistake_of_the_configuration(serve: Any, tmp_path: Path) -> None:
    for name, content in (("text", b"x" * 5000), ("folder/none.db", None)):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigError, match="cannot be used"):
            async with serve(history=path):
                pass
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(ConfigError, match="another program's"):
        async with serve(history=tmp_path / "other.db"):
            pass


async def test_too_much_at_once_is_refused(serve: Any, vendor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccstats.serve.api.MOST_POINTS", 100)
    vendor["acme"].many(3)
    async with serve("acme") as served, served.get("/api/v1/history?points=50") as response:
        assert response.status == 413


async def past(served: Any, query: str = "") -> dict[str, Any]:
    answer = await served.json(f"/api/v1/history{query}")
    assert answer["step"] == timedelta(minutes=30).total_seconds() / 60
    return {one["key"]: one["points"] for one in answer["series"]}


async def until(served: Any, fits: Any) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while not fits(found := await past(served)):
            pass
    return found
