"""Every official Twilio example is read by our own decoding and parsing, or has a reason why it is not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from vendor_bodies import wire as encode
from vendor_honesty import merged, unexplained

from ccstats import lenient
from ccstats.adapter import Batch, Reading
from ccstats.config import WindowSpec, validate
from ccstats.errors import AuthError, NotFoundError, Origin, RateLimitedError, RequestRefusedError
from ccstats.http import Answer
from ccstats.model import Family, Kind, Snapshot, Target
from ccstats_twilio.abilities import ABILITIES
from ccstats_twilio.api import endpoints, wire
from ccstats_twilio.api.dialect import TwilioDialect
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.parse import WorkspaceFacts, worker
from ccstats_twilio.parse.handling import Ledger
from ccstats_twilio.readings import Readings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANSWER = Answer(200, {}, b"", NOW)
A = "a" * 32
SPACE = f"WS{A}"
Check = Callable[[Any], None]


def target(kind: Kind) -> Target:
    prefix = {Kind.QUEUE: "WQ", Kind.WORKFLOW: "WW", Kind.WORKSPACE: "WS", Kind.AGENT: "WK"}[kind]
    return Target(source="us", vendor="twilio", kind=kind, scope=SPACE, id=f"{prefix}{A}")


def make(**given: Any) -> Readings:
    options = {"adapter": "twilio", "account_sid": f"AC{A}", "auth_token": "t", "split_by_wait_time": [5, 10], **given}
    facts = WorkspaceFacts(SPACE, multi_tasking=False)
    return Readings(validate(TwilioOptions, options), {SPACE: facts}, keep_raw=False)


def honest(*readings: Reading) -> Snapshot:
    snapshot = merged(ABILITIES, readings)
    assert unexplained(snapshot) == []
    return snapshot


def batch(kind: Kind) -> Batch:
    return Batch("x", (target(kind),), Family.REALTIME, WindowSpec.parse("15m"))


def now(kind: Kind, body: Any) -> Snapshot:
    return honest(make().now(target(kind), lenient.decode(encode(body), wire.RealTime), ANSWER))


def window(kind: Kind, body: Any) -> Snapshot:
    part = lenient.decode(encode(body), wire.Cumulative)
    return honest(make().window(batch(kind), target(kind), part, ANSWER))


def both(kind: Kind, row: wire.Combined) -> Snapshot:
    return honest(*make().both(batch(kind), target(kind), row, ANSWER))


def queue_now(body: Any) -> None:
    snapshot = now(Kind.QUEUE, body)
    assert snapshot.realtime.waiting == 0
    assert snapshot.realtime.agents.total == snapshot.realtime.agents.available == 100
    assert [one.agents for one in snapshot.realtime.activities] == [0, 9, 6, 0]


def bulk(body: Any) -> None:
    (row,) = lenient.decode(encode(body), wire.Bulk).task_queue_data
    assert row.task_queue_sid == f"WQ{A}"
    queue_now(body["task_queue_data"][0])


def workspace_now(body: Any) -> None:
    snapshot = now(Kind.WORKSPACE, body)
    assert snapshot.realtime.waiting is None, "the table of statuses is empty beside a hundred tasks"
    assert snapshot.realtime.agents.total == 100


def workflow_now(body: Any) -> None:
    assert now(Kind.WORKFLOW, body).realtime.in_progress == 0


def workers_now(body: Any) -> None:
    realtime = now(Kind.WORKSPACE, body).realtime
    assert realtime.agents.total == 15
    assert {one.name: one.agents for one in realtime.activities} == {"Idle": 0, "Busy": 9, "Offline": 6, "Reserved": 0}


def tasks_window(kind: Kind) -> Check:
    def check(body: Any) -> None:
        found = window(kind, body).windows["15m"]
        assert found.start == found.end == datetime(2015, 7, 30, 20, tzinfo=UTC)
        assert (found.offered, found.answered, found.handled) == (100, 100, 100)
        assert [level.threshold for level in found.service_levels] == [timedelta(seconds=5), timedelta(seconds=10)]
        assert found.short_abandoned == 0

    return check


def workers_window(body: Any) -> None:
    found = window(Kind.AGENT, body).windows["15m"]
    assert found.reservations.timed_out == 100
    assert [one.total for one in found.activity_durations][:2] == [timedelta(seconds=5400), timedelta(seconds=8100)]


def combined(kind: Kind) -> Check:
    def check(body: Any) -> None:
        snapshot = both(kind, lenient.decode(encode(body), wire.Combined))
        assert snapshot.realtime.waiting is not None
        assert snapshot.windows["15m"].offered is not None
        assert snapshot.windows["15m"].service_levels is None

    return check


def workers_combined(body: Any) -> None:
    row = lenient.decode(encode(body), wire.Combined)
    assert row.realtime.total_workers == 15
    assert len(row.cumulative.activity_durations) == 4


def worker_window(body: Any) -> None:
    workers_window(body["cumulative"])


def queues_list(body: Any) -> None:
    page = lenient.decode(encode(body), wire.QueueStatisticsPage)
    for row in page.task_queues_statistics:
        assert both(Kind.QUEUE, row).realtime.agents.total is not None
    assert page.meta.next_page_url is None


def rows(shape: Any, key: str, prefix: str) -> Check:
    def check(body: Any) -> None:
        page = lenient.decode(encode(body), shape)
        found = getattr(page, key)
        assert [one.sid[:2] for one in found] == [prefix] * len(body[key])
        assert page.meta.next_page_url is None
        if key == "workers":
            for one in found:
                values, _ = worker(one, WorkspaceFacts(SPACE), NOW)
                assert values.agents.total == 1

    return check


def single(shape: Any, prefix: str) -> Check:
    def check(body: Any) -> None:
        found = lenient.decode(encode(body), shape)
        assert (found.sid[:2], found.friendly_name) == (prefix, body["friendly_name"])

    return check


NOT_READ = {
    "ListTask": "tasks are counted by the statistics, not listed: their attributes are personal data",
    "ListTaskReservation": "reservations are counted by the statistics",
    "ListWorkerChannel": "one request per worker: nothing here needs it",
}


def events(body: Any) -> None:
    """What is an event of no reservation is decoded and left out."""
    page, ledger = lenient.decode(encode(body), wire.EventPage), Ledger()
    for event in page.events:
        assert isinstance(event.event_date_ms, int)
        ledger.add(event)
    assert ledger.beginless(lenient.moment("1970-01-01"), lenient.moment("2100-01-01")) == []


def channels(body: Any) -> None:
    """A channel has the unique name by which it is asked for."""
    page = lenient.decode(encode(body), wire.TaskChannelPage)
    assert all(channel.sid.startswith("TC") and channel.unique_name for channel in page.channels)


READ: dict[str, Check] = {
    "ListEvent": events,
    "ListTaskChannel": channels,
    "CreateTaskQueueBulkRealTimeStatistics": bulk,
    "FetchTaskQueue": single(wire.TaskQueue, "WQ"),
    "FetchTaskQueueCumulativeStatistics": tasks_window(Kind.QUEUE),
    "FetchTaskQueueRealTimeStatistics": queue_now,
    "FetchTaskQueueStatistics": combined(Kind.QUEUE),
    "FetchWorker": single(wire.Worker, "WK"),
    "FetchWorkerInstanceStatistics": worker_window,
    "FetchWorkerStatistics": workers_combined,
    "FetchWorkersCumulativeStatistics": workers_window,
    "FetchWorkersRealTimeStatistics": workers_now,
    "FetchWorkflow": single(wire.Named, "WW"),
    "FetchWorkflowCumulativeStatistics": tasks_window(Kind.WORKFLOW),
    "FetchWorkflowRealTimeStatistics": workflow_now,
    "FetchWorkflowStatistics": combined(Kind.WORKFLOW),
    "FetchWorkspace": single(wire.Workspace, "WS"),
    "FetchWorkspaceCumulativeStatistics": tasks_window(Kind.WORKSPACE),
    "FetchWorkspaceRealTimeStatistics": workspace_now,
    "FetchWorkspaceStatistics": combined(Kind.WORKSPACE),
    "ListActivity": rows(wire.ActivityPage, "activities", "WA"),
    "ListTaskQueue": rows(wire.TaskQueuePage, "task_queues", "WQ"),
    "ListTaskQueuesStatistics": queues_list,
    "ListWorker": rows(wire.WorkerPage, "workers", "WK"),
    "ListWorkflow": rows(wire.WorkflowPage, "workflows", "WW"),
    "ListWorkspace": rows(wire.WorkspacePage, "workspaces", "WS"),
}


def test_every_example_has_a_row(folder: Path) -> None:
    found = {path.stem for path in (folder / "twilio" / "examples").iterdir()}

    assert found == READ.keys() | NOT_READ.keys()
    assert not READ.keys() & NOT_READ.keys()


@pytest.mark.parametrize("name", READ)
def test_an_example_is_read(folder: Path, name: str) -> None:
    example = json.loads((folder / "twilio" / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    answers = example["response_examples"]

    assert answers
    assert all(key.startswith("200:") for key in answers)
    for body in answers.values():
        READ[name](body)


def test_what_is_not_read_is_no_endpoint_of_ours(folder: Path) -> None:
    ours = {one.path for one in vars(endpoints).values() if isinstance(one, endpoints.Endpoint)}
    for name, reason in NOT_READ.items():
        example = json.loads((folder / "twilio" / "examples" / f"{name}.json").read_text(encoding="utf-8"))
        path = example["path"].removeprefix("/v1").replace("{WorkspaceSid}", "{workspace}")
        assert path not in ours, reason


def test_documented_errors_mean_what_they_say(folder: Path) -> None:
    extras = json.loads((folder / "twilio" / "documented_extras.json").read_text(encoding="utf-8"))
    expected = {
        "error_404_doc": (NotFoundError, None),
        "error_400_doc": (RequestRefusedError, "21201"),
        "error_429_constructed": (RateLimitedError, "20429"),
        "error_401_constructed": (AuthError, "20003"),
        "error_rfc9457_constructed": (NotFoundError, "20404"),
    }
    for name, (kind, code) in expected.items():
        body = extras[name]
        error = TwilioDialect().fault(body["status"], {}, encode(body), Origin())
        assert (type(error), error.origin.code, error.origin.status) == (kind, code, body["status"])
        assert error.message == body.get("message", body.get("detail"))
    others = {"_note", "bulk_request_doc", "oauth_token_response_doc", "rate_limit_event_doc"}
    assert extras.keys() == expected.keys() | others | {
        "realtime_nobody_waiting_fixture",
        "activity_duration_real_value",
    }


def test_documented_values_are_read(folder: Path) -> None:
    extras = json.loads((folder / "twilio" / "documented_extras.json").read_text(encoding="utf-8"))
    nobody = now(Kind.WORKSPACE, extras["realtime_nobody_waiting_fixture"])
    duration = extras["activity_duration_real_value"]
    (found,) = window(Kind.AGENT, {"activity_durations": [duration]}).windows["15m"].activity_durations

    assert (nobody.realtime.waiting, nobody.realtime.longest_wait) == (0, None)
    assert nobody.realtime.after_call_work == 0, "an older answer has no wrapping: a missing key is zero"
    assert nobody.gap("realtime.longest_wait").reason.value == "no_data"
    assert (found.total.total_seconds(), found.average.total_seconds()) == (duration["total"], duration["avg"])
