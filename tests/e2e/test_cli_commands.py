"""What there is to be read (`targets`), by whom (`adapters`), and what an account lets us read (`check`)."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ccstats import __version__
from ccstats.registry import load_adapter
from ccstats.simulator.face import Fault
from ccstats_genesys.face.settings import PERMISSIONS

MOST_PROBES = 6
VERDICTS = {"confirmed", "contradicted", "undecided"}
SUPPORT = {"full", "derived", "unsupported", "not_implemented", "on_request"}


def test_help_names_every_command_and_exit_code(cli: Any) -> None:
    ran = cli.here("--help")
    assert (ran.code, ran.err) == (0, "")
    for command in ("snapshot", "targets", "check", "adapters", "schema", "simulate", "demo"):
        assert f"\n  {command} " in ran.out
        shown = cli.here(command, "--help")
        assert (shown.code, shown.err) == (0, "")
        assert shown.out.startswith(f"Usage: ccstats {command}")
    words = " ".join(ran.out.split())
    for code in (
        "0 all read",
        "2 configuration",
        "3 some targets failed",
        "4 nothing could be read",
        "130 interrupted",
    ):
        assert code in words


def test_the_version_is_the_installed_one(cli: Any) -> None:
    ran = cli.here("--version")
    assert (ran.code, ran.out) == (0, f"ccstats, version {__version__}\n")


async def test_targets_lists_what_is_selected_and_reads_no_statistics(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("targets", "-c", vendors.file)
        asked = [record.path for one in (vendors.twilio, vendors.genesys) for record in one.world.requests]
    assert (ran.code, ran.err) == (0, "")
    kinds = [row[1] for row in ran.cells]
    assert sorted(kinds) == ["queue"] * 6 + ["workflow"] + ["workspace"] * 2
    assert {row[2] for row in ran.cells if row[1] == "queue"} == {"Billing", "Sales", "Support"}
    assert len(asked) > 5
    assert [path for path in asked if "Statistics" in path or "analytics" in path] == []


async def test_targets_as_lines_are_the_targets_of_the_snapshots(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("targets", "-c", vendors.file, "--json")
        read = await cli.beside("snapshot", "-c", vendors.file, "--json", "--family", "realtime")
        some = await cli.beside("targets", "-c", vendors.file, "--json", "--kind", "queue", "--match", "S*")
    assert (ran.code, ran.err) == (0, "")
    assert [row["type"] for row in ran.rows] == ["target"] * 9 + ["source"] * 2
    plain = [{key: value for key, value in row.items() if key not in ("type", "v")} for row in ran.of("target")]
    assert plain == [row["target"] for row in read.of("snapshot")]
    assert sorted((row["source"], row["name"]) for row in some.of("target")) == [
        (source, name) for source in ("genesys", "twilio") for name in ("Sales", "Support")
    ]


def test_adapters_are_listed(cli: Any) -> None:
    ran = cli.here("adapters")
    assert (ran.code, ran.err) == (0, "")
    assert [row[:3] + row[4:] for row in ran.cells] == [
        [name, "ccstats", __version__, "yes"] for name in ("genesys", "twilio")
    ]
    rows = cli.here("adapters", "--json").rows
    assert [(row["name"], row["simulator"]) for row in rows] == [("genesys", True), ("twilio", True)]


@pytest.mark.parametrize("name", ["twilio", "genesys"])
def test_an_adapter_says_metric_by_metric_what_it_can(cli: Any, name: str) -> None:
    declared = {
        (kind.value, metric, ability.support.value)
        for kind, table in load_adapter(name).abilities.items()
        for metric, ability in table.items()
    }
    rows = cli.here("adapters", name, "--json").rows
    assert {(row["kind"], row["metric"], row["support"]) for row in rows} == declared
    assert {row["support"] for row in rows} <= SUPPORT
    assert all(row["origin"] for row in rows if row["support"] in ("full", "derived"))
    table = cli.here("adapters", name)
    assert (table.code, table.err) == (0, "")
    assert {metric for _, metric, _ in declared} == {row[0] for row in table.cells if row[0]}
    assert all(f"{name}: {kind}" in table.out for kind, _, _ in declared)


def test_schema_is_a_json_schema_of_every_kind_of_line(cli: Any) -> None:
    ran = cli.here("schema")
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert not Draft202012Validator(document).is_valid({"type": "mood"})
    assert set(document["discriminator"]["mapping"]) == {"snapshot", "group", "definitions", "source"}


async def test_check_says_what_is_missing_and_why(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("check", "-c", vendors.file)
    assert ran.code == 0
    assert ran.err == f"{vendors.file}: the configuration is valid\n"
    for words in ("genesys: what is missing", "twilio: what is missing", "windows.30m.handle", "3 of 3", "unsupported"):
        assert words in ran.out
    assert "activity_durations = true" in ran.out
    assert "genesys (genesys): ok" in ran.out


@pytest.mark.parametrize(
    "lacking",
    [
        "analytics:conversationAggregate:view",
        "analytics:agentState:view",
        "presence:presenceDefinition:view",
        "routing:queue:view",
    ],
)
async def test_check_names_a_permission_that_is_missing(cli: Any, lacking: str) -> None:
    async with cli.vendors(settings={"genesys": {"permissions": sorted(PERMISSIONS - {lacking})}}) as vendors:
        ran = await cli.beside("check", "-c", vendors.file)
        with_all = await cli.beside("check", "-c", vendors.file, "--source", "twilio")
    assert ran.code == 0
    assert lacking in ran.out
    assert lacking not in with_all.out


async def test_check_names_the_permission_without_which_nothing_is_known_now(cli: Any) -> None:
    lacking = "analytics:queueObservation:view"
    async with cli.vendors(settings={"genesys": {"permissions": sorted(PERMISSIONS - {lacking})}}) as vendors:
        ran = await cli.beside("check", "-c", vendors.file)
    assert ran.code == 3
    assert ran.err.count(lacking) == 4
    assert "genesys (genesys): partial" in ran.out


async def test_check_tells_what_is_only_not_permitted_from_what_the_vendor_does_not_have(cli: Any) -> None:
    kept = sorted(PERMISSIONS - {"analytics:conversationAggregate:view", "analytics:queueObservation:view"})
    async with cli.vendors(settings={"genesys": {"permissions": kept}}) as vendors:
        ran = await cli.beside("check", "-c", vendors.file)
    text = " ".join(ran.out.split())
    shut = text.partition("genesys: only not permitted")[2].partition("genesys (genesys)")[0]
    assert "analytics:conversationAggregate:view: queue: windows.30m" in shut
    assert "analytics:queueObservation:view" in shut
    assert "queue: realtime" in shut
    assert "twilio: only not permitted" not in ran.out
    never = text.partition("twilio: not supported by the vendor")[2]
    assert "realtime.agents.off_queue" in never
    assert "windows.30m.hold" in never
    assert "windows.30m.handle," not in never


async def test_check_reads_only_the_named_source(cli: Any) -> None:
    async with cli.vendors() as vendors:
        assert (await cli.beside("check", "-c", vendors.file, "--source", "genesys")).code == 0
        assert (vendors.twilio.world.requests.total, vendors.genesys.world.requests.total > 0) == (0, True)


async def test_probe_settles_questions_with_six_requests_at_most(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("check", "-c", vendors.file, "--probe")
        spent = {one.face.name: one.world.requests.total for one in (vendors.twilio, vendors.genesys)}
    assert ran.code == 0
    assert all(0 < number <= MOST_PROBES for number in spent.values())
    for name, number in spent.items():
        assert f"{name}: {number} requests" in ran.out
    verdicts = [row[2] for row in ran.cells if row[2]]
    assert len(verdicts) == 10
    assert set(verdicts) <= VERDICTS
    assert "contradicted" not in verdicts
    assert verdicts.count("confirmed") >= 8


@pytest.mark.parametrize("match", ["", "/oauth/token", "Statistics", "/observations/query"])
async def test_probe_keeps_to_six_requests_when_all_goes_wrong(cli: Any, match: str) -> None:
    async with cli.vendors() as vendors:
        for one in (vendors.twilio, vendors.genesys):
            one.world.faults.add(Fault(match=match, status=503, headers={"Retry-After": "0"}))
        ran = await cli.beside("check", "-c", vendors.file, "--probe")
        spent = [one.world.requests.total for one in (vendors.twilio, vendors.genesys)]
    assert max(spent) <= MOST_PROBES
    assert ran.code == (4 if match == "" else 3), "questions that could not be asked are named, and counted as failures"
    assert "Traceback" not in ran.err


async def test_a_query_that_was_not_answered_contradicts_nothing(cli: Any) -> None:
    async with cli.vendors() as vendors:
        vendors.genesys.world.faults.add(Fault(match="/observations/query", status=503, headers={"Retry-After": "0"}))
        ran = await cli.beside("check", "-c", vendors.file, "--probe", "--source", "genesys")
    assert "503" in ran.out
    assert "contradicted" not in ran.out
