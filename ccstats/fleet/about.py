"""What workers say beside the rows: of every source how it is doing, and of the whole what a reader should show."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from ccstats.config import Board, Config, GroupOptions, Poll
from ccstats.config.strict import Settings
from ccstats.errors import CoordinatorError
from ccstats.monitor import SourceStats

FOREIGN = "what is said in the shared table cannot be read; is it written by another version?"


@dataclass(frozen=True, slots=True)
class About:
    """How a source is doing at the worker that polls it; `ready` where everything of it was tried once.

    `at` is when this was said, in the coordinator's time: whoever polls a source says so every few seconds.
    """

    worker: str
    ready: bool
    stats: SourceStats
    at: FiniteFloat
    shard: str = ""
    """What is counted together by the vendor, and so polled by one worker."""

    def encoded(self) -> bytes:
        """As it is kept."""
        return ABOUT.dump_json(self)


ABOUT = TypeAdapter(About)


class Described(Settings):
    """The part of a configuration that readers need, and that holds no credential and no account."""

    groups: dict[str, GroupOptions]
    board: Board
    poll: Poll


def about(text: bytes) -> About:
    """What was said of a source."""
    try:
        return ABOUT.validate_json(text)
    except ValidationError:
        raise CoordinatorError(FOREIGN) from None


def described(config: Config) -> bytes:
    """What readers are to know of a configuration."""
    part = Described(groups=config.groups, board=config.board, poll=config.poll)
    return part.model_dump_json().encode()


def config_of(text: bytes) -> Config:
    """A configuration without sources, out of what was described; the default where nothing was."""
    if not text:
        return Config()
    try:
        part = Described.model_validate_json(text)
    except ValidationError:
        raise CoordinatorError(FOREIGN) from None
    # Its groups name sources that are not in it: put there, and not validated with it.
    return Config().model_copy(update={"groups": part.groups, "board": part.board, "poll": part.poll})
