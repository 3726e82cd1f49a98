"""Organization presences: what their ids mean.

An answer names presences by id only. Their meaning comes from the definitions (with names) and from the mapping that
comes with every observation answer; spelling differs per API (`OnQueue`, `ON_QUEUE`, `On Queue`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ccstats import lenient
from ccstats.model import Activity, ActivityState
from ccstats_genesys.api import wire

# "Available" is a presence of people who are not on queue: they get no queue contacts.
# https://help.mypurecloud.com/articles/presence-status-and-activity-indicators/
STATES: Mapping[str, ActivityState] = {
    "onqueue": ActivityState.AVAILABLE,
    "offline": ActivityState.OFFLINE,
    "available": ActivityState.UNAVAILABLE,
    "away": ActivityState.UNAVAILABLE,
    "busy": ActivityState.UNAVAILABLE,
    "idle": ActivityState.UNAVAILABLE,
    "meal": ActivityState.UNAVAILABLE,
    "training": ActivityState.UNAVAILABLE,
    "meeting": ActivityState.UNAVAILABLE,
    "break": ActivityState.UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Meanings:
    """Names and system presences by organization presence id."""

    names: Mapping[str, str] = field(default_factory=dict)
    systems: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, ActivityState] = field(default_factory=dict)
    """States given in the configuration."""

    def state(self, presence: str, mapped: Mapping[str, str]) -> ActivityState:
        """What a presence means for taking contacts: as configured, else by its system presence."""
        if presence in self.states:
            return self.states[presence]
        system = self.systems.get(presence) or mapped.get(presence) or ""
        return STATES.get(_plain(system), ActivityState.UNKNOWN)


class Roster:
    """The presences of one answer: as its queues show the same few rows again and again, equal ones are one object."""

    def __init__(self, meanings: Meanings, mapped: Mapping[str, str]) -> None:
        self._meanings = meanings
        self._mapped = mapped
        self._known: dict[str, tuple[str | None, ActivityState]] = {}
        self._rows: dict[tuple[str, int | None], Activity] = {}

    def activity(self, presence: str, agents: object) -> Activity:
        """How many agents have this presence."""
        number = lenient.count(agents)
        row = self._rows.get((presence, number))
        if row is None:
            name, state = self._meaning(presence)
            row = Activity.trusted(id=presence, name=name, agents=number, state=state)
            self._rows[presence, number] = row
        return row

    def _meaning(self, presence: str) -> tuple[str | None, ActivityState]:
        known = self._known.get(presence)
        if known is None:
            known = self._meanings.names.get(presence), self._meanings.state(presence, self._mapped)
            self._known[presence] = known
        return known


def meanings(presences: list[wire.Presence], states: Mapping[str, ActivityState]) -> Meanings:
    """The meanings out of the presence definitions."""
    names = {presence.id: _label(presence) for presence in presences}
    return Meanings(
        names={ident: name for ident, name in names.items() if name},
        systems={presence.id: presence.systemPresence for presence in presences if presence.systemPresence},
        states=states,
    )


def inverted(mappings: Mapping[str, list[str] | None] | None) -> dict[str, str]:
    """`systemToOrganizationMappings` the other way round: system presence by organization presence id."""
    return {ident: system for system, idents in (mappings or {}).items() for ident in idents or []}


def _plain(system: str) -> str:
    return system.lower().replace("_", "").replace(" ", "")


def _label(presence: wire.Presence) -> str | None:
    labels = {language: label for language, label in (presence.languageLabels or {}).items() if isinstance(label, str)}
    return labels.get("en_US") or next(iter(labels.values()), None)
