"""Where programs that share limits meet: as it is written in a file, and as it is given in Python."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fleet_spending import Meeting
from monitor_fake import FakeAdapter

from ccstats import Monitor, Worker, coordination, fetch, load_config
from ccstats.cli.app import run
from ccstats.config import Config, Limits, Redis, parse_config
from ccstats.errors import ConfigError
from ccstats.testing import FakeOptions

pytestmark = pytest.mark.looptime(noop_cycles=0)
SHARED = {"adapter": "fake", "credential": "c", "limit": 6000, "limits": {"shared": True}}


@pytest.fixture
def met(vendor: FakeAdapter, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Redis, Meeting]]:
    """Every connection that was made, instead of to a server."""
    found: list[tuple[Redis, Meeting]] = []

    def connect(options: Redis) -> Meeting:
        found.append((options, Meeting()))
        return found[-1][1]

    monkeypatch.setattr(coordination, "connect", connect)
    return found


def _config(url: str | None = "redis://127.0.0.1:1", **sources: dict[str, Any]) -> Config:
    return parse_config({"sources": sources} | ({"redis": {"url": url}} if url is not None else {}))


async def test_limits_without_a_place_to_meet_are_a_mistake_that_says_what_to_add(
    met: list[Any], tmp_path: Path
) -> None:
    file = tmp_path / "center.toml"
    file.write_text('[sources.us]\nadapter = "fake"\nlimits = { shared = true }\n')
    for opening in (fetch(file), Monitor(load_config(file)).__aenter__()):
        with pytest.raises(ConfigError, match=r"add \[redis\] with url") as caught:
            await opening
        assert (caught.value.file, caught.value.key) == (str(file), "sources.us.limits.shared")
    assert met == []


async def test_who_shares_meets_the_others_where_the_configuration_says(met: list[Any]) -> None:
    config = _config(us=SHARED, other={"adapter": "fake"})
    await fetch(config)
    ((redis, meeting),) = met
    assert redis is config.redis
    assert meeting.asked == 1, "the queue was read once"
    assert meeting.closed


async def test_options_in_python_share_as_well(met: list[Any]) -> None:
    options = FakeOptions(adapter="fake", credential="c", limit=6000, limits=Limits(shared=True))
    async with Monitor(Config(redis=Redis(url="redis://127.0.0.1:1"), sources={"us": options})) as monitor:
        await monitor.wait_until_ready()
    assert [(meeting.asked > 0, meeting.closed) for _, meeting in met] == [(True, True)]


async def test_a_worker_and_all_that_it_polls_share_one_connection(
    met: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a reload of a file that does not say where, as the command line did."""
    monkeypatch.setattr("ccstats.fleet.worker.connect", coordination.connect)
    worker, ended = Worker(_config(us=SHARED)), asyncio.Event()
    working = asyncio.create_task(worker.run(ended))
    await asyncio.sleep(30)
    await worker.reload(_config(url=None, us={**SHARED, "requests": 2}))
    asked = met[0][1].asked
    await asyncio.sleep(30)
    ended.set()
    await working
    ((_, meeting),) = met
    assert meeting.asked > asked > 0
    assert meeting.closed


async def test_a_worker_that_meets_nobody_shares_no_limit(met: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    """In its own memory there is nobody to share with: it says what to add."""
    worker, ended = Worker(_config(url=None, us=SHARED)), asyncio.Event()
    working = asyncio.create_task(worker.run(ended))
    await asyncio.sleep(10)
    ended.set()
    await working
    assert met == []
    assert any("add [redis] with url" in record.message for record in caplog.records)


async def test_who_shares_nothing_connects_to_nobody(met: list[Any]) -> None:
    await fetch(_config(us={**SHARED, "limits": {}}))
    assert met == []


async def test_a_reloaded_monitor_shares_and_meets_elsewhere(met: list[Any]) -> None:
    alone = {**SHARED, "limits": {}}
    async with Monitor(_config(us=alone)) as monitor:
        await monitor.reload(_config(us=SHARED))
        await monitor.refresh()
        await monitor.reload(_config("redis://127.0.0.1:2", us=SHARED))
        await monitor.refresh()
        await asyncio.sleep(1)
        assert [meeting.closed for _, meeting in met] == [True, False]
        with pytest.raises(ConfigError, match=r"add \[redis\]"):
            await monitor.reload(_config(None, us=SHARED))
        await monitor.reload(_config(us=alone))
        asked = [meeting.asked for _, meeting in met]
        await monitor.refresh()
        assert [meeting.asked for _, meeting in met] == asked
    assert all(number > 0 for number in asked)
    assert [meeting.closed for _, meeting in met] == [True, True]


ACCOUNT = f'adapter = "twilio"\naccount_sid = "AC{"0" * 32}"\nauth_token = "x"\n'
FAKE = 'adapter = "fake"\ncredential = "c"\nlimit = 600\n'


def _file(tmp_path: Path, source: str, *, shared: bool) -> str:
    file = tmp_path / "center.toml"
    text = f'[redis]\nurl = "redis://127.0.0.1:1"\n[sources.us]\n{source}'
    file.write_text(f"{text}limits = {{ shared = {str(shared).lower()} }}\n")
    return str(file)


@pytest.mark.parametrize("shared", [True, False])
def test_plan_says_that_a_budget_is_shared(tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: bool) -> None:
    file = _file(tmp_path, ACCOUNT, shared=shared)
    run(["plan", "-c", file, "--queues", "9"])
    assert ("in the budget, shared with other programs" in " ".join(capsys.readouterr().out.split())) is shared
    run(["plan", "-c", file, "--queues", "9", "--json"])
    assert json.loads(capsys.readouterr().out)["shared"] is shared


@pytest.mark.parametrize("shared", [True, False])
def test_check_says_that_limits_are_shared(
    met: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], shared: bool
) -> None:
    file = _file(tmp_path, FAKE, shared=shared)
    run(["check", "-c", file])
    assert (f"{file}: limits shared with other programs: us\n" in capsys.readouterr().err) is shared
    assert len(met) == shared
