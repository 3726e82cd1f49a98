"""How a value, or the lack of one, is written in a cell; and the legend that explains what was lacking."""

from __future__ import annotations

from datetime import timedelta

from rich.text import Text

from ccstats.errors import printable
from ccstats.model import Gap, GapReason, Group, ServiceLevelRule, Snapshot

MARKS: dict[GapReason, str] = {
    GapReason.UNSUPPORTED: "-",
    GapReason.NOT_IMPLEMENTED: "~",
    GapReason.NOT_PERMITTED: "#",
    GapReason.NOT_REQUESTED: "+",
    GapReason.NO_DATA: ".",
    GapReason.UNKNOWN: "?",
    GapReason.FAILED: "!",
    GapReason.REFUSED: "x",
}
MEANINGS: dict[GapReason, str] = {
    GapReason.UNSUPPORTED: "the vendor has no such number",
    GapReason.NOT_IMPLEMENTED: "the adapter does not read it",
    GapReason.NOT_PERMITTED: "a permission is missing",
    GapReason.NOT_REQUESTED: "not asked for in the configuration",
    GapReason.NO_DATA: "nothing happened that could be measured",
    GapReason.UNKNOWN: "the vendor did not say",
    GapReason.FAILED: "the read failed",
    GapReason.REFUSED: "adding it up would lie",
}


RULE = ServiceLevelRule.ABANDONED_IGNORED
"""The one rule that the counts of both vendors allow at any threshold: answered in time, of the answered."""
PARTIAL = "*"
UNLIKE = "'"
REMARKS = {PARTIAL: "not of every member of the group", UNLIKE: "the members' vendors define it differently"}


class Legend:
    """Collects the gaps of a table, so that each is explained once."""

    def __init__(self, rule: ServiceLevelRule | None = None) -> None:
        self.rule = rule or RULE
        """By which rule service levels are shown."""
        self.beside = rule is not None
        """Whether the vendor's own figure stands beside it: where somebody has chosen the rule."""
        self._seen: dict[GapReason, dict[tuple[str, str], dict[str, None]]] = {}
        self._remarks: set[str] = set()

    def cell(self, snapshot: Snapshot | Group, path: str, value: object, heading: str, why: Gap | None = None) -> Text:
        """`value` as text, with remarks where it is a group's; or the mark of its gap (`why`, or the one at `path`)."""
        if value is not None:
            remarks = remarks_on(snapshot, path) if isinstance(snapshot, Group) else ""
            self._remarks |= set(remarks)
            return Text(written(value) + remarks)
        gap = why or snapshot.gap(path)
        # What is made from counts that are there (a share of nothing) has no gap of its own.
        reason = gap.reason if gap is not None else GapReason.NO_DATA
        details = self._seen.setdefault(reason, {})
        # A thing that merely did not happen needs no explanation per column.
        if gap is not None and gap.detail and reason is not GapReason.NO_DATA:
            what = f"group {snapshot.name}" if isinstance(snapshot, Group) else _kind(snapshot)
            details.setdefault((what, gap.detail), {})[heading] = None
        return Text(MARKS[reason], style="dim")

    def marks(self) -> list[str]:
        """The marks that occur, each with what it means."""
        marks = [f"{mark} {MEANINGS[reason]}" for reason, mark in MARKS.items() if reason in self._seen]
        return marks + [f"{mark} {meaning}" for mark, meaning in REMARKS.items() if mark in self._remarks]

    def lines(self) -> list[Text]:
        """The legend: each mark that occurs, what it means, and what stands behind it."""
        lines = []
        for reason, mark in MARKS.items():
            if reason in self._seen:
                lines.append(Text(f"{mark}  {MEANINGS[reason]}"))
                for (what, detail), headings in self._seen[reason].items():
                    lines.append(Text(f"     {what}, {', '.join(headings)}: {plain(detail)}", style="dim"))
        lines += [Text(f"{mark}  {meaning}") for mark, meaning in REMARKS.items() if mark in self._remarks]
        return lines


def remarks_on(group: Group, path: str) -> str:
    """What is to be known of a group's value at `path`: that it is partial, that its definitions differ."""
    partial = any(one in group.coverage.partial for one in _upwards(path))
    family, _, below = path.partition(".")
    metric = path if family == "realtime" else f"window.{below.partition('.')[2]}"
    unlike = any(one in group.comparability for one in _upwards(metric))
    return (PARTIAL if partial else "") + (UNLIKE if unlike else "")


def _upwards(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]


def _kind(snapshot: Snapshot) -> str:
    return f"{snapshot.target.vendor} {snapshot.target.kind.value}"


def plain(text: str) -> str:
    """Text of somebody else's as it can be shown: nothing in it that a terminal would obey."""
    return printable(text)


def written(value: object) -> str:
    """A value for people: times as m:ss, shares as percentages."""
    if isinstance(value, timedelta):
        return clock(value)
    if isinstance(value, float):
        return f"{value:.0%}"
    return str(value)


def clock(value: timedelta) -> str:
    """A time as m:ss, or h:mm:ss from an hour on."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
