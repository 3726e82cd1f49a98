"""The account that the face pretends to be: credentials, workspaces and the SIDs of all they hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ccstats.simulator.agent_time import Segment
from ccstats.simulator.agents import AgentNow
from ccstats.simulator.center import Center, Contact
from ccstats.simulator.face import World

CHANNELS: Final = ("voice", "chat", "sms", "email", "default")


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity of a workspace."""

    sid: str
    name: str
    available: bool


@dataclass(frozen=True, slots=True)
class Workspace:
    """A site of the center; `queues` and `workers` lead from SIDs to the center's indexes.

    The first of its activities are those of the center, in the same order.
    """

    site: int
    sid: str
    name: str
    multi_tasking: bool
    workflow_sid: str
    workflow_name: str
    queues: Mapping[str, int]
    workers: Mapping[str, int]
    channels: Mapping[str, str]
    activities: tuple[Activity, ...]
    default: Activity
    timeout: Activity
    reserved: Activity | None
    busy: Activity | None

    def activity_of(self, agent: AgentNow) -> Activity:
        """Return the activity in which TaskRouter shows an agent at that moment."""
        return self._shown(agent, working=agent.busy)

    def activity_in(self, segment: Segment) -> Activity:
        """Return the activity in which TaskRouter showed an agent during a stretch of time."""
        return self._shown(segment, working=segment.talking + segment.wrapping > 0)

    def _shown(self, agent: AgentNow | Segment, *, working: bool) -> Activity:
        # Offers and work change the activity in single-tasking workspaces only. That a reservation which times
        # out moves the worker to the timeout activity in both kinds is an assumption.
        if self.busy is not None and working:
            return self.busy
        if self.reserved is not None and agent.ringing:
            return self.reserved
        return self.timeout if agent.not_responding else self.activities[agent.activity]


class Tenant:
    """A made-up Twilio account; equal worlds have equal SIDs."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.account_sid: Final = "AC" + world.credential("twilio:account")
        self.auth_token: Final = world.credential("twilio:token")
        self.key_sid: Final = "SK" + world.credential("twilio:key")
        self.key_secret: Final = world.credential("twilio:secret")
        sites = range(len(world.center.spec.sites))
        self.workspaces: Final = {space.sid: space for space in map(self._workspace, sites)}

    @property
    def center(self) -> Center:
        """The center behind the account."""
        return self._world.center

    def accepts(self, user: str, password: str) -> bool:
        """Return whether these are the account's token or its API key."""
        return (user, password) in {(self.account_sid, self.auth_token), (self.key_sid, self.key_secret)}

    def task_sid(self, contact: Contact) -> str:
        """Return the SID of a contact as a task."""
        return self.sid("WT", contact.number)

    def sid(self, prefix: str, *parts: object) -> str:
        """Return the SID of something that the account holds; equal parts have equal SIDs."""
        spec = self.center.spec
        return prefix + self._world.credential(":".join(map(str, ("twilio", prefix, spec.name, spec.seed, *parts))))

    def _workspace(self, site: int) -> Workspace:
        spec = self.center.spec
        own = [
            Activity(self.sid("WA", site, number), activity.name, activity.state == "available")
            for number, activity in enumerate(spec.activities)
        ]
        offline = next((number for number, each in enumerate(spec.activities) if each.state == "offline"), 0)
        extra = {
            name: Activity(self.sid("WA", site, name), name, available=False) for name in _extra(spec.single_tasking)
        }
        return Workspace(
            site=site,
            sid=self.sid("WS", site),
            name=spec.sites[site].name,
            multi_tasking=not spec.single_tasking,
            workflow_sid=self.sid("WW", site),
            workflow_name=f"{spec.sites[site].name} routing",
            queues={self.sid("WQ", number): number for number, queue in enumerate(spec.queues) if queue.site == site},
            workers={self.sid("WK", number): number for number, agent in enumerate(spec.agents) if agent.site == site},
            channels={self.sid("TC", site, name): name for name in _channels(self.center)},
            activities=(*own, *extra.values()),
            default=own[offline],
            timeout=extra["Unresponsive"],
            reserved=extra.get("Reserved"),
            busy=extra.get("Busy"),
        )


def _extra(single_tasking: bool) -> tuple[str, ...]:
    return ("Unresponsive", "Reserved", "Busy") if single_tasking else ("Unresponsive",)


def _channels(center: Center) -> list[str]:
    return list(dict.fromkeys((*CHANNELS, *(name for queue in center.spec.queues for name in queue.channels))))
