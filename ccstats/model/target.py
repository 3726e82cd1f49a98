"""What is read, and which part of it."""

from __future__ import annotations

from enum import StrEnum

from pydantic import computed_field

from ccstats.model.values import Model


class Kind(StrEnum):
    """What a target is to its vendor, in neutral words."""

    QUEUE = "queue"
    WORKFLOW = "workflow"
    WORKSPACE = "workspace"
    """A site or an organization as a whole."""
    AGENT = "agent"


class Family(StrEnum):
    """A set of numbers with one cadence, one freshness and (at some vendors) one permission."""

    REALTIME = "realtime"
    WINDOW = "window"


class Target(Model):
    """One thing whose statistics are read: a queue, a workflow, a workspace or an agent of one source.

    `id` is the vendor's own; `scope` is what the vendor keeps it in (a Twilio workspace, a Genesys division). Names are
    for people: they may be personal data and stay out of logs.
    """

    source: str
    vendor: str
    kind: Kind
    scope: str | None = None
    id: str
    name: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def key(self) -> str:
        """The one name of this target over all sources, such as `us:queue:WQ...`."""
        return f"{self.source}:{self.kind._value_}:{self.id}"  # not `value`: that is a descriptor, and slow
