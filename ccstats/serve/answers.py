"""What the API answers with: models that the documentation is made of, and their JSON."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter

from ccstats.config import Marks
from ccstats.metrics import CATALOG, Additivity, Shape, Unit
from ccstats.model import Definitions, Group, Snapshot
from ccstats.monitor import SourceStats
from ccstats.monitor.view import View

SOURCES = TypeAdapter(list[SourceStats])


class Answer(BaseModel):
    """One JSON document of the API."""

    model_config = ConfigDict(ser_json_timedelta="float")


class Snapshots(Answer):
    """The latest of every target that was asked for; times are seconds, a null has a reason in `gaps`."""

    v: Literal[1] = 1
    at: AwareDatetime
    snapshots: list[Snapshot]


class Groups(Answer):
    """Every configured group, rolled up from the latest snapshots."""

    v: Literal[1] = 1
    at: AwareDatetime
    groups: list[Group]


class Sources(Answer):
    """How every source is doing: its state, what is left of its budget (1 is all), how late it is read (seconds)."""

    v: Literal[1] = 1
    at: AwareDatetime
    sources: list[SourceStats]


class MetricInfo(Answer):
    """One metric of the catalogue, and what it is called in Prometheus."""

    name: str
    unit: Unit
    shape: Shape
    additivity: Additivity
    definition: str
    source: str
    refusal: str
    prometheus: str | None


class Metrics(Answer):
    """The catalogue of metrics."""

    v: Literal[1] = 1
    metrics: list[MetricInfo]


class Meanings(Answer):
    """What the numbers of each vendor mean, by the name that stands in the snapshots."""

    v: Literal[1] = 1
    definitions: list[Definitions]


class MarksInfo(Answer):
    """From which value on a number is marked: for attention, as an alarm. Waits are seconds."""

    waiting: tuple[int, int]
    longest_wait: tuple[float, float]
    service_level: tuple[float, float]

    @classmethod
    def of(cls, marks: Marks) -> Self:
        """Marks as seconds and shares; all three are there once the board has merged them."""
        waits = marks.longest_wait or ()
        first, second = (wait.total_seconds() for wait in waits)
        return cls.model_validate(
            {"waiting": marks.waiting, "longest_wait": (first, second), "service_level": marks.service_level}
        )


class Series(Answer):
    """One target or group: `[seconds since 1970, waiting, longest wait in seconds, available, busy]`, oldest first."""

    key: str
    points: list[tuple[float, int | None, float | None, int | None, int | None]]


class Past(Answer):
    """What was read before: the last reading of every `step` seconds."""

    v: Literal[1] = 1
    at: AwareDatetime
    step: float
    series: list[Series]


class BoardInfo(Answer):
    """What a wallboard shows beside the numbers: its title, its window, from where on numbers are marked."""

    v: Literal[1] = 1
    title: str
    window: str | None
    marks: MarksInfo
    own_marks: dict[str, MarksInfo]
    """By key of a target or group, where it is not the same as `marks`."""
    groups: tuple[str, ...]


class Health(Answer):
    """Whether this process is well."""

    status: Literal["ok", "starting", "ending"]


def catalogue() -> Metrics:
    """Every metric."""
    found = [
        MetricInfo(
            name=one.name,
            unit=one.unit,
            shape=one.shape,
            additivity=one.additivity,
            definition=one.definition,
            source=one.source,
            refusal=one.refusal,
            prometheus=one.prometheus,
        )
        for one in CATALOG.values()
    ]
    return Metrics(metrics=found)


def sources_json(monitor: View) -> bytes:
    """The state of every source."""
    return SOURCES.dump_json(list(monitor.stats().sources))
