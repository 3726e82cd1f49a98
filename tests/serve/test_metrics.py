"""`/metrics`: a series for every value that is there, none for what is not, and names and words that hold any text."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics import parser

from ccstats.errors import UnavailableError
from ccstats.model import Agents, Group, Kind, Realtime, ServiceLevel, Snapshot, Status, Target, TimeStat, Window
from ccstats.serve.exposition import exposed, gathered

SAMPLE = re.compile(r'([a-z0-9_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*)\} (\S+)')


def queue(ident: str = "q0", name: str | None = "Billing", **families: Any) -> Snapshot:
    return Snapshot(target=Target(source="us", vendor="v", kind=Kind.QUEUE, id=ident, name=name), **families)


def series(*snapshots: Snapshot, groups: tuple[Group, ...] = ()) -> dict[str, str]:
    """Every sample by its name and labels."""
    found = {}
    for line in "".join(exposed(gathered(snapshots, groups))).split("\n"):
        if line and not line.startswith("#"):
            match = SAMPLE.fullmatch(line)
            assert match is not None, line
            assert f"{match[1]}|{match[2]}" not in found
            found[f"{match[1]}|{match[2]}"] = match[3]
    return found


def test_a_value_is_a_series_and_a_gap_is_none() -> None:
    now = Realtime(waiting=0, longest_wait=timedelta(seconds=90), agents=Agents(available=3))
    labels = 'source="us",id="q0",name="Billing"'
    assert series(queue(realtime=now)) == {
        f"ccstats_queue_waiting|{labels}": "0",
        f"ccstats_queue_longest_wait_seconds|{labels}": "90.0",
        f"ccstats_queue_agents_available|{labels}": "3",
    }


@pytest.mark.parametrize("status", [Status.STALE, Status.FAILED, Status.GONE])
def test_numbers_that_are_no_longer_true_have_no_series(status: Status) -> None:
    assert (
        series(queue(realtime=Realtime(waiting=4, status=status), windows={"30m": Window(offered=1, status=status)}))
        == {}
    )


def test_a_time_of_a_window_has_its_parts_and_a_service_level_its_threshold() -> None:
    handle = TimeStat(count=2, sum=timedelta(seconds=30), max=timedelta(seconds=20))
    level = ServiceLevel(threshold=timedelta(seconds=20), met=3, vendor_ratio=0.75)
    found = series(queue(windows={"30m": Window(handle=handle, service_levels=(level,))}))
    assert {name.partition("|")[0]: value for name, value in found.items()} == {
        "ccstats_queue_window_handle_measured": "2",
        "ccstats_queue_window_handle_sum_seconds": "30.0",
        "ccstats_queue_window_handle_average_seconds": "15.0",
        "ccstats_queue_window_handle_max_seconds": "20.0",
        "ccstats_queue_window_service_levels_met": "3",
        "ccstats_queue_window_service_levels_vendor_ratio": "0.75",
    }
    assert any('window="30m",threshold="20"' in name for name in found)


@given(st.text(), st.text(min_size=1))
def test_names_hold_any_text_and_two_queues_of_one_name_are_two_series(name: str, ident: str) -> None:
    found = series(
        queue(ident, name, realtime=Realtime(waiting=1)), queue(ident + "x", name, realtime=Realtime(waiting=2))
    )
    assert sorted(found.values()) == ["1", "2"]


async def samples(served: Any, accept: str = "*/*") -> str:
    async with served.get("/metrics", Accept=accept) as response:
        assert response.status == 200
        return str(await response.text())


async def test_a_queue_that_fails_ends_its_series_and_its_age_stays(serve: Any, vendor: Any) -> None:
    async with serve("acme", "other") as served:
        assert 'ccstats_queue_waiting{source="acme"' in await samples(served)
        assert 'ccstats_source_up{source="acme",vendor="fake"} 1' in await samples(served)
        vendor["acme"].fails = lambda _: UnavailableError("out of order")
        await served.monitor.refresh("acme:*")
        text = await samples(served)
        assert 'ccstats_source_up{source="acme",vendor="fake"} 0' in text
        assert 'ccstats_source_up{source="other",vendor="fake"} 1' in text
        assert 'ccstats_queue_age_seconds{source="acme"' in text


async def test_open_metrics_is_written_where_it_is_asked_for(serve: Any) -> None:
    async with serve() as served:
        plain = await samples(served)
        opened = await samples(served, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert "# TYPE ccstats_source_requests_total counter" in plain
    assert "# TYPE ccstats_source_requests counter\nccstats_source_requests_total{" in opened
    assert (plain.endswith("# EOF\n"), opened.endswith("# EOF\n")) == (False, True)


async def test_the_reference_parser_reads_the_same_numbers(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve("acme", groups={"all": ("acme:*",)}) as served:
        text = await samples(served, "application/openmetrics-text")
        waiting = {
            key: one.realtime.waiting for key, one in served.monitor.latest().items() if one.realtime is not None
        }
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    read = {
        f"{one.labels['source']}:queue:{one.labels['id']}": one.value
        for one in families["ccstats_queue_waiting"].samples
    }
    assert read == waiting
    assert [one.value for one in families["ccstats_group_waiting"].samples] == [sum(waiting.values())]
