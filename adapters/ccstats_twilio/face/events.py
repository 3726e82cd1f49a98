"""The Events list: what became of every reservation of a workspace, one event per step, newest first.

https://www.twilio.com/docs/taskrouter/api/event; the fields of `event_data` are those of
https://www.twilio.com/docs/events/event-types/taskrouter/reservation, all of them text. Only reservations are served:
nothing here reads the events of tasks, workers and queues.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ccstats.simulator.center import Offer
from ccstats_twilio.face.call import Call, timestamp
from ccstats_twilio.face.pages import page
from ccstats_twilio.face.tenant import Workspace

Body = dict[str, object]

ENDS: Final = {
    "accepted": "reservation.accepted",
    "timed_out": "reservation.timeout",
    "rescinded": "reservation.canceled",
}
STATUSES: Final = {
    "reservation.created": "reserved",
    "reservation.accepted": "assigned",
    "reservation.wrapup": "wrapping",
    "reservation.completed": "completed",
    "reservation.timeout": "pending",
    "reservation.canceled": "canceled",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a reservation; `at` is in the center's seconds, `number` the offer's place among the contact's."""

    type: str
    at: float
    offer: Offer
    number: int
    queue: str
    sid: str


def list_events(call: Call) -> Body:
    """GET /v1/Workspaces/{WorkspaceSid}/Events"""
    space, center = call.workspace, call.center
    window = call.window()
    start, end = center.seconds(window.start), center.seconds(window.end)
    events = {event.sid: event for event in _events(call, space, start, end) if _wanted(call, space, event)}
    newest_first = sorted(events, key=lambda sid: (-events[sid].at, sid))
    return page(call, "events", newest_first, lambda sid: _shown(call, space, events[sid]))


def _events(call: Call, space: Workspace, start: float, end: float) -> Iterator[Event]:
    """Every step from `start` to `end`: both dates are included, as the API document has it."""
    for queue, number in space.queues.items():
        log = call.center.queues[number]
        for contact in log.arrivals.items:
            for place, offer in enumerate(contact.offers):
                for kind, at in _steps(offer):
                    if start <= at <= end:
                        sid = call.tenant.sid("EV", contact.number, place, kind)
                        yield Event(kind, at, offer, place, queue, sid)


def _steps(offer: Offer) -> Iterator[tuple[str, float]]:
    contact = offer.contact
    yield "reservation.created", offer.at
    if offer.ended is None or offer.outcome is None:
        return
    yield ENDS[offer.outcome], offer.ended
    if offer.outcome == "accepted":
        if contact.talk_ended is not None:
            yield "reservation.wrapup", contact.talk_ended
        if contact.completed is not None:
            yield "reservation.completed", contact.completed


def _wanted(call: Call, space: Workspace, event: Event) -> bool:
    asked, channels = call.query, call.channels()
    about = {
        "EventType": event.type,
        "TaskQueueSid": event.queue,
        "WorkflowSid": space.workflow_sid,
        "WorkerSid": _worker(space, event.offer),
        "TaskSid": call.tenant.task_sid(event.offer.contact),
        "ReservationSid": _reservation(call, event),
        "Sid": event.sid,
    }
    named = all(asked.get(name) in {None, value} for name, value in about.items())
    return named and (channels is None or event.offer.contact.channel in channels)


def _worker(space: Workspace, offer: Offer) -> str:
    return next(sid for sid, number in space.workers.items() if number == offer.agent)


def _reservation(call: Call, event: Event) -> str:
    return call.tenant.sid("WR", event.offer.contact.number, event.number)


def _shown(call: Call, space: Workspace, event: Event) -> Body:
    moment = call.center.moment(event.at)
    root = f"{call.origin}/v1/Workspaces/{space.sid}"
    reservation, task = _reservation(call, event), call.tenant.task_sid(event.offer.contact)
    return {
        "account_sid": call.tenant.account_sid,
        "actor_sid": space.sid,
        "actor_type": "workspace",
        "actor_url": root,
        "description": f"Reservation {reservation} {event.type.partition('.')[2]}",
        "event_data": _data(call, space, event, reservation, task),
        "event_date": timestamp(moment),
        "event_date_ms": round(moment.timestamp() * 1000),
        "event_type": event.type,
        "resource_sid": reservation,
        "resource_type": "reservation",
        "resource_url": f"{root}/Tasks/{task}/Reservations/{reservation}",
        "sid": event.sid,
        "source": "twilio",
        "source_ip_address": "127.0.0.1",
        "workspace_sid": space.sid,
        "url": f"{root}/Events/{event.sid}",
    }


def _data(call: Call, space: Workspace, event: Event, reservation: str, task: str) -> Body:
    contact, spec = event.offer.contact, call.center.spec
    return {
        "workspace_sid": space.sid,
        "workspace_name": space.name,
        "workflow_sid": space.workflow_sid,
        "workflow_name": space.workflow_name,
        "task_queue_sid": event.queue,
        "task_queue_name": spec.queues[contact.queue].name,
        "task_sid": task,
        "task_attributes": "{}",
        "task_age": str(int(event.at - contact.arrived)),
        "task_priority": str(contact.priority),
        "task_assignment_status": STATUSES[event.type],
        "task_channel_unique_name": contact.channel,
        "reservation_sid": reservation,
        "worker_sid": _worker(space, event.offer),
        "worker_name": spec.agents[event.offer.agent].name,
    }
