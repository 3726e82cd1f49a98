"""A simulated contact center in the wire format of Amazon Connect: the queues of all sites in one instance."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from botocore.awsrequest import AWSRequest
from ccstats.simulator.kit import Answer, Call, Refusal, VendorFace, World, agents_now, queue_now, queue_window

from ccstats_amazon_connect.api import AGE, ONLINE, QUEUES
from ccstats_amazon_connect.sign import STAMP, authorization

REGION: Final = "eu-central-1"
INVALID: Final = "InvalidParameterException"
LATE: Final = timedelta(minutes=5)
KINDS: Final = {"available": "ROUTABLE", "unavailable": "CUSTOM", "offline": "OFFLINE"}


class ConnectFace(VendorFace):
    """Serves a center as one instance. `page` is the most rows of a page, whatever was asked for."""

    name = "amazon-connect"
    settings: ClassVar[Mapping[str, object]] = {"requests_per_second": 5, "throttle_status": 429, "page": 1000}

    def endpoints(self) -> Mapping[str, Answer]:
        """The four operations that the adapter needs."""
        return {
            "GET /queues-summary/{instance}": _queues,
            "GET /agent-status/{instance}": _statuses,
            "POST /metrics/current/{instance}": _current,
            "POST /metrics/data": _history,
        }

    def configuration(self, base_url: str, world: World) -> dict[str, object]:
        """The instance with its own made-up key."""
        account = str(int(world.credential("connect:account"), 16))[:12]
        key, secret = _key(world)
        return {
            "adapter": self.name,
            "instance_arn": f"arn:aws:connect:{REGION}:{account}:instance/{world.uuid('connect:instance')}",
            "access_key_id": key,
            "secret_access_key": secret,
            "base_url": base_url,
        }

    def authenticate(self, call: Call) -> None:
        """Sign the request once more with the account's own secret, and compare."""
        stamp, given = call.headers.get("X-Amz-Date", ""), call.headers.get("Authorization", "")
        key, secret = _key(call.world)
        if f"Credential={key}/" not in given:
            raise _refusal(403, "UnrecognizedClientException", "The security token included in the request is invalid.")
        signed = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        headers = {name: call.headers.get(name, "") for name in signed}
        request = AWSRequest(call.method, str(call.url), headers, call.body)
        if authorization(key, secret, REGION, request, stamp) != given:
            raise _refusal(403, "InvalidSignatureException", "The request signature does not match.")
        if abs(datetime.strptime(stamp, STAMP).replace(tzinfo=UTC) - call.now) > LATE:
            raise _refusal(403, "InvalidSignatureException", "Signature expired")

    def admit(self, call: Call, template: str) -> None:
        """AWS's limits, averaged over ten seconds."""
        if call.meter.spend(template, 10 * call.settings["requests_per_second"], 10.0, call.now) is not None:
            raise _refusal(call.settings["throttle_status"], "ThrottlingException", "Rate exceeded")


def _refusal(status: int, code: str, message: str) -> Refusal:
    return Refusal(status, {"Message": message}, {"x-amzn-ErrorType": code})


def _key(world: World) -> tuple[str, str]:
    return f"AKIA{world.credential('connect:key', 16).upper()}", world.credential("connect:secret", 40)


def _paged(call: Call, member: str, rows: Sequence[object], token: str | None, size: int) -> dict[str, object]:
    page, following = call.page(rows, token, min(size, call.settings["page"]))
    return {member: page, **({"NextToken": following} if following else {})}


def _listed(call: Call, member: str, rows: Sequence[object]) -> object:
    if call.ids["instance"] != call.world.uuid("connect:instance"):
        raise _refusal(404, "ResourceNotFoundException", "Instance not found")
    return _paged(call, member, rows, call.query.get("nextToken"), int(call.query.get("maxResults", QUEUES)))


def _queues(call: Call) -> object:
    named = zip(call.queues, call.center.spec.queues, strict=True)
    rows = [{"Id": ident, "Name": queue.name, "QueueType": "STANDARD"} for ident, queue in named]
    return _listed(call, "QueueSummaryList", rows)


def _statuses(call: Call) -> object:
    rows = [
        {"Id": call.world.uuid(f"status:{at}"), "Name": one.name, "Type": KINDS[one.state]}
        for at, one in enumerate(call.center.spec.activities)
    ]
    return _listed(call, "AgentStatusSummaryList", rows)


def _numbers(call: Call, idents: Sequence[str]) -> dict[str, int]:
    """The center's queues that a filter names."""
    known = call.queues
    if not 1 <= len(idents) <= QUEUES:
        raise _refusal(400, INVALID, f"a request names 1 to {QUEUES} queues")
    if unknown := [ident for ident in idents if ident not in known]:
        raise _refusal(404, "ResourceNotFoundException", f"Queue not found: {unknown[0]}")
    return {ident: known[ident] for ident in idents}


def _row(metrics: Sequence[Mapping[str, Any]], values: Mapping[str, Any], dimensions: object) -> dict[str, Any]:
    if unknown := [metric["Name"] for metric in metrics if metric["Name"] not in values]:
        raise _refusal(400, INVALID, f"this face has no metric {unknown[0]}")
    collections = [{"Metric": metric, "Value": values[metric["Name"]]} for metric in metrics]
    return {"Dimensions": dimensions, "Collections": collections}


def _current(call: Call) -> object:
    asked = call.json()
    groupings, metrics = asked.get("Groupings") or [], asked["CurrentMetrics"]
    numbers, channels = _numbers(call, asked["Filters"]["Queues"]), asked["Filters"].get("Channels", [])
    if groupings == ["QUEUE", "AGENT_STATUS"]:
        rows = [
            _row(metrics, {ONLINE: agents}, {"Queue": {"Id": ident}, "AgentStatus": {"Id": status}})
            for ident, number in numbers.items()
            for status, agents in _online(call, number)
        ]
    elif groupings == ["QUEUE"]:
        rows = [_row(metrics, _now(call, [at], channels), {"Queue": {"Id": ident}}) for ident, at in numbers.items()]
    elif groupings:
        raise _refusal(400, INVALID, "this face groups by QUEUE, and by QUEUE and AGENT_STATUS")
    else:
        values = _now(call, list(numbers.values()), channels)
        # Without groups the age is in milliseconds, whatever the unit says; so AWS documents it.
        rows = [_row(metrics, {**values, AGE: values[AGE] * 1000}, {})]
    taken = {"DataSnapshotTime": call.now.timestamp()}
    return _paged(call, "MetricResults", rows, asked.get("NextToken"), asked.get("MaxResults", QUEUES)) | taken


def _online(call: Call, number: int) -> list[tuple[str, float]]:
    """In which statuses the agents of a queue are, but for those who are offline."""
    activities, online = call.center.spec.activities, agents_now(call.center, [number], call.at).by_activity()
    there = sorted((at, agents) for at, agents in online.items() if activities[at].state != "offline")
    return [(call.world.uuid(f"status:{at}"), float(agents)) for at, agents in there]


def _now(call: Call, numbers: list[int], channels: Sequence[str]) -> dict[str, float]:
    only = [channel.lower() for channel in channels] or None
    now, agents = queue_now(call.center, numbers, call.at, only), agents_now(call.center, numbers, call.at)
    return {
        "CONTACTS_IN_QUEUE": float(len(now.waiting)),
        "OLDEST_CONTACT_AGE": now.longest_wait or 0.0,
        "SLOTS_ACTIVE": float(len(now.talking) + len(now.wrapping)),
        "AGENTS_AFTER_CONTACT_WORK": float(len(now.wrapping)),
        "AGENTS_AVAILABLE": float(agents.available),
        "AGENTS_ON_CONTACT": float(agents.busy),
        "AGENTS_NON_PRODUCTIVE": float(agents.unavailable),
        "AGENTS_ERROR": float(agents.not_responding),
    }


def _history(call: Call) -> object:
    asked = call.json()
    filters = {one["FilterKey"]: one["FilterValues"] for one in asked["Filters"]}
    numbers, start, end = _numbers(call, filters["QUEUE"]), asked["StartTime"], asked["EndTime"]
    only = [channel.lower() for channel in filters.get("CHANNEL", [])] or None
    if not start < end <= call.now.timestamp():
        raise _refusal(400, INVALID, "the period has to end after it starts, and not in the future")
    opened = call.center.start.timestamp()
    groups = [({"QUEUE": ident}, [at]) for ident, at in numbers.items()]
    if not asked.get("Groupings"):
        groups = [({}, list(numbers.values()))]
    interval = {"Interval": "TOTAL", "StartTime": start, "EndTime": end}
    rows = []
    for dimensions, queues in groups:
        over = queue_window(call.center, queues, start - opened, end - opened, only)
        values = [_row([metric], _over(over, metric), {})["Collections"][0] for metric in asked["Metrics"]]
        rows.append({"Dimensions": dimensions, "MetricInterval": interval, "Collections": values})
    return _paged(call, "MetricResults", rows, asked.get("NextToken"), asked.get("MaxResults", QUEUES))


def _over(over: Any, metric: Mapping[str, Any]) -> dict[str, float | None]:
    waits, left, done = over.answer_waits, over.abandon_waits, over.completed
    limit = next((one["ThresholdValue"] for one in metric.get("Threshold", [])), 0.0)
    met, given_up = sum(wait <= limit for wait in waits), sum(wait <= limit for wait in left)
    values = {
        "CONTACTS_QUEUED_BY_ENQUEUE": over.offered,
        "CONTACTS_HANDLED_BY_CONNECTED_TO_AGENT": over.answered,
        "CONTACTS_ABANDONED": over.abandoned,
        "CONTACTS_HANDLED": len(done),
        **dict.fromkeys(("CONTACTS_TRANSFERRED_OUT", "CONTACTS_TRANSFERRED_OUT_FROM_QUEUE"), 0),
        "AVG_QUEUE_ANSWER_TIME": sum(waits) / len(waits) if waits else None,
        "AVG_ABANDON_TIME": sum(left) / len(left) if left else None,
        "MAX_QUEUED_TIME": max((*waits, *left), default=None),
        "SUM_HANDLE_TIME": sum(one.handle for one in done),
        "SUM_INTERACTION_TIME": sum(one.talk for one in done),
        "SUM_HOLD_TIME": sum(one.held for one in done),
        "SUM_AFTER_CONTACT_WORK_TIME": sum(one.wrap for one in done),
        "SUM_CONTACTS_ANSWERED_IN_X": met,
        "SUM_CONTACTS_ABANDONED_IN_X": given_up,
        "SERVICE_LEVEL": min(100.0, 100.0 * (met + given_up) / over.offered) if over.offered else None,
    }
    return {name: None if value is None else float(value) for name, value in values.items()}
