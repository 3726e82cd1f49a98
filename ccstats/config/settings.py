"""What a user writes: how often, through which proxy, and which accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializeAsAny,
    field_validator,
    model_validator,
)

from ccstats.config.fleet import Redis, Work
from ccstats.config.period import Period, WindowSpec, parse_period
from ccstats.config.serving import Board, Serve
from ccstats.config.strict import Settings
from ccstats.model import Kind, Target

SOURCE_NAME = re.compile(r"[a-z0-9_-]+")
GLOB = re.compile(r"[*?\[]")


class Poll(Settings):
    """How often the numbers are read, and over which windows. Periods are texts such as `10s`."""

    realtime_every: Period = parse_period("10s")
    window_every: Period = parse_period("60s")
    discovery_every: Period = parse_period("10m")
    windows: tuple[WindowSpec, ...] = (WindowSpec.parse("30m"),)

    @field_validator("windows")
    @classmethod
    def _distinct(cls, windows: tuple[WindowSpec, ...]) -> tuple[WindowSpec, ...]:
        names = [window.name for window in windows]
        if len(set(names)) != len(names):
            raise ValueError("a window is named twice")
        return windows


class Http(Settings):
    """How the network is reached. Nothing is taken from the environment (no `HTTP_PROXY`)."""

    proxy: str | None = Field(default=None, repr=False)
    """May carry credentials, so it is not in reprs."""
    ca_file: Path | None = None
    timeout: Period = parse_period("10s")
    """For one attempt: connecting, sending and reading the answer."""
    max_body_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024
    """Of an answer, after unpacking."""

    @field_validator("proxy")
    @classmethod
    def _proxy_url(cls, proxy: str | None) -> str | None:
        if proxy is not None and not re.fullmatch(r"https?://([^\s/@]+@)?[^\s/@:]+(:[1-9]\d{0,4})?/?", proxy):
            raise ValueError("a proxy is written as http://host:port")
        if proxy is not None and int((re.findall(r":(\d+)/?$", proxy) or ["1"])[0]) > 65535:
            raise ValueError("a proxy is written as http://host:port, with a port up to 65535")
        return proxy

    @field_validator("ca_file")
    @classmethod
    def _readable(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path


class Select(Settings):
    """Which targets of a source are read. Globs match names and ids; `!` excludes; the last match wins."""

    kinds: tuple[Kind, ...] = (Kind.QUEUE, Kind.WORKFLOW, Kind.WORKSPACE)
    match: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()

    def wants(self, kind: Kind, name: str | None, ident: str) -> bool:
        """Whether a target of this kind, name and id is to be read."""
        if kind not in self.kinds:
            return False
        return _chosen(self.match, lambda glob: fnmatchcase(name or "", glob) or fnmatchcase(ident, glob))


def _chosen(patterns: Sequence[str], matches: Callable[[str], bool]) -> bool:
    """What the last pattern that matches says; excluding patterns alone exclude from everything."""
    chosen = all(pattern.startswith("!") for pattern in patterns)
    for pattern in patterns:
        if matches(pattern.removeprefix("!")):
            chosen = not pattern.startswith("!")
    return chosen


class GroupOptions(Settings):
    """Queues of several sources as one line of business.

    A pattern is `SOURCE:GLOB`: the source's name (or a glob over sources), and a glob on the queue's name or id. `!`
    excludes; the last match wins. A group is computed from what is read anyway, and never asks for more.
    """

    match: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("match")
    @classmethod
    def _patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            source, colon, glob = pattern.removeprefix("!").partition(":")
            if not (source and colon and glob):
                raise ValueError('a pattern of a group is SOURCE:GLOB, such as "us:Billing*"')
        return patterns

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that are named without a glob."""
        names = (pattern.removeprefix("!").partition(":")[0] for pattern in self.match)
        return tuple(name for name in names if not GLOB.search(name))

    def wants(self, target: Target) -> bool:
        """Whether a target belongs to the group."""
        return target.kind is Kind.QUEUE and _chosen(self.match, lambda pattern: _fits(target, pattern))


def _fits(target: Target, pattern: str) -> bool:
    source, _, glob = pattern.partition(":")
    named = fnmatchcase(target.name or "", glob) or fnmatchcase(target.id, glob)
    return named and fnmatchcase(target.source, source)


class Limits(Settings):
    """How much of the vendor's limits this source may use, where others spend them too."""

    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    requests_per_minute: Annotated[float, Field(gt=0)] | None = None
    shared: bool = False
    """Ask at Redis before each request: `share` and `requests_per_minute` are those of all programs together."""


class Cadence(Settings):
    """How often something is read; what is None follows the wider setting."""

    realtime_every: Period | None = None
    window_every: Period | None = None


class SourcePoll(Cadence):
    """Cadence of one source, and of those of its targets whose name or id matches a glob (the last match wins)."""

    discovery_every: Period | None = None
    match: dict[str, Cadence] = Field(default_factory=dict)

    def cadence(self, poll: Poll, name: str | None, ident: str) -> tuple[float, float]:
        """Seconds between two real-time readings and between two window readings of a target."""
        now, window = self.realtime_every or poll.realtime_every, self.window_every or poll.window_every
        for glob, cadence in self.match.items():
            if fnmatchcase(name or "", glob) or fnmatchcase(ident, glob):
                now, window = cadence.realtime_every or now, cadence.window_every or window
        return now.total_seconds(), window.total_seconds()


Threshold = Annotated[int, Field(strict=True, ge=1, le=86400)]


class SourceOptions(Settings):
    """What every source can be told; an adapter's own options model extends it."""

    adapter: str
    select: Select = Select()
    limits: Limits = Limits()
    poll: SourcePoll = SourcePoll()
    allow_plain_http: bool = False
    """Send credentials without TLS to an address that is not on this machine."""
    service_levels: dict[str, tuple[Threshold, ...]] = Field(default_factory=dict)
    """Service level thresholds in seconds, by glob on the name or id of a queue; the last match wins."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """The names of the fields that hold secrets."""
    variants: ClassVar[Mapping[str, tuple[object, ...]]] = {}
    """Options that change what reading costs, with the values worth comparing in a forecast."""

    @property
    def counted_by(self) -> str:
        """What the vendor counts requests by. Sources that are counted together are polled by one worker at a time.

        Unless an adapter says otherwise (an account id, say, and never a secret), that is all of its sources: too few
        workers share them then, but no limit is spent twice.
        """
        return self.adapter

    def wanted_levels(self, target: Target) -> tuple[int, ...] | None:
        """The thresholds that are configured for a target, or None where nothing is."""
        found = None
        for glob, seconds in self.service_levels.items():
            if fnmatchcase(target.name or "", glob) or fnmatchcase(target.id, glob):
                found = seconds
        return found


class RawSource(BaseModel):
    """A source as it stands in a file, before its adapter has judged it."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    adapter: str

    def table(self) -> dict[str, Any]:
        """Everything that was written, `adapter` included."""
        return {"adapter": self.adapter, **(self.model_extra or {})}


def _entry(value: object) -> object:
    if isinstance(value, SourceOptions | RawSource):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("adapter"), str):
        return RawSource(**value)
    raise ValueError('a source is a table with adapter = "NAME" in it')


SourceEntry = Annotated[SerializeAsAny[SourceOptions] | RawSource, BeforeValidator(_entry)]


class Config(Settings):
    """Everything that a run needs to know. `sources` holds the adapters' own option models, or plain tables.

    `ccstats.load_config` reads one from a TOML file; the adapters check their tables when they are opened.
    """

    poll: Poll = Poll()
    http: Http = Http()
    sources: dict[str, SourceEntry] = Field(default_factory=dict)
    groups: dict[str, GroupOptions] = Field(default_factory=dict)
    serve: Serve = Field(default_factory=Serve)
    board: Board = Field(default_factory=Board)
    redis: Redis | None = None
    work: Work = Field(default_factory=Work)

    _file: str | None = PrivateAttr(default=None)

    @field_validator("sources")
    @classmethod
    def _named(cls, sources: dict[str, SourceOptions | RawSource]) -> dict[str, SourceOptions | RawSource]:
        for name in sources:
            if not SOURCE_NAME.fullmatch(name):
                raise ValueError(f"source name {name!r}: only a-z, 0-9, - and _ are allowed")
        return sources

    @model_validator(mode="after")
    def _members(self) -> Self:
        for name, group in self.groups.items():
            unknown = [source for source in group.sources if source not in self.sources]
            if unknown:
                known = ", ".join(self.sources) or "none"
                raise ValueError(f"group {name!r} names a source {unknown[0]!r}; there are: {known}")
        return self

    def read_from(self, file: str | None) -> Self:
        """This configuration, knowing which file it was read from."""
        self._file = file
        return self

    @property
    def file(self) -> str | None:
        """The file it was read from, for messages."""
        return self._file
