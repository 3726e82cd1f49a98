"""The tables that the adapters carry are those of the vendors."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ccstats.config import validate
from ccstats_genesys.api import queries, wire
from ccstats_genesys.api.regions import REGIONS
from ccstats_genesys.config import GenesysOptions
from ccstats_genesys.parse.observations import agent_counts
from ccstats_genesys.parse.presences import STATES, Meanings

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def enums(folder: Path) -> dict:
    return json.loads((folder / "genesys" / "enums.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def regions(folder: Path) -> dict:
    return json.loads((folder / "genesys" / "regions.json").read_text(encoding="utf-8"))["regions"]


def test_regions_are_the_official_ones(regions) -> None:
    assert {name: region["domain"] for name, region in regions.items()} == dict(REGIONS)


def test_hosts_of_regions_are_the_official_ones(regions) -> None:
    credentials = {"adapter": "genesys", "client_id": "client", "client_secret": "secret"}
    for name, region in regions.items():
        for spelling in (name, region["sdk_name"], region["domain"]):
            options = validate(GenesysOptions, {**credentials, "region": spelling})
            assert (str(options.root), str(options.login)) == (region["api"], region["login"])


def dimensions(query: dict) -> set[str]:
    clauses = [query["filter"], *query["filter"].get("clauses", [])]
    return {one["dimension"] for clause in clauses for one in clause.get("predicates", [])}


def test_observations_name_official_metrics_and_dimensions(enums) -> None:
    query, official = queries.observations(["q"]), enums["queueObservation"]

    assert set(query["metrics"]) <= set(official["metrics"])
    assert dimensions(query) == {"queueId"} <= set(official["dimensions"])


@pytest.mark.parametrize("channels", [[], ["voice"]])
@pytest.mark.parametrize("asked", [None, ["q"]])
def test_aggregates_name_official_metrics_and_dimensions(enums, asked, channels) -> None:
    query, official = queries.aggregates(asked, channels, NOW, NOW), enums["conversationAggregate"]

    assert set(query["metrics"]) <= set(official["metrics"])
    assert set(query["groupBy"]) | dimensions(query) <= set(official["groupBy"])


@pytest.mark.parametrize("channels", [[], ["voice"]])
def test_the_activity_query_names_official_metrics_and_dimensions(enums, channels) -> None:
    query, official = queries.activity(channels), enums["conversationActivity"]

    assert {one["metric"] for one in query["metrics"]} <= set(official["metrics"])
    assert set(query["groupBy"]) <= set(official["groupBy"])
    assert dimensions(query) <= set(official["dimensions"])


def test_every_system_presence_has_a_meaning_in_both_spellings(enums) -> None:
    names = {*enums["systemPresence_definitionsApi"], *enums["systemPresence_agentStatusApi"]} - {"UNKNOWN"}

    assert {name.lower().replace("_", "") for name in names} == STATES.keys()


def test_every_routing_status_is_counted_somewhere(enums) -> None:
    counts = [wire.StatusCount(routingStatus=status, count=1) for status in enums["routingStatus"]]
    agents, _ = agent_counts(wire.AgentCounts(presenceCounts=[], routingStatusCounts=counts), Meanings())

    found = (agents.available, agents.busy, agents.off_queue, agents.not_responding)
    assert sum(found) == len(enums["routingStatus"]) == 5


def test_queries_of_real_time_ask_for_what_the_parsers_read(enums) -> None:
    asked = {*queries.CONVERSATION_METRICS, *queries.USER_METRICS}

    assert asked <= set(enums["queueObservation"]["metrics"])
    assert len(asked) == len(queries.CONVERSATION_METRICS) + len(queries.USER_METRICS)
