"""What the face of a plugin may use: a center and what is true in it, a base for faces, and the server."""

from ccstats.simulator.center import Center, CenterSpec, Contact, generate_spec
from ccstats.simulator.desk import Answer, Call, Meter, Refusal, VendorFace
from ccstats.simulator.face import Face, ManualClock, World
from ccstats.simulator.faults import Fault, RequestRecord
from ccstats.simulator.server import Running, serve
from ccstats.simulator.stage import stage
from ccstats.simulator.truth import AgentsNow, QueueNow, QueueWindow, agents_now, members, queue_now, queue_window

__all__ = [
    "AgentsNow",
    "Answer",
    "Call",
    "Center",
    "CenterSpec",
    "Contact",
    "Face",
    "Fault",
    "ManualClock",
    "Meter",
    "QueueNow",
    "QueueWindow",
    "Refusal",
    "RequestRecord",
    "Running",
    "VendorFace",
    "World",
    "agents_now",
    "generate_spec",
    "members",
    "queue_now",
    "queue_window",
    "serve",
    "stage",
]
