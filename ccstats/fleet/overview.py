"""Who polls what, out of what is said in the shared table; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ccstats.coordination import Life
from ccstats.errors import CoordinatorError
from ccstats.fleet.about import FOREIGN, About, about
from ccstats.fleet.sources import SILENT


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source; `about` is what was last said, `said_ago` how many seconds before. None where nobody has."""

    source: str
    about: About | None
    said_ago: float | None
    trouble: str | None
    """Why nobody polls it, or why that cannot be told."""

    @property
    def polled(self) -> bool:
        """Whether somebody polls it, well or not."""
        return self.trouble is None

    @property
    def error(self) -> str | None:
        """What is wrong with it, if anything is."""
        return self.trouble or (self.about.stats.error if self.about is not None else None)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything at one moment of the coordinator's clock; `workers` with the number of sources that each polls."""

    life: Life
    workers: Mapping[str, int]
    sources: tuple[SourceView, ...]

    @property
    def all_polled(self) -> bool:
        """Whether there is a source, and every one is polled."""
        return bool(self.sources) and all(one.polled for one in self.sources)


def overview(life: Life, told: Mapping[str, bytes], expected: Collection[str] = ()) -> Overview:
    """What was said by `life.at`; sources that are `expected` are named also where nothing was said of them."""
    sources = tuple(_view(name, told.get(name), life.at) for name in sorted({*told, *expected}))
    polls = Counter(one.about.worker for one in sources if one.polled and one.about is not None)
    return Overview(life, {name: polls[name] for name in sorted({*life.workers, *polls})}, sources)


def _view(source: str, text: bytes | None, at: float) -> SourceView:
    if text is None:
        return SourceView(source, None, None, "nobody has polled it yet")
    try:
        found = about(text)
    except CoordinatorError:
        return SourceView(source, None, None, FOREIGN)
    ago = max(at - found.at, 0.0)
    trouble = f"nobody polls it: the last word of {found.worker} is {ago:.0f} s old" if ago > SILENT else None
    return SourceView(source, found, ago, trouble)
