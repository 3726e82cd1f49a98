"""Requests are built without a network: every address and body is what its endpoint takes, or a mistake at once."""

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest
from vendor_loopback import account, of
from vendor_twilio_parts import sid
from yarl import URL

from ccstats.model import Family, Kind
from ccstats_genesys.api import queries
from ccstats_twilio.api import endpoints

ROOT = URL("https://taskrouter.twilio.com")
SPACE, QUEUE = sid("WS", 1), sid("WQ", 1)
START, END = datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
TOKYO = timezone(timedelta(hours=9))
OVER = frozenset({Family.WINDOW})


def test_an_address_is_made_of_root_workspace_and_sid() -> None:
    url = endpoints.QUEUE_REALTIME.url(ROOT, workspace=SPACE, sid=QUEUE, TaskChannel=None)

    assert str(url) == f"https://taskrouter.twilio.com/v1/Workspaces/{SPACE}/TaskQueues/{QUEUE}/RealTimeStatistics"
    assert endpoints.QUEUE_REALTIME.label == "GET /v1/Workspaces/{workspace}/TaskQueues/{sid}/RealTimeStatistics"


def test_a_base_url_with_a_path_keeps_it() -> None:
    assert str(endpoints.WORKSPACES.url(URL("http://proxy/twilio"))) == "http://proxy/twilio/v1/Workspaces"


def test_a_channel_in_any_language_is_escaped() -> None:
    url = endpoints.WORKSPACE_REALTIME.url(ROOT, workspace=SPACE, TaskChannel="chat & 予約")

    assert parse_qs(url.raw_query_string) == {"TaskChannel": ["chat & 予約"]}


@pytest.mark.parametrize("name", ["minutes", "Cake", "SplitByWaitTime"])
def test_a_parameter_that_is_not_declared_is_a_mistake_here(name) -> None:
    """TaskRouter would ignore it, and answer for the default of fifteen minutes."""
    with pytest.raises(ValueError, match=name):
        endpoints.WORKERS_CUMULATIVE.url(ROOT, workspace=SPACE, **{name: 5})


@pytest.mark.parametrize("date", ["StartDate", "EndDate"])
def test_minutes_and_dates_are_never_sent_together(date) -> None:
    with pytest.raises(ValueError, match="cannot be combined"):
        endpoints.QUEUE_CUMULATIVE.url(ROOT, workspace=SPACE, sid=QUEUE, Minutes=5, **{date: "2026-01-05T08:00:00Z"})


@pytest.mark.parametrize("number", [0, 51])
def test_a_bulk_request_takes_one_to_fifty_queues(number) -> None:
    with pytest.raises(ValueError, match="1 to 50"):
        endpoints.bulk_body([QUEUE] * number)


def test_fifteen_endpoints_are_statistics() -> None:
    found = {(one.method, one.path) for one in endpoints.STATISTICS.values()}

    assert len(found) == 15
    assert all(path.endswith("Statistics") for _, path in found)


@pytest.mark.parametrize("moment", [START, START.astimezone(TOKYO), START + timedelta(microseconds=999_999)])
def test_times_are_sent_in_utc_and_whole_seconds(moment) -> None:
    assert endpoints.date(moment) == "2026-01-05T08:00:00Z"
    assert queries.interval(moment, END.astimezone(TOKYO)) == "2026-01-05T08:00:00.000Z/2026-01-05T08:30:00.000Z"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"minutes": 45}, {"Minutes": ["45"]}),
        (
            {"start_date": "2026-01-05T17:00:00+09:00", "end_date": "2026-01-05T08:30:00Z"},
            {"StartDate": ["2026-01-05T08:00:00Z"], "EndDate": ["2026-01-05T08:30:00Z"]},
        ),
        ({}, {"StartDate": ["2026-01-05T08:30:00Z"], "EndDate": ["2026-01-05T09:00:00Z"]}),
    ],
    ids=["minutes", "dates", "window"],
)
async def test_twilio_is_asked_for_the_period_that_was_configured(given, sent) -> None:
    async with account("twilio", **given, short_abandon=None) as twilio:
        targets = of(Kind.QUEUE, await twilio.discover())[:1]
        await twilio.poll(targets, "30m", families=OVER)
        (record,) = twilio.world.requests

    assert parse_qs(record.query) == {**sent, "SplitByWaitTime": ["20"]}


def test_observations_filter_by_queue_only() -> None:
    """User metrics come without a media type: a filter by channel would lose the agents."""
    query = queries.observations(["a", "b"])

    assert query["filter"] == {
        "type": "or",
        "predicates": [{"dimension": "queueId", "operator": "matches", "value": value} for value in ("a", "b")],
    }
    assert "detailMetrics" not in query


@pytest.mark.parametrize(("channels", "clauses"), [((), 1), (("voice", "chat"), 2)])
def test_aggregates_filter_by_queue_and_channel(channels, clauses) -> None:
    some, every = queries.aggregates(["a"], channels, START, END), queries.aggregates(None, channels, START, END)

    assert some["groupBy"] == ["queueId", "mediaType"]
    assert every["groupBy"] == ["mediaType"]
    assert every["filter"]["clauses"][0]["predicates"] == [{"dimension": "queueId", "operator": "exists"}]
    for query in (some, every):
        assert query["filter"]["type"] == "and"
        assert len(query["filter"]["clauses"]) == clauses
