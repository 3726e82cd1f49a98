"""Who polls what: out of what is said in the table, and as `ccstats fleet` prints it from a real server."""

import asyncio
import json
from pathlib import Path

import pytest
from fleet_server import RedisServer, free_port
from fleet_writing import stats

from ccstats.cli.app import run
from ccstats.config import Redis, Secret
from ccstats.coordination import Life, connect
from ccstats.fleet.about import About
from ccstats.fleet.overview import overview
from ccstats.fleet.sources import SILENT
from ccstats.monitor import SourceState

NOW = 1_790_000_000.0
LEASE = 30.0


def said(worker: str, source: str, *, ago: float = 1.0, now: float = NOW, **more: object) -> bytes:
    return About(worker, True, stats(source, **more), now - ago, f"acme-{source}").encoded()


def life(*workers: str) -> Life:
    return Life(NOW, "one", NOW - 60, workers)


def test_every_source_is_polled_by_whoever_said_so_last() -> None:
    found = overview(life("a", "b", "idle"), {"us": said("a", "us"), "emea": said("b", "emea")}, ["us"])

    assert found.all_polled
    assert dict(found.workers) == {"a": 1, "b": 1, "idle": 0}
    assert [(one.source, one.about and one.about.shard, one.said_ago) for one in found.sources] == [
        ("emea", "acme-emea", 1.0),
        ("us", "acme-us", 1.0),
    ]


def test_a_source_that_fails_is_polled_all_the_same() -> None:
    found = overview(life("a"), {"us": said("a", "us", state=SourceState.PARKED, error="refused")})

    assert found.all_polled
    assert found.sources[0].error == "refused"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"us": said("a", "us", ago=SILENT + 1)}, "the last word of a is 16 s old"),
        ({"us": b"{}"}, "another version"),
        ({}, "nobody has polled it yet"),
    ],
    ids=["silent", "foreign", "never heard of"],
)
def test_a_source_that_nobody_polls_is_named_with_the_reason(told: dict[str, bytes], words: str) -> None:
    found = overview(life("a"), told, ["us"])

    assert not found.all_polled
    assert words in (found.sources[0].error or "")
    assert dict(found.workers) == {"a": 0}


def test_an_empty_table_is_not_all_polled() -> None:
    assert not overview(life(), {}).all_polled


def test_a_word_from_the_future_is_no_seconds_old() -> None:
    assert overview(life(), {"us": said("a", "us", ago=-2.0)}).sources[0].said_ago == 0.0


async def _fill(url: str, *sources: str, ago: float = 0.0) -> None:
    coordinator = connect(Redis(url=Secret(url)))
    now = (await coordinator.life()).at
    for worker in ("w1", "stand-by"):
        await coordinator.beat(worker, {}, [], lease=LEASE)
    for source in sources:
        await coordinator.write(source, 1, source, {}, [], said("w1", source, ago=ago, now=now, targets=7))
    await coordinator.aclose()


def test_one_look_at_a_real_server_says_who_polls_what(
    redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(_fill(redis_server.url, "us", "emea"))

    assert run(["fleet", "--redis", redis_server.url, "--json"]) == 0
    whole, *sources = map(json.loads, capsys.readouterr().out.splitlines())
    assert whole["workers"] == {"stand-by": 0, "w1": 2}
    assert whole["epoch_age"] >= 0
    assert [(one["source"], one["worker"], one["targets"], one["polled"]) for one in sources] == [
        ("emea", "w1", 7, True),
        ("us", "w1", 7, True),
    ]
    assert run(["fleet", "--redis", redis_server.url]) == 0
    shown = capsys.readouterr().out
    assert "acme-emea" in shown
    assert "stand-by stands by" in shown


def test_what_the_file_names_and_nobody_polls_is_exit_code_3(
    redis_server: RedisServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ccstats.toml"
    table = '[redis]\nurl = "{}"\n[sources.{}]\nadapter = "fake"\ntoken = {{ env = "NOBODY_SET_THIS" }}\n'
    path.write_text(table.format(redis_server.url, "us"))
    assert run(["fleet", "-c", str(path)]) == 3
    assert "failed: source us: nobody has polled it yet" in capsys.readouterr().err

    asyncio.run(_fill(redis_server.url, "us"))
    assert run(["fleet", "-c", str(path)]) == 0
    asyncio.run(_fill(redis_server.url, "us", ago=60.0))
    assert run(["fleet", "-c", str(path)]) == 3
    shown = capsys.readouterr()
    assert "nobody (was w1)" in shown.out
    assert "failed: source us: nobody polls it: the last word of w1 is 60 s old" in shown.err


def test_a_server_that_is_away_is_exit_code_4(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"redis://127.0.0.1:{free_port()}"

    assert run(["fleet", "--redis", url]) == 4
    assert "no connection (Connection refused)" in capsys.readouterr().err
    assert run(["fleet"]) == 2
