"""The Twilio face against the official API document and examples, where CCSTATS_CONTRACTS names their folder."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from ccstats_twilio.face.routes import ROUTES

FOLDER = Path(os.environ.get("CCSTATS_CONTRACTS", "")) / "twilio"

pytestmark = [
    pytest.mark.contracts,
    pytest.mark.skipif("CCSTATS_CONTRACTS" not in os.environ, reason="needs the vendors' API documents"),
]


@pytest.fixture(scope="module")
def document() -> dict:
    """The statistics and lists, and in a document of their own events and task channels."""
    whole = json.loads((FOLDER / "twilio_taskrouter_v1.trimmed.openapi.json").read_text())
    more = json.loads((FOLDER / "twilio_taskrouter_v1.supplement.openapi.json").read_text())
    whole["paths"] |= more["paths"]
    whole["components"]["schemas"] |= more["components"]["schemas"]
    return whole


def operation(document: dict, route) -> dict:
    return document["paths"][route.path][route.method.lower()]


def schema(document: dict, route) -> dict:
    (answer,) = (answer for status, answer in operation(document, route)["responses"].items() if status.startswith("2"))
    return _plain({"components": document["components"]} | answer["content"]["application/json"]["schema"])


def _plain(value: object) -> object:
    """Return an OpenAPI 3.0 schema as a JSON schema: there, `nullable` stands beside the type."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _plain(each) for name, each in value.items() if name != "nullable"}
    if value.get("nullable") is True and isinstance(value.get("type"), str):
        plain["type"] = [value["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    return plain


async def answer_of(api, route) -> dict:
    ids = {
        "WorkspaceSid": api.space.sid,
        "TaskQueueSid": api.queue,
        "WorkflowSid": api.space.workflow_sid,
        "WorkerSid": next(iter(api.space.workers)),
        "Sid": {
            "Workspace": api.space.sid,
            "TaskQueue": api.queue,
            "Workflow": api.space.workflow_sid,
            "Worker": next(iter(api.space.workers)),
        }.get(route.operation.partition("-")[0], ""),
    }
    if route.method == "POST":
        return (await api.bulk([api.queue])).body
    wanted = {"SplitByWaitTime": "5,10"} if "Cumulative" in route.path else {}
    return await api.read(route.path.format(**ids), **wanted)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_answers_fit_the_document(api, document, route) -> None:
    answer = await answer_of(api, route)

    jsonschema.validate(answer, schema(document, route), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_answers_have_the_columns_of_the_example(api, document, route) -> None:
    name = operation(document, route)["operationId"]
    examples = json.loads((FOLDER / "examples" / f"{name}.json").read_text())["response_examples"]
    example = next(iter(examples.values()))
    answer = await answer_of(api, route)

    assert _columns(answer) == _columns(example)


MAPS = {"event_data", "links", "tasks_by_priority", "tasks_by_status", "split_by_wait_time"}


def _columns(value: object) -> object:
    """Return the names in a body, those of a list's first item for all; maps with free keys have no columns."""
    if isinstance(value, list):
        return [_columns(value[0])]
    if not isinstance(value, dict):
        return None
    return {name: None if name in MAPS else _columns(each) for name, each in value.items()}


def test_every_documented_statistics_path_is_served(document) -> None:
    served = {(route.path, route.method.lower()) for route in ROUTES}
    documented = {
        (path, method)
        for path, operations in document["paths"].items()
        for method in operations
        if method in {"get", "post"} and path.endswith("Statistics")
    }

    assert len(documented) == 15
    assert documented <= served
