"""Every official Genesys example is read by our own decoding and parsing, checked, or has a reason why it is not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract_documents import Document, Sent
from vendor_bodies import wire as encode
from vendor_honesty import merged, unexplained
from vendor_loopback import account

from ccstats import lenient
from ccstats.adapter import Reading
from ccstats.budget import Limit
from ccstats.errors import Origin, RateLimitedError
from ccstats.model import Family, Kind, Realtime, Snapshot, Target, Window
from ccstats_genesys.abilities import ABILITIES
from ccstats_genesys.api import queries, wire
from ccstats_genesys.api.dialect import GenesysDialect
from ccstats_genesys.parse import aggregates, observations
from ccstats_genesys.parse.presences import Meanings

NOW = datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
PERIOD = (NOW - timedelta(days=7), NOW)
Check = Callable[[Document, Any], None]


def snapshot(values: Realtime | Window, gaps: Any) -> Snapshot:
    target = Target(source="emea", vendor="genesys", kind=Kind.QUEUE, id="q")
    family, name = (Family.REALTIME, None) if isinstance(values, Realtime) else (Family.WINDOW, "w")
    found = merged(ABILITIES, [Reading(target, family, NOW, window=name, values=values, gaps=gaps)])
    assert unexplained(found) == []
    return found


def observed(body: Any) -> dict[str, Realtime]:
    decoded = lenient.decode(encode(body), wire.Observations)
    roster = observations.roster(decoded, Meanings())
    found = {}
    for queue, parts in observations.grouped(decoded).items():
        values, gaps = observations.realtime(parts, roster, (), NOW)
        found[queue] = snapshot(values, gaps).realtime
    return found


def faults(document: Document, path: str, body: Any) -> list[str]:
    return document.faults(Sent("POST", path, body=encode(body), content_type="application/json"))


def conversation_aggregates(document: Document, example: Any) -> None:
    # The sample's interval has no offset; ours has one, as RFC 3339 wants it.
    assert [one for one in faults(document, queries.AGGREGATES, example["request"]) if "interval" not in one] == []
    assert set(example["request"]["metrics"]) <= {*queries.AGGREGATE_METRICS}
    (media,) = aggregates.by_queue(lenient.decode(encode(example["response"]), wire.Aggregates)).values()
    values, gaps = aggregates.window(media, PERIOD, {}, NOW)
    found = snapshot(values, gaps).windows["w"]
    assert (found.offered, found.answered, list(found.by_channel)) == (5, 5, ["chat"])
    assert found.speed_of_answer.sum == timedelta(milliseconds=32296)
    assert (found.talk.max, found.talk.min) == (timedelta(milliseconds=1164481), None)
    assert found.abandoned == 0, "a metric that is missing from a returned group is zero"


def too_many(_: Document, example: Any) -> None:
    error = GenesysDialect().fault(429, example["headers"], encode(example["body"]), Origin())
    assert (type(error), error.retry_after) == (RateLimitedError, 42.0)
    assert error.origin.code == example["body"]["code"]
    assert error.origin.request_id == example["body"]["contextId"]


def headers(_: Document, example: Any) -> None:
    hint = GenesysDialect().hint(example["headers"])
    assert (hint.limit, hint.remaining, hint.reset) == (Limit(180, 60.0), 179, 61)


def token(_: Document, example: Any) -> None:
    found = lenient.decode(encode(example["response"]), wire.Token)
    assert (found.access_token, found.expires_in) == ("<token>", 86399)
    assert "<token>" not in repr(found)


def two_queues(document: Document, example: Any) -> None:
    assert faults(document, queries.OBSERVATIONS, example["request"]) == []
    first, second = observed(example["response"]).values()
    assert (first.waiting, first.offering, first.longest_wait) == (3, 1, timedelta(minutes=1))
    assert (first.agents.total, first.agents.available, first.agents.offline) == (8, 2, 2)
    assert [one.state.value for one in first.activities] == ["available", "unavailable", "offline"]
    assert (second.waiting, second.agents.total, second.longest_wait) == (0, 0, None)


def quick_hits(document: Document, example: Any) -> None:
    assert any("'AND' is not one of" in one for one in faults(document, queries.OBSERVATIONS, example["request"]))
    (found,) = observed(example["response"]).values()
    assert (found.in_progress, found.agents.available, found.agents.busy, found.agents.off_queue) == (2, 1, 2, 3)
    assert found.agents.not_responding == 0, "statuses with zero members are left out"
    assert "Juan" not in repr(found), "observation details are personal data and are not kept"


def many_queues(document: Document, example: Any) -> None:
    assert faults(document, queries.OBSERVATIONS, example["request"]) == []
    ours = queries.observations(["<queue 1>", "<queue 2>"])
    assert ours["filter"]["predicates"] == example["request"]["filter"]["predicates"]
    assert ours["filter"]["type"] == example["request"]["filter"]["type"]


def on_queue_users(document: Document, example: Any) -> None:
    assert faults(document, queries.OBSERVATIONS, example["request"]) == []


def routing_activity(document: Document, example: Any) -> None:
    path = "/api/v2/analytics/routing/activity/query"
    assert faults(document, path, example["request_schema_valid"]) == []
    assert any(
        "'metric' is a required property" in one for one in faults(document, path, example["request_as_printed"])
    )


READ: dict[str, Check] = {
    "conversation-aggregates.official-quickhits": conversation_aggregates,
    "error.429": too_many,
    "headers.200": headers,
    "oauth.client-credentials": token,
    "queue-observations.SYNTHETIC-two-queues": two_queues,
    "queue-observations.multi-queue.splunk-ta.request": many_queues,
    "queue-observations.official-onqueue-users.request": on_queue_users,
    "queue-observations.official-quickhits": quick_hits,
    "routing-activity.devcenter.request": routing_activity,
}
NOT_READ = {
    "aggregate-view.devcenter.fragment": "views are not asked for: short abandons are a metric of their own",
    "notifications.control-messages": "numbers are polled, not pushed",
    "user-observations.devcenter": "queues of one user: agents are counted by queue and organization",
}


@pytest.fixture(scope="module")
def document(folder: Path) -> Document:
    return Document(folder / "genesys" / "genesys-queue-stats.swagger.official-2026-08.json")


def test_every_example_has_a_row(folder: Path) -> None:
    found = {path.name.removesuffix(".json") for path in (folder / "genesys" / "examples").iterdir()}

    assert found == READ.keys() | NOT_READ.keys()
    assert not READ.keys() & NOT_READ.keys()


@pytest.mark.parametrize("name", READ)
def test_an_example_is_read(folder: Path, document: Document, name: str) -> None:
    path = folder / "genesys" / "examples" / f"{name}.json"

    READ[name](document, json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_read_is_nothing_that_we_ask_for(folder: Path, name: str) -> None:
    example = json.loads((folder / "genesys" / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    ours = {value for key, value in vars(queries).items() if isinstance(value, str) and value.startswith("/api/")}

    assert example.get("endpoint", "POST /none").partition(" ")[2] not in ours, NOT_READ[name]
    body = json.dumps([queries.observations(["q"]), queries.aggregates(None, [], *PERIOD), queries.activity([])])
    assert '"views"' not in body


async def test_tokens_are_asked_for_as_the_official_code_asks(folder: Path) -> None:
    path = folder / "genesys" / "examples" / "oauth.client-credentials.json"
    expected = json.loads(path.read_text(encoding="utf-8"))["request"]
    async with account("genesys") as genesys:
        await genesys.source.discover()
        (login,) = (record for record in genesys.world.requests if record.path.endswith("/oauth/token"))

    assert login.method == expected["method"]
    assert login.body.decode() == expected["body"]
    assert login.headers["Content-Type"] == expected["headers"]["Content-Type"]
