"""The simulated center as one Genesys organization: its ids, presences and media types."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from typing import Final

from ccstats.simulator.center import Contact
from ccstats.simulator.face import World
from ccstats.simulator.spec import ActivitySpec
from ccstats_genesys.face.errors import missing_division
from ccstats_genesys.face.ids import presence_id, queue_id
from ccstats_genesys.face.settings import Settings

MEDIA_TYPES: Final = ("voice", "chat", "email", "callback", "message")
MEDIA_OF_CHANNEL: Final[Mapping[str, str]] = {
    **{media: media for media in MEDIA_TYPES},
    "sms": "message",
    "whatsapp": "message",
}
ABSENCES: Final = (
    ("Break", "BREAK"),
    ("Meal", "MEAL"),
    ("Training", "TRAINING"),
    ("Meeting", "MEETING"),
    ("Away", "AWAY"),
)


@dataclass(frozen=True, slots=True)
class Presence:
    """An organization presence; the vendor spells its system presence `OnQueue` in one API and `ON_QUEUE` in others."""

    id: str
    label: str
    system: str
    system_key: str


class Tenant:
    """One organization: a world as its settings let it appear."""

    def __init__(self, world: World, settings: Settings) -> None:
        """Derive what never changes; ValueError where the center has something that Genesys has no word for."""
        self.world: Final = world
        self.settings: Final = settings
        self.spec: Final = world.center.spec
        self.queue_ids: Final = tuple(queue_id(world, number) for number in range(len(self.spec.queues)))
        self.presences: Final = _presences(world, self.spec.activities)
        strange = {channel for queue in self.spec.queues for channel in queue.channels} - MEDIA_OF_CHANNEL.keys()
        if strange:
            raise ValueError(f"no media type for the channel {min(strange)!r}")
        names = {queue.name for queue in self.spec.queues}
        nowhere = settings.forbidden_queues - names - set(self.queue_ids)
        if nowhere:
            raise ValueError(f"setting 'forbidden_queues': there is no queue {min(nowhere)!r}")

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """The queues' indexes by id."""
        return {queue: number for number, queue in enumerate(self.queue_ids)}

    @cached_property
    def readable(self) -> Mapping[int, str]:
        """The queues whose statistics the client may read, by index."""
        forbidden = self.settings.forbidden_queues
        return {
            number: queue
            for number, queue in enumerate(self.queue_ids)
            if queue not in forbidden and self.spec.queues[number].name not in forbidden
        }

    def refuse_forbidden(self, queues: Iterable[str], permission: str) -> None:
        """Fail with 403 where one of the ids belongs to a division that the client may not read."""
        if any(queue in self.numbers and self.numbers[queue] not in self.readable for queue in queues):
            raise missing_division(permission)

    def mappings(self) -> dict[str, list[str]]:
        """Return the ids of the organization presences by system presence."""
        mappings: dict[str, list[str]] = {}
        for presence in self.presences:
            mappings.setdefault(presence.system_key, []).append(presence.id)
        return mappings


def media_of(contact: Contact) -> str:
    """Return the media type that a contact counts under."""
    return MEDIA_OF_CHANNEL[contact.channel]


def _presences(world: World, activities: Iterable[ActivitySpec]) -> tuple[Presence, ...]:
    absences = cycle(ABSENCES)
    presences = []
    for number, activity in enumerate(activities):
        if activity.state == "available":
            system = ("OnQueue", "ON_QUEUE")
        elif activity.state == "offline":
            system = ("Offline", "OFFLINE")
        else:
            system = next(absences)
        presences.append(Presence(presence_id(world, number), activity.name, *system))
    return tuple(presences)
