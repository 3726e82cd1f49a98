"""What Twilio's documents leave open, asked of a real account: six read-only requests at most."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from ccstats import lenient
from ccstats.adapter import Finding, Verdict
from ccstats.errors import VendorError
from ccstats.http import Answer
from ccstats_twilio.api import endpoints, wire
from ccstats_twilio.config import TwilioOptions
from ccstats_twilio.wires import Wires

_ROWS = "list row against dedicated row: has the bulk row the fields of the queue's own resource?"
_FOREIGN = "absent groups: what does the bulk resource answer for a SID that is not there?"
_THINNER = "does the combined resource leave out the wait durations and splits?"
_SPLITS = "is split_by_wait_time a map keyed by the thresholds that were sent?"
_HEADERS = "rate-limit header syntax: what do the X-Rate-Limit headers look like?"
FOREIGN = "WQ" + "0" * 32
"""A well-formed SID of nobody."""


async def probe(wires: Wires, options: TwilioOptions) -> list[Finding]:
    """Ask one queue of one workspace in every way there is, and compare; what cannot be asked is undecided."""
    workspace, queue = await _one_queue(wires, options)
    if workspace is None or queue is None:
        return [Finding("everything", "the account has a task queue", Verdict.UNDECIDED, "there is no task queue")]
    place = {"workspace": workspace, "sid": queue}
    body = endpoints.bulk_body([queue, FOREIGN])
    period: dict[str, Any] = {"Minutes": 15, "SplitByWaitTime": "20"}
    dedicated = await _tried(wires.get("queue.realtime", endpoints.QUEUE_REALTIME, **place))
    bulk = await _tried(wires.post("queues.bulk", endpoints.QUEUES_BULK, workspace=workspace, body=body))
    cumulative = await _tried(wires.get("queue.cumulative", endpoints.QUEUE_CUMULATIVE, **place, **period))
    combined = await _tried(wires.get("queue.combined", endpoints.QUEUE_COMBINED, **place, **period))
    return [
        _asked(_ROWS, lambda one, two: _rows(_row(one, queue), _object(two)), bulk, dedicated),
        _asked(_FOREIGN, lambda one: _foreign(_row(one, FOREIGN)), bulk),
        _asked(_THINNER, lambda one, two: _thinner(_object(one), _object(two)), combined, cumulative),
        _asked(_SPLITS, lambda one: _splits(_object(one)), cumulative),
        _asked(_HEADERS, _headers, dedicated),
    ]


async def _tried(asking: Awaitable[Answer]) -> Answer | VendorError:
    try:
        return await asking
    except VendorError as error:
        return error


def _asked(question: str, judge: Callable[..., Finding], *answers: Answer | VendorError) -> Finding:
    failed = next((answer for answer in answers if isinstance(answer, VendorError)), None)
    if failed is not None:
        return Finding(question, "not asked", Verdict.UNDECIDED, f"{type(failed).__name__}: {failed.message}", False)
    return judge(*answers)


async def _one_queue(wires: Wires, options: TwilioOptions) -> tuple[str | None, str | None]:
    workspace = options.workspaces[0] if options.workspaces else None
    if workspace is None:
        answer = await wires.get("workspaces", endpoints.WORKSPACES, PageSize=1)
        found = lenient.decode(answer.body, wire.WorkspacePage).workspaces
        workspace = found[0].sid if found else None
    if workspace is None:
        return None, None
    answer = await wires.get("queues", endpoints.TASK_QUEUES, workspace=workspace, PageSize=1)
    queues = lenient.decode(answer.body, wire.TaskQueuePage).task_queues
    return workspace, queues[0].sid if queues else None


def _object(answer: Answer) -> dict[str, Any]:
    try:
        table = json.loads(answer.body)
    except ValueError:
        return {}
    return table if isinstance(table, dict) else {}


def _row(answer: Answer, sid: str) -> dict[str, Any] | None:
    rows = _object(answer).get("task_queue_data")
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return next((row for row in found if row.get("task_queue_sid") == sid), None)


def _rows(row: dict[str, Any] | None, dedicated: dict[str, Any]) -> Finding:
    question = _ROWS
    assumption = "the same fields but the two longest_relative ones"
    if row is None:
        return Finding(question, assumption, Verdict.CONTRADICTED, "the queue is missing from the bulk answer")
    missing = sorted(set(dedicated) - set(row) - {"url", "account_sid", "workspace_sid"})
    expected = {"longest_relative_task_age_in_queue", "longest_relative_task_sid_in_queue"}
    verdict = Verdict.CONFIRMED if set(missing) <= expected else Verdict.CONTRADICTED
    return Finding(question, assumption, verdict, f"missing from the row: {', '.join(missing) or 'nothing'}")


def _foreign(row: dict[str, Any] | None) -> Finding:
    question = _FOREIGN
    assumption = "a row of zeros, so a SID that discovery did not see is never sent"
    if row is None:
        return Finding(question, assumption, Verdict.CONTRADICTED, "no row for the unknown SID")
    zero = lenient.count(row.get("total_tasks")) == 0 and lenient.count(row.get("total_eligible_workers")) == 0
    return Finding(question, assumption, Verdict.CONFIRMED if zero else Verdict.CONTRADICTED, "a row came back")


def _thinner(combined: dict[str, Any], cumulative: dict[str, Any]) -> Finding:
    question = _THINNER
    assumption = "yes, so detail = 'totals' has bare averages"
    fields = {"wait_duration_until_accepted", "wait_duration_until_canceled", "split_by_wait_time"}
    present = sorted(fields & set(combined.get("cumulative") or {}))
    verdict = Verdict.CONTRADICTED if present else Verdict.CONFIRMED
    if not fields & set(cumulative):
        verdict = Verdict.UNDECIDED
    return Finding(question, assumption, verdict, f"in the combined answer: {', '.join(present) or 'none of them'}")


def _splits(cumulative: dict[str, Any]) -> Finding:
    question = _SPLITS
    splits = cumulative.get("split_by_wait_time")
    verdict = Verdict.CONFIRMED if isinstance(splits, dict) and "20" in splits else Verdict.CONTRADICTED
    keys = sorted(splits) if isinstance(splits, dict) else type(splits).__name__
    return Finding(question, "yes", verdict, f"keys: {keys}")


def _headers(answer: Answer) -> Finding:
    question = _HEADERS
    names = ("X-Rate-Limit-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Config")
    seen = {name: answer.headers[name] for name in names if name in answer.headers}
    if not seen:
        return Finding(question, "whole numbers, per second", Verdict.UNDECIDED, "no such header came")
    plain = all(seen.get(name, "0").strip().isdigit() for name in names[:2])
    evidence = ", ".join(f"{name}: {value[:60]}" for name, value in seen.items())
    return Finding(
        question, "whole numbers, per second", Verdict.CONFIRMED if plain else Verdict.CONTRADICTED, evidence
    )
