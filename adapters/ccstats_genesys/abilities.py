"""What Genesys Cloud can say, metric by metric.

Observations: https://developer.genesys.cloud/analyticsdatamanagement/analytics/observation/; aggregates:
https://developer.genesys.cloud/analyticsdatamanagement/analytics/aggregate/. Times come in milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ccstats.adapter import Abilities, Ability, Absence, Support
from ccstats.model import Kind

FULL, DERIVED, UNSUPPORTED = Support.FULL, Support.DERIVED, Support.UNSUPPORTED
ZERO = Absence.ZERO


def _ability(support: Support, origin: str, note: str = "", absence: Absence = Absence.UNKNOWN) -> Ability:
    return Ability(support, origin, absence, note)


def _no(note: str) -> Ability:
    return Ability(UNSUPPORTED, note=note)


_CONTACTS: Mapping[str, Ability] = {
    "realtime.waiting": _ability(FULL, "oWaiting.count", "whether ringing contacts are in it is not documented", ZERO),
    "realtime.offering": _ability(FULL, "oAlerting.count", "never added to waiting", ZERO),
    "realtime.longest_wait": _ability(FULL, "oLongestWaiting.calculatedMetricValue", "a start time or a duration"),
    "realtime.in_progress": _ability(FULL, "oInteracting.count", "after-call work may be in it", ZERO),
    "realtime.after_call_work": _no("observations do not tell after-call work from interacting"),
    "realtime.waiting_by_priority": _no("only detail observations carry priorities, and with them personal data"),
    "realtime.by_channel": _ability(FULL, "group.mediaType"),
}

_AGENTS: Mapping[str, Ability] = {
    "realtime.agents.total": _ability(
        FULL, "oMemberUsers.count", "members, joined or not, offline ones included", ZERO
    ),
    "realtime.agents.available": _ability(FULL, "oUserRoutingStatuses[IDLE].count", absence=ZERO),
    "realtime.agents.busy": _ability(
        DERIVED, "oUserRoutingStatuses[INTERACTING] + [COMMUNICATING]", "agent-wide: maybe for another queue", ZERO
    ),
    "realtime.agents.unavailable": _ability(DERIVED, "oUserRoutingStatuses[OFF_QUEUE] less offline ones"),
    "realtime.agents.offline": _ability(DERIVED, "oUserPresences whose system presence is OFFLINE", absence=ZERO),
    "realtime.agents.off_queue": _ability(FULL, "oUserRoutingStatuses[OFF_QUEUE].count", absence=ZERO),
    "realtime.agents.not_responding": _ability(FULL, "oUserRoutingStatuses[NOT_RESPONDING].count", absence=ZERO),
    "realtime.activities": _ability(FULL, "oUserPresences by organization presence id"),
}

_WINDOW: Mapping[str, Ability] = {
    "window.start": _ability(FULL, "interval of the answer, or as asked where nothing happened"),
    "window.end": _ability(FULL, "interval of the answer, or as asked where nothing happened"),
    "window.complete_until": _no("no latency of the running interval is documented"),
    "window.offered": _ability(FULL, "nOffered.count", absence=ZERO),
    "window.answered": _ability(FULL, "tAnswered.count", absence=ZERO),
    "window.abandoned": _ability(FULL, "tAbandon.count", absence=ZERO),
    "window.short_abandoned": _ability(FULL, "tShortAbandon.count", absence=ZERO),
    "window.handled": _ability(FULL, "tHandle.count", "once per agent that handled a segment", ZERO),
    "window.transferred": _ability(FULL, "nTransferred.count", absence=ZERO),
    "window.flowed_out": _ability(FULL, "tFlowOut.count", absence=ZERO),
    "window.wait": _ability(FULL, "tWait", "answered and abandoned", ZERO),
    "window.speed_of_answer": _ability(FULL, "tAnswered", absence=ZERO),
    "window.abandon_wait": _ability(FULL, "tAbandon", absence=ZERO),
    "window.handle": _ability(FULL, "tHandle", "contacting and dialing may be in it", ZERO),
    "window.talk": _ability(FULL, "tTalk", absence=ZERO),
    "window.hold": _ability(FULL, "tHeld", "per hold, not per contact", ZERO),
    "window.after_call_work": _ability(FULL, "tAcw", absence=ZERO),
    "window.service_levels": _ability(DERIVED, "tAnswered.count, nOverSla.count and oServiceLevel", absence=ZERO),
    "window.service_levels.threshold": _ability(FULL, "mediaSettings.*.serviceLevel.durationMs of the queue"),
    "window.service_levels.abandoned_within": _no("abandoned contacts are not counted at the threshold"),
    "window.service_levels.abandoned_beyond": _no("abandoned contacts are not counted at the threshold"),
    "window.service_levels.vendor_ratio": _ability(FULL, "oServiceLevel.numerator / .denominator"),
    "window.activity_durations": _no("time per presence is a statistic of agents, not of queues"),
    "window.reservations": _no("conversation aggregates count contacts, not offers to agents"),
    "window.by_channel": _ability(FULL, "group.mediaType"),
    **{
        f"window.by_channel.service_levels.{part}": _no("abandoned contacts are not counted at the threshold")
        for part in ("abandoned_within", "abandoned_beyond")
    },
}

QUEUE: Mapping[str, Ability] = {**_CONTACTS, **_AGENTS, **_WINDOW}

WORKSPACE: Mapping[str, Ability] = {
    **QUEUE,
    "realtime.agents.total": _ability(DERIVED, "agents/status/counts presenceCounts, summed"),
    "realtime.agents.available": _ability(FULL, "agents/status/counts routingStatusCounts[IDLE]"),
    "realtime.agents.busy": _ability(DERIVED, "agents/status/counts [INTERACTING] + [COMMUNICATING]"),
    "realtime.agents.off_queue": _ability(FULL, "agents/status/counts [OFF_QUEUE]"),
    "realtime.agents.not_responding": _ability(FULL, "agents/status/counts [NOT_RESPONDING]"),
    "realtime.activities": _ability(FULL, "agents/status/counts presenceCounts"),
    "window.service_levels.threshold": _no("every queue and media type has its own threshold"),
    "window.by_channel.service_levels.threshold": _no("every queue and media type has its own threshold"),
}

ABILITIES: Abilities = {Kind.QUEUE: QUEUE, Kind.WORKSPACE: WORKSPACE}

_NOT_IN_STATS: Final = "/analytics/stats/queues gives waiting, agents available and busy, and two averages only"
_BARE: Final = "/analytics/stats/queues gives a bare average"
_NO_PERIOD: Final = "the period of /analytics/stats/queues is not documented"

STATS: Mapping[str, Ability] = {
    **dict.fromkeys(QUEUE, _no(_NOT_IN_STATS)),
    "realtime.waiting": _ability(FULL, "queue/waiting/count"),
    "realtime.agents.available": _ability(FULL, "queue/agentsAvailable/count"),
    "realtime.agents.busy": _ability(FULL, "queue/agentsBusy/count"),
    "window.start": _no(_NO_PERIOD),
    "window.end": _no(_NO_PERIOD),
    "window.handle": _ability(FULL, "queue/avgHandleTime"),
    "window.wait": _ability(FULL, "queue/avgWaitTime"),
    **{f"window.{name}.{part}": _no(_BARE) for name in ("handle", "wait") for part in ("count", "sum", "min", "max")},
}
"""The same for a queue that is read through /analytics/stats/queues."""
