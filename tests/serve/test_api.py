"""The API: what is asked for comes, as the model has it, and nothing else."""

import json
import re
from typing import Any

import pytest

from ccstats.config import Board, GroupOptions
from ccstats.metrics import CATALOG
from ccstats.model import Group, Snapshot


async def test_every_target_is_in_the_snapshots_as_the_model_writes_it(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve("acme") as served:
        answer = await served.json("/api/v1/snapshots")
        found = [Snapshot.model_validate(one) for one in answer["snapshots"]]
        assert found == list(served.monitor.latest().values())


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("source=acme", ["acme:queue:q0", "acme:queue:q1"]),
        ("source=acme&source=other", ["acme:queue:q0", "acme:queue:q1", "other:queue:x"]),
        ("match=*q1", ["acme:queue:q1"]),
        ("match=Queue%20x&match=q0", ["acme:queue:q0", "other:queue:x"]),
        ("kind=workspace", []),
        ("kind=queue&source=other", ["other:queue:x"]),
        ("group=first", ["acme:queue:q0"]),
        ("group=nobody", []),
        ("source=nobody", []),
    ],
)
async def test_filters_of_one_kind_widen_and_of_several_kinds_narrow(
    serve: Any, vendor: Any, query: str, keys: list[str]
) -> None:
    vendor["acme"].many(2)
    vendor["other"].targets = ["x"]
    async with serve("acme", "other", groups={"first": ("acme:q0",)}) as served:
        answer = await served.json(f"/api/v1/snapshots?{query}")
        assert sorted(one["target"]["key"] for one in answer["snapshots"]) == keys


@pytest.mark.parametrize("query", ["kind=team", "colour=red", "source=", "ages=true", "match=" + "x" * 201])
async def test_a_parameter_that_is_wrong_or_unknown_is_refused_by_name(serve: Any, query: str) -> None:
    async with serve() as served, served.get(f"/api/v1/snapshots?{query}") as response:
        assert (response.status, response.content_type) == (400, "application/problem+json")
        assert query.partition("=")[0] in (await response.json())["detail"]


async def test_who_has_the_latest_version_is_told_so_until_a_value_changes(serve: Any, vendor: Any) -> None:
    async with serve() as served:
        async with served.get("/api/v1/snapshots") as response:
            tag = response.headers["ETag"]
        async with served.get("/api/v1/snapshots", If_None_Match=f'"x", {tag}') as response:
            assert (response.status, await response.read()) == (304, b"")
        async with served.stream() as stream:
            await stream.synced()
            await served.monitor.refresh()
            await stream.synced()
        async with served.get("/api/v1/snapshots", If_None_Match=tag) as response:
            assert response.status == 200
            assert response.headers["ETag"] != tag


async def test_other_targets_are_another_version_also_where_they_are_as_many(serve: Any, vendor: Any) -> None:
    """A group that has one member for another after a reload, and the latest change in both."""
    vendor["acme"].many(3)
    async with serve("acme", groups={"first": ("acme:q0", "acme:q2")}) as served:
        async with served.get("/api/v1/snapshots?group=first") as response:
            tag = response.headers["ETag"]
        groups = {"first": GroupOptions(match=("acme:q1", "acme:q2"))}
        await served.monitor.reload(served.monitor.config.model_copy(update={"groups": groups}))
        async with served.get("/api/v1/snapshots?group=first", If_None_Match=tag) as response:
            assert response.status == 200
            found = [one["target"]["id"] for one in (await response.json())["snapshots"]]
    assert found == ["q1", "q2"]


async def test_one_target_is_found_by_its_key_whatever_is_in_it(serve: Any, vendor: Any) -> None:
    vendor["acme"].targets = ["a/b c%"]
    async with serve() as served:
        found = await served.json("/api/v1/snapshots/acme:queue:a/b%20c%25")
        assert Snapshot.model_validate(found) == served.monitor.get("acme:queue:a/b c%")
        async with served.get("/api/v1/snapshots/acme:queue:none") as response:
            assert (response.status, response.content_type) == (404, "application/problem+json")


async def test_groups_are_rolled_up_from_what_is_known(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve("acme", groups={"all": ("acme:*",)}) as served:
        (found,) = (await served.json("/api/v1/groups"))["groups"]
        group = Group.model_validate(found)
        waiting = [one.realtime.waiting for one in served.monitor.latest().values() if one.realtime is not None]
        assert group.realtime is not None
        assert (group.name, group.realtime.waiting, len(group.members)) == ("all", sum(waiting), 3)


async def test_the_state_of_every_source_is_told(serve: Any) -> None:
    async with serve("acme", "other") as served:
        found = (await served.json("/api/v1/sources"))["sources"]
        assert [(one["source"], one["state"], one["targets"]) for one in found] == [
            ("acme", "ok", 1),
            ("other", "ok", 1),
        ]
        assert {"budget", "lateness_p99"} <= found[0].keys()


async def test_the_catalogue_is_what_the_library_has(serve: Any) -> None:
    async with serve() as served:
        found = (await served.json("/api/v1/metrics"))["metrics"]
        assert {one["name"]: one["definition"] for one in found} == {
            one.name: one.definition for one in CATALOG.values()
        }


async def test_the_board_says_where_marks_begin_also_for_single_queues(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(2)
    board = Board.model_validate({"title": "Desk", "match": {"*q1": {"longest_wait": ["10s", "20s"]}}})
    async with serve(board=board) as served:
        found = await served.json("/api/v1/board")
    assert (found["title"], found["window"], found["marks"]["longest_wait"]) == ("Desk", "30m", [60, 180])
    assert {key: one["longest_wait"] for key, one in found["own_marks"].items()} == {"acme:queue:q1": [10, 20]}


async def test_it_is_ready_once_everything_was_tried(serve: Any) -> None:
    async with serve() as served:
        assert await served.json("/healthz") == {"status": "ok"}
        assert await served.json("/readyz") == {"status": "ok"}


async def test_nothing_can_be_written_and_what_is_not_there_is_said_in_one_shape(serve: Any) -> None:
    async with serve() as served:
        async with served.session.post(f"{served.url}/api/v1/snapshots", data=b"x") as response:
            assert (response.status, response.content_type) == (405, "application/problem+json")
            assert response.headers["Allow"] == "GET,HEAD"
        async with served.get("/static/../server.py") as response:
            assert response.status == 404
        async with served.get("/static/%2e%2e%2fserver.py") as response:
            assert response.status == 404


async def test_the_page_finds_every_file_that_it_names(serve: Any) -> None:
    async with serve() as served:
        async with served.get("/") as response:
            page = await response.text()
        named = re.findall(r'(?:href|src)="(static/[^"]+)"', page)
        assert len(named) == 3
        while named:
            async with served.get(f"/{named.pop()}") as response:
                assert response.status == 200
                tag = response.headers["ETag"]
                named += [f"static/{name}" for name in re.findall(r'from "\./([^"]+)"', await response.text())]
            async with served.get(f"{response.url.path}", If_None_Match=tag) as again:
                assert again.status == 304


async def test_every_answer_that_the_description_promises_fits_its_schema(serve: Any, vendor: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    vendor["acme"].many(2)
    async with serve("acme", groups={"all": ("acme:*",)}) as served:
        document = await served.json("/openapi.json")
        for path, methods in document["paths"].items():
            if path in ("/api/v1/stream", "/metrics"):
                continue
            found = await served.json(path.replace("{key}", "acme:queue:q1"))
            content = methods["get"]["responses"]["200"]["content"]["application/json"]
            schema = {**content["schema"], "components": document["components"]}
            jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(found)))
