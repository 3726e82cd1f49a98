"""How a value, or the lack of one, is written in a cell; and the legend that explains what was lacking."""

from __future__ import annotations

from datetime import timedelta

from rich.text import Text

from ccstats.errors import printable
from ccstats.model import GapReason, Snapshot

MARKS: dict[GapReason, str] = {
    GapReason.UNSUPPORTED: "-",
    GapReason.NOT_IMPLEMENTED: "~",
    GapReason.NOT_PERMITTED: "#",
    GapReason.NOT_REQUESTED: "+",
    GapReason.NO_DATA: ".",
    GapReason.UNKNOWN: "?",
    GapReason.FAILED: "!",
}
MEANINGS: dict[GapReason, str] = {
    GapReason.UNSUPPORTED: "the vendor has no such number",
    GapReason.NOT_IMPLEMENTED: "the adapter does not read it",
    GapReason.NOT_PERMITTED: "a permission is missing",
    GapReason.NOT_REQUESTED: "not asked for in the configuration",
    GapReason.NO_DATA: "nothing happened that could be measured",
    GapReason.UNKNOWN: "the vendor did not say",
    GapReason.FAILED: "the read failed",
}


class Legend:
    """Collects the gaps of a table, so that each is explained once."""

    def __init__(self) -> None:
        self._seen: dict[GapReason, dict[tuple[str, str], dict[str, None]]] = {}

    def cell(self, snapshot: Snapshot, path: str, value: object, heading: str) -> Text:
        """`value` as text, or the mark of the gap at `path`."""
        if value is not None:
            return Text(written(value))
        gap = snapshot.gap(path)
        # What is made from counts that are there (a share of nothing) has no gap of its own.
        reason = gap.reason if gap is not None else GapReason.NO_DATA
        details = self._seen.setdefault(reason, {})
        # A thing that merely did not happen needs no explanation per column.
        if gap is not None and gap.detail and reason is not GapReason.NO_DATA:
            what = f"{snapshot.target.vendor} {snapshot.target.kind.value}"
            details.setdefault((what, gap.detail), {})[heading] = None
        return Text(MARKS[reason], style="dim")

    def marks(self) -> list[str]:
        """The marks that occur, each with what it means."""
        return [f"{mark} {MEANINGS[reason]}" for reason, mark in MARKS.items() if reason in self._seen]

    def lines(self) -> list[Text]:
        """The legend: each mark that occurs, what it means, and what stands behind it."""
        lines = []
        for reason, mark in MARKS.items():
            if reason in self._seen:
                lines.append(Text(f"{mark}  {MEANINGS[reason]}"))
                for (what, detail), headings in self._seen[reason].items():
                    lines.append(Text(f"     {what}, {', '.join(headings)}: {plain(detail)}", style="dim"))
        return lines


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
