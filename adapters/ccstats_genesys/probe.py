"""What Genesys Cloud's documents leave open, asked of a real organization: six requests at most, with the token's."""

from __future__ import annotations

from uuid import uuid4

from ccstats import lenient
from ccstats.adapter import Finding, Verdict
from ccstats.errors import NotPermittedError, VendorError
from ccstats.http import Answer
from ccstats_genesys.api import queries, wire
from ccstats_genesys.api.wire import Observed
from ccstats_genesys.parse.numbers import EPOCH_FROM
from ccstats_genesys.parse.observations import Groups, grouped
from ccstats_genesys.wires import Wires

ALERTING = "alerting inside waiting: does oWaiting count contacts that ring at an agent?"
EPOCH = "epoch longest wait: is oLongestWaiting the time at which the oldest contact began to wait?"
REFUSALS = frozenset({400, 404, 422})
CONFIRMED, CONTRADICTED, UNDECIDED = Verdict.CONFIRMED, Verdict.CONTRADICTED, Verdict.UNDECIDED


async def probe(wires: Wires) -> list[Finding]:
    """Observe the first hundred queues and one that does not exist."""
    try:
        listed = await wires.get(queries.QUEUES, pageSize=queries.QUEUES_PAGE, pageNumber=1)
    except NotPermittedError:
        listed = await wires.get(queries.DIVISION_VIEWS, pageSize=queries.QUEUES_PAGE, pageNumber=1)
    queues = [queue.id for queue in lenient.decode(listed.body, wire.QueuePage).entities or []]
    if not queues:
        return [Finding("everything", "the organization has a queue", UNDECIDED, "there is no queue")]
    stranger = str(uuid4())
    try:
        answer = await wires.post(queries.OBSERVATIONS, queries.observations([*queues[:99], stranger]))
    except VendorError as error:
        question = "absent groups: may a query name a queue that does not exist?"
        verdict = CONTRADICTED if error.origin.status in REFUSALS else UNDECIDED
        unasked = [Finding(name, "not asked", UNDECIDED, error.message, asked=False) for name in (ALERTING, EPOCH)]
        stats = await _stats(wires, queues[0])
        return [
            *unasked,
            Finding(question, "yes", verdict, str(error), asked=verdict is CONTRADICTED),
            stats,
            _headers(listed),
        ]
    groups = grouped(lenient.decode(answer.body, wire.Observations))
    return [
        _alerting(groups),
        _epoch(groups),
        _absent(groups, queues[:99], stranger),
        await _stats(wires, queues[0]),
        _headers(answer),
    ]


def _alerting(groups: Groups) -> Finding:
    question = ALERTING
    assumption = "not known, so oAlerting is never added to oWaiting"
    contacts = [tally.counts for parts in groups.values() for tally in parts.values()]
    seen = [(one.get(Observed.WAITING) or 0, rings) for one in contacts if (rings := one.get(Observed.ALERTING))]
    if not seen:
        return Finding(question, assumption, UNDECIDED, "nothing was ringing")
    evidence = "; ".join(f"{waits} waiting while {rings} ringing" for waits, rings in seen[:5])
    if any(waits < rings for waits, rings in seen):
        return Finding(question, assumption, CONTRADICTED, f"fewer waiting than ringing: {evidence}")
    # As many waiting as ringing, and nobody else: a coincidence once, hardly three times.
    alike = sum(waits == rings for waits, rings in seen)
    return Finding(question, assumption, CONFIRMED if alike >= 3 else UNDECIDED, evidence)


def _epoch(groups: Groups) -> Finding:
    question = EPOCH
    waits = [value for parts in groups.values() for tally in parts.values() for value in tally.waits]
    known = [value for value in map(lenient.number, waits) if value]
    if not known:
        return Finding(question, "yes, in epoch milliseconds", UNDECIDED, "nobody was waiting")
    verdict = CONFIRMED if all(value > EPOCH_FROM for value in known) else CONTRADICTED
    return Finding(
        question, "yes, in epoch milliseconds", verdict, f"values: {', '.join(f'{v:.0f}' for v in known[:3])}"
    )


def _absent(groups: Groups, asked: list[str], stranger: str) -> Finding:
    question = "absent groups: is a queue that does not exist left out of the answer, and every other one in it?"
    missing = sum(queue not in groups for queue in asked)
    verdict = CONFIRMED if stranger not in groups and not missing else CONTRADICTED
    evidence = (
        f"{missing} of {len(asked)} known queues missing; the unknown one {'in' if stranger in groups else 'out'}"
    )
    return Finding(question, "yes: absent means unknown, not zero", verdict, evidence)


async def _stats(wires: Wires, queue: str) -> Finding:
    question = f"does {queries.STATS} exist here?"
    assumption = "no, so api = 'auto' reads observations"
    try:
        answer = await wires.post(queries.STATS, queries.stats([queue]))
    except VendorError as error:
        status = error.origin.status
        verdict = CONFIRMED if status in (404, 405, 501) else UNDECIDED
        return Finding(question, assumption, verdict, f"status {status}: {error.message}")
    return Finding(question, assumption, CONTRADICTED, f"answered with {len(answer.body)} bytes")


def _headers(answer: Answer) -> Finding:
    question = "rate-limit header syntax: what do the inin-ratelimit headers look like?"
    assumption = "numbers: count, allowed per minute, seconds to the reset"
    names = ("inin-ratelimit-count", "inin-ratelimit-allowed", "inin-ratelimit-reset")
    seen = {name: answer.headers[name] for name in names if name in answer.headers}
    if not seen:
        return Finding(question, assumption, UNDECIDED, "no such header came")
    numbers = all(lenient.number(value) is not None for value in seen.values())
    evidence = ", ".join(f"{name}: {value[:40]}" for name, value in seen.items())
    return Finding(question, assumption, CONFIRMED if numbers and len(seen) == 3 else CONTRADICTED, evidence)
