"""Twilio's hand-written bodies, read by the adapter's own decoding and parsing, without a network."""

from datetime import UTC, datetime
from typing import Any, Final

from vendor_bodies import load
from vendor_bodies import wire as encode
from vendor_honesty import merged

from ccstats import lenient
from ccstats.adapter import Batch, Reading
from ccstats.config import WindowSpec, validate
from ccstats.http import Answer
from ccstats.model import ActivityState, Family, Kind, Snapshot, Target
from ccstats_twilio.abilities import ABILITIES
from ccstats_twilio.api import wire
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.parse import WorkspaceFacts, worker
from ccstats_twilio.readings import Readings

NOW: Final = datetime(2026, 11, 22, 8, tzinfo=UTC)
ACCOUNT: Final = "AC" + "a" * 32
WORKSPACE: Final = "WS" + "a" * 32
WINDOW: Final = WindowSpec.parse("30m")


def sid(prefix: str, number: int) -> str:
    """A SID of the hand-written account."""
    return f"{prefix}{number:032x}"


IDLE, BUSY, RESERVED, PAUSE, OFFLINE = (sid("WA", number) for number in range(1, 6))
QUEUE: Final = sid("WQ", 1)


def options(**given: Any) -> TwilioOptions:
    """The options of a source that reads the hand-written account."""
    return validate(TwilioOptions, {"adapter": "twilio", "account_sid": ACCOUNT, "auth_token": "token", **given})


def facts(*, multi_tasking: bool | None = False, states: dict[str, ActivityState] | None = None) -> WorkspaceFacts:
    """What discovery finds out about the hand-written workspace."""
    queues = lenient.decode(encode(load("twilio", "task_queues")), wire.TaskQueuePage).task_queues
    activities = lenient.decode(encode(load("twilio", "activities")), wire.ActivityPage).activities
    return WorkspaceFacts(
        sid=WORKSPACE,
        multi_tasking=multi_tasking,
        activities={activity.sid: activity for activity in activities},
        queues={queue.sid: queue for queue in queues},
        states=states or {},
    )


def target(kind: Kind = Kind.QUEUE, ident: str | None = None) -> Target:
    """A target of the hand-written workspace."""
    usual = {Kind.QUEUE: QUEUE, Kind.WORKSPACE: WORKSPACE, Kind.WORKFLOW: sid("WW", 1), Kind.AGENT: sid("WK", 1)}
    return Target(source="us", vendor="twilio", kind=kind, scope=WORKSPACE, id=ident or usual[kind])


def answer() -> Answer:
    """An answer that came now; its body is given separately."""
    return Answer(200, {}, b"", NOW)


def _make(known: WorkspaceFacts | None, given: dict[str, Any]) -> Readings:
    return Readings(options(**given), {WORKSPACE: known or facts()}, keep_raw=False)


def read_now(body: object, kind: Kind = Kind.QUEUE, known: WorkspaceFacts | None = None, **given: Any) -> Reading:
    """The real-time reading out of a body."""
    row = lenient.decode(encode(body), wire.RealTime)
    return _make(known, given).now(target(kind), row, answer())


def read_window(body: object, kind: Kind = Kind.QUEUE, **given: Any) -> Reading:
    """The reading of one window out of a body."""
    part = lenient.decode(encode(body), wire.Cumulative)
    batch = Batch("queue.cumulative", (target(kind),), Family.WINDOW, WINDOW)
    return _make(None, given).window(batch, target(kind), part, answer())


def read_both(body: object, kind: Kind = Kind.QUEUE, **given: Any) -> list[Reading]:
    """Both readings out of a combined body."""
    batch = Batch("queue.combined", (target(kind),), Family.REALTIME, WINDOW)
    row = lenient.decode(encode(body), wire.Combined)
    return _make(None, given).both(batch, target(kind), row, answer())


def now(body: object, kind: Kind = Kind.QUEUE, known: WorkspaceFacts | None = None, **given: Any) -> Snapshot:
    """The snapshot that a real-time body alone makes."""
    return merged(ABILITIES, [read_now(body, kind, known, **given)])


def window(body: object, kind: Kind = Kind.QUEUE, **given: Any) -> Snapshot:
    """The snapshot that a cumulative body alone makes."""
    return merged(ABILITIES, [read_window(body, kind, **given)])


def both(body: object, kind: Kind = Kind.QUEUE, **given: Any) -> Snapshot:
    """The snapshot that a combined body makes."""
    return merged(ABILITIES, read_both(body, kind, **given))


def agent(row: object, known: WorkspaceFacts | None = None) -> Snapshot:
    """The snapshot that a row of the list of workers makes."""
    values, gaps = worker(lenient.decode(encode(row), wire.Worker), known or facts(), NOW)
    return merged(ABILITIES, [Reading(target(Kind.AGENT), Family.REALTIME, NOW, values=values, gaps=gaps)])
