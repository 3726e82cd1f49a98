"""Genesys's hand-written bodies, read by the adapter's own decoding and parsing, without a network."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vendor_bodies import NotThere, load
from vendor_bodies import wire as encode
from vendor_honesty import merged

from ccstats import lenient
from ccstats.adapter import Reading
from ccstats.config import validate
from ccstats.model import Family, Kind, Realtime, Snapshot, Target, Window
from ccstats_genesys.abilities import ABILITIES
from ccstats_genesys.api import wire
from ccstats_genesys.config import GenesysOptions
from ccstats_genesys.parse import aggregates, observations, stats
from ccstats_genesys.parse.presences import Meanings, meanings

NOW: Final = datetime(2026, 11, 22, 8, tzinfo=UTC)
PERIOD: Final = (NOW - timedelta(minutes=30), NOW)
NONE: Final[dict[str, Any]] = {}


def uuid(number: int) -> str:
    """An id of the hand-written organization."""
    return f"{number:08d}-0000-4000-8000-000000000000"


BILLING, SALES = uuid(1), uuid(2)
ON_QUEUE, MEAL, OFFLINE = uuid(101), uuid(102), uuid(103)


def options(**given: Any) -> GenesysOptions:
    """The options of a source that reads the hand-written organization."""
    table = {"adapter": "genesys", "client_id": "client", "client_secret": "secret", "region": "eu-west-1"}
    return validate(GenesysOptions, {**table, **given})


def target(kind: Kind = Kind.QUEUE, ident: str = BILLING) -> Target:
    """A target of the hand-written organization."""
    return Target(source="emea", vendor="genesys", kind=kind, id=ident)


def known() -> Meanings:
    """What the presence definitions say."""
    presences = lenient.decode(encode(load("genesys", "presences")), wire.Presences)
    return meanings(presences.entities or [], NONE)


def limits(queue: str = BILLING) -> dict[str, timedelta]:
    """The service level thresholds of a queue by media type."""
    page = lenient.decode(encode(load("genesys", "queues")), wire.QueuePage)
    (found,) = (one for one in page.entities or [] if one.id == queue)
    return aggregates.thresholds(found)


def _snapshot(kind: Kind, values: Realtime | Window, gaps: dict[str, Any], name: str | None = None) -> Snapshot:
    family = Family.REALTIME if isinstance(values, Realtime) else Family.WINDOW
    ident = BILLING if kind is Kind.QUEUE else "organization"
    return merged(ABILITIES, [Reading(target(kind, ident), family, NOW, window=name, values=values, gaps=gaps)])


def observed(
    body: object,
    queue: str = BILLING,
    *,
    known_as: Meanings | None = None,
    channels: Sequence[str] = (),
    when: datetime = NOW,
) -> Snapshot:
    """The snapshot that an observation answer makes of one queue."""
    decoded = lenient.decode(encode(body), wire.Observations)
    groups = observations.grouped(decoded)
    if queue not in groups:
        raise NotThere(queue)
    roster = observations.roster(decoded, known_as or known())
    values, gaps = observations.realtime(groups[queue], roster, channels, when)
    return _snapshot(Kind.QUEUE, values, gaps)


def aggregated(body: object, queue: str | None = BILLING, kind: Kind = Kind.QUEUE) -> Snapshot:
    """The snapshot that an aggregates answer makes of one queue, or (`None`) of everything."""
    found = aggregates.by_queue(lenient.decode(encode(body), wire.Aggregates))
    thresholds = limits(queue) if queue is not None else {}
    values, gaps = aggregates.window(found.get(queue, {}), PERIOD, thresholds, NOW)
    return _snapshot(kind, values, gaps, "30m")


def active(body: object) -> Snapshot:
    """The snapshot of the whole organization that an activity answer makes, without agents."""
    values, gaps = observations.activity(lenient.decode(encode(body), wire.Activity), NOW)
    return _snapshot(Kind.WORKSPACE, values, gaps)


def counted(body: object) -> Snapshot:
    """The snapshot of the whole organization that the agent counts make, without contacts."""
    decoded = lenient.decode(encode(body), wire.AgentCounts)
    agents, activities = observations.agent_counts(decoded, known())
    values = Realtime(observed_at=NOW, agents=agents, activities=activities)
    return _snapshot(Kind.WORKSPACE, values, {})


def told(body: object) -> Snapshot:
    """The snapshot that an answer of /analytics/stats/queues makes."""
    row = next(iter(stats.rows(lenient.decode(encode(body), wire.QueueStats))), None)
    if row is None:
        raise NotThere("a row")
    values, gaps = stats.realtime(row, NOW)
    over, lacks = stats.window(row, NOW)
    readings = [
        Reading(target(), Family.REALTIME, NOW, values=values, gaps=gaps),
        Reading(target(), Family.WINDOW, NOW, window=stats.WINDOW, values=over, gaps=lacks),
    ]
    return merged(ABILITIES, readings)
