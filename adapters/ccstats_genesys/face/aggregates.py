"""POST /api/v2/analytics/conversations/aggregates/query: what happened in an interval, each metric by its own moment.

The interval chooses what was emitted in it: an offer when a contact arrives, an answer when an agent accepts, handle
time when handling ends. https://developer.genesys.cloud/forum/t/conversation-aggregates-api-call/18235
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ccstats.simulator import truth
from ccstats_genesys.face.bodies import check_keys, word, words
from ccstats_genesys.face.call import Call, Endpoint
from ccstats_genesys.face.errors import ApiError, bad_request
from ccstats_genesys.face.settings import AGGREGATE_VIEW
from ccstats_genesys.face.tally import METRICS, Tally
from ccstats_genesys.face.tenant import MEDIA_TYPES

DIMENSIONS: Final = ("queueId", "mediaType")
REFUSED: Final = ("granularity", "timeZone", "views", "alternateTimeDimension", "sortMetric", "limit")


def query(call: Call) -> dict[str, object]:
    """Answer with one group per queue and media type in which something happened."""
    body = call.body
    check_keys(
        body,
        "query",
        required=("interval", "metrics"),
        optional=("filter", "groupBy", "flattenMultivaluedDimensions", "queryType"),
        refused=REFUSED,
    )
    start, end = parse_interval(word(body["interval"], "interval"))
    asked = words(body, "metrics", METRICS)
    groups_by = words(body, "groupBy", DIMENSIONS) if body.get("groupBy") else ()
    word(body.get("queryType") or "groupBy", "queryType", ("groupBy",))
    # The answer is split by media type even where only queueId was asked for:
    # https://github.com/MyPureCloud/quick-hits-python/tree/master/analytics/analytics-conversation-aggregate-query
    tallies = _tallies(call, start, end, tuple(dict.fromkeys((*groups_by, "mediaType"))))
    interval = f"{_instant(start)}/{_instant(end)}"
    results = []
    for key, tally in tallies.items():
        metrics = tally.metrics(asked)
        if metrics:
            results.append({"group": dict(key), "data": [{"interval": interval, "metrics": metrics}]})
    return {"results": results}


def parse_interval(text: str) -> tuple[datetime, datetime]:
    """Return the two moments of an ISO 8601 interval; without an offset they are UTC."""
    start, slash, end = text.partition("/")
    try:
        moments = (datetime.fromisoformat(start), datetime.fromisoformat(end))
    except ValueError:
        raise ApiError(400, "invalid.date", "Dates must be specified as ISO-8601 strings") from None
    first, last = (each.astimezone(UTC) if each.tzinfo else each.replace(tzinfo=UTC) for each in moments)
    if not slash or first >= last:
        raise bad_request(f"The interval [{text}] has to end after it starts")
    return first, last


def _tallies(
    call: Call, start: datetime, end: datetime, groups_by: tuple[str, ...]
) -> Mapping[tuple[tuple[str, str], ...], Tally]:
    center, settings = call.tenant.world.center, call.tenant.settings
    chosen = call.filter("filter", DIMENSIONS, AGGREGATE_VIEW)
    tallies: dict[tuple[tuple[str, str], ...], Tally] = {}
    for number, queue in call.tenant.readable.items():
        values = [{"queueId": queue, "mediaType": media} for media in MEDIA_TYPES]
        wanted = [each for each in values if chosen.holds({name: (value,) for name, value in each.items()})]
        if not wanted:
            continue
        window = truth.queue_window(center, [number], center.seconds(start), center.seconds(end))
        threshold = call.tenant.spec.queues[number].service_level_s
        for each in wanted:
            key = tuple((dimension, each[dimension]) for dimension in groups_by)
            tally = tallies.setdefault(key, Tally(settings.short_abandon_s))
            tally.add(window, each["mediaType"], threshold)
    return tallies


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


ENDPOINTS: Final = (
    Endpoint("POST", "/api/v2/analytics/conversations/aggregates/query", query, AGGREGATE_VIEW, "observations"),
)
