"""The official contract: botocore's own service model of Amazon Connect, its validator, its parser, its client."""

import asyncio
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import botocore.session
import pytest
from botocore.validate import ParamValidator
from ccstats.simulator.kit import Center, ManualClock, RequestRecord, World, generate_spec, serve
from ccstats.testing import stand

from ccstats_amazon_connect import adapter, api
from ccstats_amazon_connect.face import REGION, ConnectFace

SESSION = botocore.session.get_session()
MODEL = SESSION.get_service_model("connect")
OPERATIONS = ("ListQueues", "ListAgentStatuses", "GetCurrentMetricData", "GetMetricDataV2")
SPEC = generate_spec(7, queues=4, agents=14, sites=2)


def route(name: str) -> tuple[str, re.Pattern[str]]:
    """Method and path of an operation of the model."""
    http = MODEL.operation_model(name).http
    path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", http["requestUri"])
    return http["method"], re.compile(path)


def parameters(name: str, record: RequestRecord) -> dict[str, Any]:
    """A request of ours as the parameters that botocore would have been called with."""
    members = MODEL.operation_model(name).input_shape.members
    given = re.fullmatch(route(name)[1], record.path)
    assert given is not None
    found: dict[str, Any] = dict(given.groupdict())
    by_wire_name = {shape.serialization.get("name", member): member for member, shape in members.items()}
    for wire, values in parse_qs(record.query, strict_parsing=bool(record.query)).items():
        shape = members[by_wire_name[wire]]
        value: Any = values if shape.type_name == "list" else values[0]
        found[by_wire_name[wire]] = int(value) if shape.type_name == "integer" else value
    return found | (json.loads(record.body) if record.body else {})


def requests(**options: Any) -> list[RequestRecord]:
    """Everything that the adapter sends to find and read an instance."""

    async def sent() -> list[RequestRecord]:
        async with stand(adapter, ConnectFace(), SPEC, options=options) as account:
            found = await account.source.discover()
            for readings in [await account.read(*account.plan(found.targets, "30m", "today@Europe/Berlin"))]:
                assert all(one.error is None for one in readings)
            return list(account.world.requests)

    return asyncio.run(sent())


@pytest.mark.parametrize("options", [{}, {"select": {"channels": ["voice", "chat"]}}, {"thresholds": [10, 60]}])
def test_every_request_is_one_that_the_service_model_allows(options: dict[str, Any]) -> None:
    seen = set()
    for record in requests(**options):
        (name,) = [
            each for each in OPERATIONS if record.method == route(each)[0] and route(each)[1].fullmatch(record.path)
        ]
        given, shape = parameters(name, record), MODEL.operation_model(name).input_shape
        assert set(given) <= set(shape.members)
        report = ParamValidator().validate(given, shape)
        assert not report.has_errors(), report.generate_report()
        seen.add(name)
    assert seen == set(OPERATIONS)


def test_every_metric_that_is_asked_for_is_one_that_connect_has() -> None:
    current = MODEL.shape_for("CurrentMetricName").enum
    assert {*api.NOW, api.ONLINE} <= set(current)
    documented = MODEL.operation_model("GetMetricDataV2").input_shape.members["Metrics"].documentation
    asked = [*api.COUNTS.values(), *(name for _, name in api.TIMES.values()), *api.LEVELS]
    assert [name for name in asked if not re.search(rf"<dt>{name}</dt>", documented)] == []


def test_the_trap_is_still_documented_as_we_read_it() -> None:
    documented = MODEL.operation_model("GetCurrentMetricData").input_shape.members["CurrentMetrics"].documentation
    text = " ".join(re.sub("<[^>]+>", " ", documented).split())
    assert "When you use groupings, Unit says SECONDS and the Value is returned in SECONDS" in text
    assert "When you do not use groupings, Unit says SECONDS but the Value is returned in MILLISECONDS" in text


def official(call: Callable[[Any, str], Any], **settings: object) -> Any:
    """What the vendor's own client gets from the face, signature and all; it knows no clock but this machine's."""

    async def served() -> Any:
        now = datetime.now(UTC)
        world = World(Center(SPEC, now - timedelta(hours=1)), ManualClock(now))
        async with serve(ConnectFace(), world, settings=settings) as running:
            table = running.source()
            client = SESSION.create_client(
                "connect",
                region_name=REGION,
                endpoint_url=running.base_url,
                aws_access_key_id=table["access_key_id"],
                aws_secret_access_key=table["secret_access_key"],
            )
            try:
                return await asyncio.to_thread(call, client, str(table["instance_arn"]))
            finally:
                client.close()

    return asyncio.run(served())


def undeclared(value: Any, shape: Any, way: str = "") -> list[str]:
    """What an answer has that its shape does not."""
    if shape.type_name == "structure":
        extra = [f"{way}.{name}" for name in value if name not in shape.members]
        return extra + [
            each
            for name, item in value.items()
            if name in shape.members
            for each in undeclared(item, shape.members[name], f"{way}.{name}")
        ]
    if shape.type_name == "list":
        return [each for item in value for each in undeclared(item, shape.member, f"{way}[]")]
    return []


def test_the_vendors_own_client_understands_the_face() -> None:
    def call(client: Any, arn: str) -> Any:
        instance = arn.rpartition("/")[2]
        queues = client.list_queues(InstanceId=instance, QueueTypes=["STANDARD"])["QueueSummaryList"]
        ids = [queue["Id"] for queue in queues]
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        answers = {
            "ListAgentStatuses": client.list_agent_statuses(InstanceId=instance),
            "GetCurrentMetricData": client.get_current_metric_data(
                InstanceId=instance, **api.current(api.NOW, ["QUEUE"], ids, [])
            ),
            "GetMetricDataV2": client.get_metric_data_v2(
                **api.history(arn, (now - timedelta(minutes=30), now), [20], ["QUEUE"], ids, [])
            ),
        }
        return ids, answers

    ids, answers = official(call)
    assert len(ids) == len(SPEC.queues)
    for name, answer in answers.items():
        answer.pop("ResponseMetadata")
        assert undeclared(answer, MODEL.operation_model(name).output_shape) == []
    current = answers["GetCurrentMetricData"]
    assert [row["Dimensions"]["Queue"]["Id"] for row in current["MetricResults"]] == ids
    assert current["DataSnapshotTime"].tzinfo is not None
    assert len(answers["GetMetricDataV2"]["MetricResults"]) == len(ids)
    assert {one["Type"] for one in answers["ListAgentStatuses"]["AgentStatusSummaryList"]} == {
        "ROUTABLE",
        "CUSTOM",
        "OFFLINE",
    }


def test_the_vendors_own_client_understands_its_errors() -> None:
    def call(client: Any, arn: str) -> Any:
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.list_queues(InstanceId="another")
        with pytest.raises(client.exceptions.InvalidParameterException):
            client.get_current_metric_data(InstanceId="i", **api.current(api.NOW, ["QUEUE"], ["q"] * 101, []))

    official(call)
