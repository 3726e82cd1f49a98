"""`ccstats snapshot --json`: lines that a schema describes, that read back equal, and whose nulls have reasons."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from ccstats import Definitions, Group, Snapshot, SourceReport
from ccstats.simulator.face import Fault

MODELS = {"snapshot": Snapshot, "source": SourceReport, "definitions": Definitions, "group": Group}
KEYED = ("by_channel", "waiting_by_priority")
"""Tables whose keys are data: they do not belong to the path of a metric."""
WITHOUT_REASON = ("error", "raw", "scope", "name")
GENEROUS = {"twilio": {"activity_durations": True}, "genesys": {"select": {"kinds": ["queue", "workspace"]}}}


def nulls(value: Any, path: str = "") -> Iterator[str]:
    """The metric path of every null, without the indexes of lists and the keys of tables."""
    if value is None:
        yield path
    elif isinstance(value, dict) and path.rpartition(".")[2] in KEYED:
        for item in value.values():
            yield from _nulls_of(item, path)
    else:
        yield from _nulls_of(value, path)


def _nulls_of(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _nulls_of(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in WITHOUT_REASON:
                yield from nulls(item, f"{path}.{key}".lstrip("."))


def explained(path: str, gaps: dict[str, Any]) -> bool:
    """Whether there is a gap at a path or above it."""
    steps = path.split(".")
    return any(".".join(steps[:count]) in gaps for count in range(len(steps), 0, -1))


def unexplained(row: dict[str, Any]) -> list[str]:
    measured = {"realtime": row["realtime"], "windows": row["windows"]}
    return sorted({path for path in nulls(measured) if not explained(path, row["gaps"])})


@pytest.fixture
def validator(cli: Any) -> Draft202012Validator:
    document = json.loads(cli.here("schema").out)
    return Draft202012Validator(document, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("extra", [(), ("--raw",)], ids=["", "raw"])
async def test_every_line_is_what_the_schema_says_and_reads_back(
    cli: Any, validator: Draft202012Validator, extra: tuple[str, ...]
) -> None:
    async with cli.vendors(poll={"windows": ["30m", "today@Europe/Berlin"]}, options=GENEROUS) as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json", *extra)
    assert (ran.code, ran.err) == (0, "")
    assert [row["type"] for row in ran.rows] == ["snapshot"] * 9 + ["definitions"] * 5 + ["source"] * 2
    for line, row in zip(ran.out.splitlines(), ran.rows, strict=True):
        validator.validate(row)
        assert MODELS[row["type"]].model_validate_json(line).model_dump_json() == line


@pytest.mark.parametrize(
    ("way", "wrong"),
    [
        (("realtime", "waiting"), -1),
        (("realtime", "waiting"), "6"),
        (("realtime", "status"), "tired"),
        (("realtime", "observed_at"), "yesterday"),
        (("realtime", "longest_wait"), 1e300),
        (("windows", "30m", "offered"), True),
        (("target", "kind"), "team"),
        (("gaps", "realtime"), {"reason": "mood", "detail": ""}),
        (("v",), 2),
    ],
    ids=str,
)
async def test_the_schema_refuses_what_the_model_does(
    cli: Any, validator: Draft202012Validator, way: tuple[str, ...], wrong: object
) -> None:
    async with cli.vendors() as vendors:
        row = (await cli.beside("snapshot", "-c", vendors.file, "--json", "--kind", "queue")).rows[0]
    part = row
    for step in way[:-1]:
        part = part[step]
    part[way[-1]] = wrong
    with pytest.raises(ValidationError):
        validator.validate(row)
    with pytest.raises(ValueError, match="validation error"):
        Snapshot.model_validate_json(json.dumps(row))


async def test_every_null_has_a_reason(cli: Any) -> None:
    async with cli.vendors(options=GENEROUS) as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json")
    rows = ran.of("snapshot")
    assert sum(len(list(nulls(row["windows"]))) for row in rows) > 20
    assert {row["target"]["key"]: unexplained(row) for row in rows if unexplained(row)} == {}
    assert all(unexplained({**row, "gaps": {}}) for row in rows)


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"genesys": {"apis": ["stats"]}}, {}),
        ({"genesys": {"permissions": ["routing:queue:search", "analytics:queueObservation:view"]}}, {}),
        ({"twilio": {"worker_statistics_cap": 1}}, {"twilio": {"detail": "totals"}}),
        ({}, {"twilio": {"minutes": 15, "longest_wait": "since_queue_entry"}, "genesys": {"api": "observations"}}),
        ({}, {"twilio": {"select": {"kinds": ["agent"]}}}),
    ],
    ids=["stats", "restricted", "totals", "minutes", "agents"],
)
async def test_every_null_has_a_reason_however_it_was_read(
    cli: Any, validator: Draft202012Validator, settings: Any, options: Any
) -> None:
    async with cli.vendors(settings=settings, options=options) as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json")
    assert ran.code == 0
    for row in ran.rows:
        validator.validate(row)
    rows = ran.of("snapshot")
    assert {row["target"]["key"]: unexplained(row) for row in rows if unexplained(row)} == {}


async def test_what_could_not_be_read_says_so_in_place(cli: Any, validator: Draft202012Validator) -> None:
    async with cli.vendors() as vendors:
        vendors.genesys.world.faults.add(Fault(match="/observations/query", status=400))
        vendors.twilio.world.faults.add(Fault(status=401))
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json")
    assert ran.code == 3
    for row in ran.rows:
        validator.validate(row)
    queues = ran.of("snapshot", kind="queue")
    assert {row["realtime"]["error"]["status"] for row in queues} == {400}
    assert {(row["realtime"]["status"], row["windows"]["30m"]["status"]) for row in queues} == {("failed", "fresh")}
    assert [unexplained(row) for row in queues] == [[]] * 3
    assert all(row["realtime"]["waiting"] is None and row["windows"]["30m"]["offered"] is not None for row in queues)
    assert [report["status"] for report in ran.of("source")] == ["failed", "partial"]
    assert all(line.startswith("failed: ") for line in ran.err.splitlines())


async def test_raw_is_the_vendors_own_answer_and_only_on_request(cli: Any) -> None:
    async with cli.vendors() as vendors:
        plain = await cli.beside("snapshot", "-c", vendors.file, "--json")
        raw = await cli.beside("snapshot", "-c", vendors.file, "--json", "--raw")
    assert {row["raw"] for row in plain.of("snapshot")} == {None}
    assert all(set(row["raw"]) == {"realtime", "windows.30m"} for row in raw.of("snapshot"))
    twilio, genesys = (raw.of("snapshot", source=name, kind="queue")[0] for name in ("twilio", "genesys"))
    own = twilio["raw"]["realtime"]
    assert own["task_queue_sid"] == twilio["target"]["id"]
    assert own["tasks_by_status"]["pending"] + own["tasks_by_status"]["reserved"] == twilio["realtime"]["waiting"]
    assert {group["group"]["queueId"] for group in genesys["raw"]["realtime"]} == {genesys["target"]["id"]}


async def test_what_is_read_can_be_narrowed(cli: Any) -> None:
    async with cli.vendors() as vendors:

        async def keys(*arguments: str) -> list[str]:
            ran = await cli.beside("snapshot", "-c", vendors.file, "--json", *arguments)
            assert ran.code == 0
            return [row["target"]["key"] for row in ran.of("snapshot")]

        everything = await keys()
        queues = [key for key in everything if ":queue:" in key]
        assert (len(everything), len(queues)) == (9, 6)
        assert await keys("--kind", "queue") == queues
        assert await keys("--kind", "workflow", "--kind", "workspace") == [k for k in everything if k not in queues]
        assert await keys("--source", "genesys") == [key for key in everything if key.startswith("genesys:")]
        assert await keys("--match", "genesys:queue:*") == [key for key in queues if key.startswith("genesys:")]
        billing = await keys("--match", "Bill*", "--kind", "queue")
        assert [key.partition(":")[0] for key in billing] == ["twilio", "genesys"]
        assert await keys("--match", billing[0].rpartition(":")[2]) == billing[:1]
        sales = await keys("--match", "Sales")
        assert await keys("--match", "Bill*", "--match", "Sales") == [key for key in queues if key in billing + sales]


@pytest.mark.parametrize("family", ["realtime", "window"])
async def test_one_family_is_read_alone_and_costs_less(cli: Any, family: str) -> None:
    async with cli.vendors() as vendors:
        both = await cli.beside("snapshot", "-c", vendors.file, "--json")
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json", "--family", family)
    shown = {(row["realtime"] is not None, bool(row["windows"])) for row in ran.of("snapshot")}
    assert shown == {(family == "realtime", family == "window")}
    requests = [[report["requests"] for report in one.of("source")] for one in (ran, both)]
    assert all(fewer < more for fewer, more in zip(*requests, strict=True))


async def test_a_family_that_was_not_asked_for_says_so(cli: Any) -> None:
    async with cli.vendors() as vendors:
        ran = await cli.beside("snapshot", "-c", vendors.file, "--json", "--family", "window")
    assert {row["gaps"].get("realtime", {}).get("reason") for row in ran.of("snapshot")} == {"not_requested"}


async def test_twice_verbose_says_every_request_on_stderr(cli: Any) -> None:
    async with cli.vendors() as vendors:
        verbose = await asyncio.to_thread(cli.apart, "-vv", "snapshot", "-c", vendors.file, "--json")
    assert len(verbose.of("snapshot")) == 9
    assert "/v1/Workspaces" in verbose.err
    assert "/api/v2/analytics/queues/observations/query" in verbose.err
