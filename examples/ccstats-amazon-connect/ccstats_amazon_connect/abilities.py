"""What Amazon Connect says: https://docs.aws.amazon.com/connect/latest/adminguide/metrics-definitions.html"""

from collections.abc import Mapping

from ccstats.adapter import Abilities, Ability, only
from ccstats.model import Kind

from ccstats_amazon_connect import api

_NOTES = {
    "waiting": "whether ringing contacts are in it is not documented",
    "after_call_work": "contacts, in spite of its name",
    "not_responding": "missed or rejected a contact, or lost the network",
    "unavailable": "in a custom status",
    "abandoned": "callbacks are never abandoned",
    "handled": "by the time of disconnection",
    "hold": "its documented unit, a count, is a mistake",
}
_no = Ability.unsupported
BEYOND = ("window.service_levels.missed", "window.service_levels.abandoned_beyond")
_SUMS = "neither shortest nor longest is given"


def _all(prefix: str, names: Mapping[str, str]) -> dict[str, Ability]:
    return {f"{prefix}.{field}": Ability.full(name, _NOTES.get(field, "")) for field, name in names.items()}


QUEUE: Mapping[str, Ability] = {
    **_all("realtime", api.CURRENT),
    "realtime.offering": _no("no current metric counts ringing contacts"),
    "realtime.longest_wait": Ability.full(api.AGE, "since the contact was queued"),
    "realtime.in_progress": Ability.derived("SLOTS_ACTIVE - AGENTS_AFTER_CONTACT_WORK", "outbound ringing is in it"),
    "realtime.waiting_by_priority": _no("current metrics are not grouped by priority"),
    **dict.fromkeys(("realtime.by_channel", "window.by_channel"), _no("channels are a filter: set select.channels")),
    **_all("realtime.agents", api.AGENTS),
    **dict.fromkeys(
        ("realtime.agents.total", "realtime.agents.offline"), _no("agents who are offline are not counted")
    ),
    "realtime.agents.off_queue": _no("Connect has no such state"),
    "realtime.activities": Ability.full("AGENTS_ONLINE by AGENT_STATUS", "statuses that somebody is in; never Offline"),
    **dict.fromkeys(("window.start", "window.end"), Ability.full("the period, as asked")),
    "window.complete_until": _no("contact records may come in late"),
    **_all("window", api.COUNTS),
    "window.short_abandoned": _no("set a service level: its abandoned_within says as much"),
    **_all("window", {field: name for field, (_, name) in api.TIMES.items()}),
    **only("window.wait", "max", note="Connect gives the longest only"),
    **only("window.speed_of_answer", "average", note="Connect gives a bare average"),
    **only("window.abandon_wait", "average", note="Connect gives a bare average"),
    **only("window.handle", "count", "sum", "average", note=_SUMS),
    **only("window.talk", "count", "sum", "average", note=_SUMS),
    **only("window.hold", "sum", note="contacts on hold are not counted"),
    **only("window.after_call_work", "count", "sum", "average", note=_SUMS),
    "window.service_levels": Ability.full(", ".join(api.LEVELS)),
    **dict.fromkeys(BEYOND, _no("contacts are counted within a threshold only")),
    **dict.fromkeys(("window.activity_durations", "window.reservations"), _no("a metric of agents, not of queues")),
}
BY_QUEUE = "statuses are grouped by queue only, and an agent may serve several"
ABILITIES: Abilities = {Kind.QUEUE: QUEUE, Kind.WORKSPACE: {**QUEUE, "realtime.activities": _no(BY_QUEUE)}}
