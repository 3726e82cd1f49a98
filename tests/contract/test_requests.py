"""Every request that the adapters send is one that the vendor's official document declares."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from contract_documents import Document, Sent
from contract_traffic import genesys_requests, twilio_requests

from ccstats_genesys.api import queries
from ccstats_twilio.api.endpoints import BULK_QUEUES

GENESYS_DOCUMENTS = ("genesys-queue-stats.swagger.official-2026-08.json", "genesys-queue-stats.swagger.sdk269.json")
LARGEST_PAGES = {queries.QUEUES: 100, queries.DIVISION_VIEWS: 500}
"""Beyond the documents: the page sizes that the vendor's own samples use, or that its pages give as the largest."""
USED = {
    ("GET", queries.QUEUES),
    ("GET", queries.DIVISION_VIEWS),
    ("GET", queries.PRESENCES),
    ("POST", queries.OBSERVATIONS),
    ("POST", queries.AGGREGATES),
    ("POST", queries.ACTIVITY),
    ("POST", queries.AGENT_COUNTS),
}
BULK = "/v1/Workspaces/{WorkspaceSid}/TaskQueues/RealTimeStatistics"


@pytest.fixture(scope="module")
def twilio(folder: Path) -> Document:
    names = ("twilio_taskrouter_v1.trimmed.openapi.json", "twilio_taskrouter_v1.supplement.openapi.json")
    return Document(*(folder / "twilio" / name for name in names))


@pytest.fixture(scope="module", params=GENESYS_DOCUMENTS)
def genesys(folder: Path, request: pytest.FixtureRequest) -> Document:
    return Document(folder / "genesys" / request.param)


@pytest.fixture(scope="module")
def to_twilio() -> list[Sent]:
    return asyncio.run(twilio_requests())


@pytest.fixture(scope="module")
def to_genesys() -> list[Sent]:
    return asyncio.run(genesys_requests())


def test_twilio_gets_only_what_its_document_declares(twilio, to_twilio) -> None:
    # The body of the bulk request has an empty schema in the document; it is judged by the documentation page below.
    faults = {
        fault
        for sent in to_twilio
        for fault in twilio.faults(replace(sent, body=b"") if sent.method == "POST" else sent)
    }

    assert faults == set()


def test_all_fifteen_statistics_operations_are_used(twilio, to_twilio) -> None:
    declared = {one for one in twilio.operations if one.template.endswith("Statistics")}
    used = {twilio.operation(sent) for sent in to_twilio}

    assert len(declared) == 15
    assert {f"{one.method} {one.template}" for one in declared - used} == set()


def test_every_parameter_of_a_period_a_channel_and_a_split_is_used(to_twilio) -> None:
    used = {name for sent in to_twilio for name in parse_qs(sent.query)}

    statistics = {"Minutes", "StartDate", "EndDate", "TaskChannel", "SplitByWaitTime", "TaskQueueSid", "PageSize"}
    assert used == statistics | {"EventType"}
    assert not any({"Minutes", "StartDate"} <= parse_qs(sent.query).keys() for sent in to_twilio)


def test_bulk_requests_are_as_the_documentation_prints_them(folder, twilio, to_twilio) -> None:
    extras = json.loads((folder / "twilio" / "documented_extras.json").read_text(encoding="utf-8"))
    documented = extras["bulk_request_doc"]
    bulk = [sent for sent in to_twilio if sent.method == "POST"]

    assert bulk
    assert documented["limits"]["max_sids"] == BULK_QUEUES
    for sent in bulk:
        body = json.loads(sent.body)
        assert sent.content_type.partition(";")[0] == documented["content_type"]
        assert body.keys() == documented["body"].keys() == {"queueSids"}
        assert documented["limits"]["min_sids"] <= len(body["queueSids"]) <= documented["limits"]["max_sids"]
        assert len(set(body["queueSids"])) == len(body["queueSids"])
        path = f"/v1/Workspaces/WS{'0' * 32}/TaskQueues"
        assert [twilio.faults(Sent("GET", f"{path}/{sid}/Statistics")) for sid in body["queueSids"]] == (
            [[]] * len(body["queueSids"])
        ), "each is a TaskQueue SID"
        assert twilio.operation(sent).template == BULK


def test_genesys_gets_only_what_its_documents_declare(genesys, to_genesys) -> None:
    assert {fault for sent in to_genesys for fault in genesys.faults(sent)} == set()


def test_every_genesys_endpoint_that_is_known_is_used(to_genesys) -> None:
    assert {(sent.method, sent.path) for sent in to_genesys} == USED


def test_genesys_pages_are_no_larger_than_they_may_be(to_genesys) -> None:
    sizes = {(sent.path, int(parse_qs(sent.query)["pageSize"][0])) for sent in to_genesys if "pageSize" in sent.query}

    assert {path for path, _ in sizes} == LARGEST_PAGES.keys()
    assert {(path, size) for path, size in sizes if size > LARGEST_PAGES[path]} == set()


def test_agents_are_counted_by_presence_and_routing_status(to_genesys) -> None:
    counts = [sent for sent in to_genesys if sent.path == queries.AGENT_COUNTS]

    assert counts
    assert {tuple(parse_qs(sent.query)["groupBy"]) for sent in counts} == {("presence", "routingStatus")}


def test_no_request_carries_credentials_in_its_address_or_body(to_twilio, to_genesys) -> None:
    for sent in (*to_twilio, *to_genesys):
        text = f"{sent.path}{sent.query}{sent.body!r}".lower()
        assert "token" not in text.replace("pagetoken", "")
        assert "secret" not in text


def test_a_parameter_planted_into_any_request_is_found(twilio, genesys, to_twilio, to_genesys) -> None:
    for document, requests in ((twilio, to_twilio), (genesys, to_genesys)):
        for sent in requests:
            planted = replace(sent, query="&".join(filter(None, (sent.query, "Planted=1"))))
            assert any("Planted is not declared" in fault for fault in document.faults(planted))


def objects(body: object) -> list[dict]:
    if isinstance(body, list):
        return [found for one in body for found in objects(one)]
    return [body, *objects(list(body.values()))] if isinstance(body, dict) else []


def test_a_key_planted_into_any_object_of_any_body_is_found(genesys, to_genesys) -> None:
    for text in {sent.body: sent for sent in to_genesys if sent.method == "POST"}.values():
        for place in range(len(objects(json.loads(text.body)))):
            body = json.loads(text.body)
            objects(body)[place]["planted"] = True
            faults = genesys.faults(replace(text, body=json.dumps(body).encode()))
            assert any("planted" in fault for fault in faults)


TWILIO_REQUEST = Sent(
    "GET", f"/v1/Workspaces/WS{'a' * 32}/TaskQueues/Statistics", "Minutes=15&PageSize=1000&SplitByWaitTime=5,20"
)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"query": "minutes=15"}, "minutes is not declared"),
        ({"query": "Minutes=15&Cake=1"}, "Cake is not declared"),
        ({"query": "Minutes=soon"}, "Minutes is no integer"),
        ({"query": "Minutes=15&Minutes=16"}, "Minutes is given 2 times"),
        ({"query": "PageSize=1001"}, "greater than the maximum"),
        ({"query": "PageSize=0"}, "less than the minimum"),
        ({"query": "StartDate=yesterday"}, "is not a 'date-time'"),
        ({"query": "StartDate=2026-01-05"}, "is not a 'date-time'"),
        ({"query": "StartDate=2026-01-05T08:00:00Z"}, None),
        ({"path": "/v1/Workspaces/WSshort/TaskQueues/Statistics"}, "is too short"),
        ({"path": f"/v1/Workspaces/WQ{'a' * 32}/TaskQueues/Statistics"}, "does not match"),
        ({"path": f"/v1/Workspaces/WS{'a' * 32}/TaskQueues/Sums"}, "is too short"),
        ({"path": f"/v1/Workspaces/WS{'a' * 32}/Sums", "query": ""}, "is not declared"),
        ({"method": "DELETE", "query": ""}, "is not declared"),
        ({"body": b"{}", "content_type": "application/json"}, "a body is not declared"),
    ],
    ids=str,
)
def test_the_judge_of_twilio_finds_what_is_wrong(twilio, change, fault) -> None:
    found = twilio.faults(replace(TWILIO_REQUEST, **change))

    assert found == [] if fault is None else any(fault in one for one in found)


def genesys_query(**change: object) -> Sent:
    body = queries.observations(["q"]) | change
    return Sent("POST", queries.OBSERVATIONS, body=json.dumps(body).encode(), content_type="application/json")


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        (genesys_query(), None),
        (genesys_query(metric=["oWaiting"]), "metric' was unexpected"),
        (genesys_query(metrics=["oWaitings"]), "is not one of"),
        (genesys_query(metrics="oWaiting"), "is not of type 'array'"),
        (genesys_query(filter={"predicates": []}), "'type' is a required property"),
        (genesys_query(filter={"type": "AND", "predicates": []}), "'AND' is not one of"),
        (genesys_query(filter={"type": "or", "predicates": [{"dimension": "queue"}]}), "is not one of"),
        (genesys_query(filter={"type": "or", "predicates": [{"dimension": "queueId", "values": 1}]}), "unexpected"),
        (genesys_query(filter={"type": "or", "clauses": [{"type": "or"}]}), "'predicates' is a required property"),
        (replace(genesys_query(), body=b"{}"), "'filter' is a required property"),
        (replace(genesys_query(), body=b""), "a body is required"),
        (replace(genesys_query(), query="pageSize=5"), "pageSize is not declared"),
        (replace(genesys_query(), content_type="text/plain"), "not application/json"),
        (replace(genesys_query(), path="/api/v2/analytics/stats/queues"), "is not declared"),
        (Sent("GET", queries.QUEUES, "pageSize=100&pageNumber=1"), None),
        (Sent("GET", queries.QUEUES, "pageSize=many"), "pageSize is no integer"),
        (Sent("GET", queries.QUEUES, "sortOrder=up"), "is not one of"),
        (Sent("GET", queries.QUEUES, "hasPeer=maybe"), "hasPeer is no boolean"),
        (Sent("GET", queries.QUEUES, "id=a&id=b"), None),
    ],
    ids=str,
)
def test_the_judge_of_genesys_finds_what_is_wrong(genesys, sent, fault) -> None:
    found = genesys.faults(sent)

    assert found == [] if fault is None else any(fault in one for one in found)


@pytest.mark.parametrize("interval", ["2026-01-05", "2026-01-05T08:00:00Z", "soon/later", "2026-01-05T08:00:00Z/"])
def test_the_judge_of_genesys_reads_intervals(folder, interval) -> None:
    genesys = Document(folder / "genesys" / GENESYS_DOCUMENTS[0])  # the other one declares no format
    body = {"interval": interval, "metrics": ["nOffered"]}
    sent = Sent("POST", queries.AGGREGATES, body=json.dumps(body).encode(), content_type="application/json")

    assert any("is not a 'interval'" in fault for fault in genesys.faults(sent))
