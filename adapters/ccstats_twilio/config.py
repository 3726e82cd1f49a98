"""What a Twilio TaskRouter source can be told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator
from yarl import URL

from ccstats.config import Address, Secret, SourceOptions, Text, WindowSpec
from ccstats.model import ActivityState, Channel, Target

# https://www.twilio.com/docs/glossary/what-is-a-sid
SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")


def _sid(prefix: str, what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not value.startswith(prefix) or not SID.fullmatch(value):
            raise ValueError(f"{what} is {prefix} and 32 hexadecimal digits")
        return value

    return AfterValidator(check)


AccountSid = Annotated[Text, _sid("AC", "an Account SID")]
ApiKeySid = Annotated[Text, _sid("SK", "an API key SID")]
WorkspaceSid = Annotated[str, _sid("WS", "a Workspace SID")]
ActivitySid = Annotated[str, _sid("WA", "an Activity SID")]
Threshold = Annotated[int, Field(strict=True, ge=1, le=86400)]


class TwilioOptions(SourceOptions):
    """One Twilio account, read through TaskRouter.

    Either `account_sid` and `auth_token`, or `api_key_sid` and `api_key_secret` (recommended in production; a
    restricted key needs read access to TaskRouter).
    """

    adapter: Literal["twilio"] = "twilio"
    account_sid: AccountSid | None = None
    auth_token: Secret | None = None
    api_key_sid: ApiKeySid | None = None
    api_key_secret: Secret | None = None
    region: Annotated[str, Field(pattern=r"^[a-z]{2}\d$")] | None = None
    edge: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")] | None = None
    base_url: Address | None = None
    """Stands in for https://taskrouter.twilio.com: a simulator or a proxy."""
    workspaces: tuple[WorkspaceSid, ...] = ()
    """Default: all that are found."""
    detail: Literal["full", "totals"] = "full"
    """`totals` reads the combined and list endpoints: fewer requests, without most times and service levels."""
    longest_wait: Literal["since_creation", "since_queue_entry"] = "since_creation"
    """From when a queue's longest wait counts. `since_queue_entry` costs a request per queue instead of one per 50."""
    split_by_wait_time: tuple[Threshold, ...] = (20,)
    """Service level thresholds in seconds, where `service_levels` names none for a target."""
    short_abandon: Threshold | None = 5
    """Contacts canceled before so many seconds are counted as short abandons."""
    by_channel: tuple[str, ...] = ()
    """Task channels to be read apart, as globs on their unique names: a request more per target, family and channel."""
    channel_names: dict[str, Channel] = Field(default_factory=dict)
    """What a task channel of the account's own is in neutral words: `whatsapp = "message"`."""
    handle_time: Literal["none", "events"] = "none"
    """`events`: handle, talk and after-call time out of the Events list, which is read once per workspace and minute.

    That costs three requests, and one more per thousand events. TaskRouter's statistics have no such times.
    """
    activity_durations: bool = False
    """Time per activity of the workers of each queue: one more request per queue and window."""
    activity_states: dict[ActivitySid, ActivityState] = Field(default_factory=dict)
    """What an activity means, where its `available` flag does not say enough (which one is offline)."""
    minutes: Annotated[int, Field(strict=True, ge=1, le=43200)] | None = None
    """Read the last so many minutes, to the second and by Twilio's clock, instead of the windows of [poll]."""
    start_date: AwareDatetime | None = None
    end_date: AwareDatetime | None = None
    """Read this fixed period instead of the windows of [poll]."""

    secrets: ClassVar[tuple[str, ...]] = ("auth_token", "api_key_secret")
    variants: ClassVar[Mapping[str, tuple[object, ...]]] = {
        "detail": ("full", "totals"),
        "handle_time": ("none", "events"),
    }

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        if (self.api_key_sid is None) != (self.api_key_secret is None):
            raise ValueError("api_key_sid and api_key_secret go together")
        if self.api_key_sid is None and (self.account_sid is None or self.auth_token is None):
            raise ValueError("give account_sid and auth_token, or api_key_sid and api_key_secret")
        return self

    @model_validator(mode="after")
    def _period(self) -> Self:
        # https://www.twilio.com/docs/taskrouter/api/worker/statistics: Minutes cannot be combined with the dates.
        if self.minutes is not None and (self.start_date is not None or self.end_date is not None):
            raise ValueError("minutes cannot be combined with start_date and end_date")
        if (self.start_date is None) != (self.end_date is None):
            raise ValueError("start_date and end_date go together")
        try:
            self.windows(())
        except ValueError as error:
            raise ValueError(f"start_date and end_date: {error}") from None
        return self

    @model_validator(mode="after")
    def _place(self) -> Self:
        # A region without an edge is processed in us1 without a word:
        # https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region
        if (self.region is None) != (self.edge is None):
            raise ValueError("region and edge go together (ie1 with dublin, for example)")
        if len(self.select.channels) > 1:
            raise ValueError("TaskRouter filters by one channel: give at most one in select.channels")
        if self.by_channel and (self.select.channels or self.detail == "totals"):
            raise ValueError("by_channel goes with detail = 'full', and without select.channels")
        return self

    @property
    def counted_by(self) -> str:
        """The account: what it may have in flight is one number, and workspaces have limits of their own below it."""
        return f"{self.root.origin()}|{self.account}"

    @property
    def root(self) -> URL:
        """Where the API is, without the version."""
        if self.base_url is not None:
            return URL(self.base_url.rstrip("/"))
        if self.region is not None:
            return URL(f"https://taskrouter.{self.edge}.{self.region}.twilio.com")
        return URL("https://taskrouter.twilio.com")

    @property
    def account(self) -> str:
        """What Twilio counts concurrency by."""
        return self.account_sid or self.api_key_sid or ""

    @property
    def channel(self) -> str | None:
        """The TaskChannel that statistics are filtered by."""
        return self.select.channels[0] if self.select.channels else None

    def channels(self, known: Iterable[str]) -> tuple[str, ...]:
        """Those of the task channels that a workspace has that are read apart."""
        return tuple(name for name in known if any(fnmatchcase(name, glob) for glob in self.by_channel))

    def levels(self, target: Target) -> tuple[int, ...]:
        """The service level thresholds of a target."""
        wanted = self.wanted_levels(target) if self.service_levels else None
        return self.split_by_wait_time if wanted is None else wanted

    def splits(self, target: Target) -> tuple[int, ...]:
        """What is sent as SplitByWaitTime for a target."""
        return self._with_short(self.levels(target)) if self.service_levels else self.thresholds

    @property
    def thresholds(self) -> tuple[int, ...]:
        """What is sent as SplitByWaitTime where `service_levels` names nothing."""
        return self._with_short(self.split_by_wait_time)

    def _with_short(self, levels: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted({*levels, *([self.short_abandon] if self.short_abandon else [])}))

    def windows(self, wanted: tuple[WindowSpec, ...]) -> tuple[WindowSpec, ...]:
        """The windows that this source reads: its own where it has one, else the wanted ones."""
        if self.minutes is not None:
            return (WindowSpec.parse(f"{self.minutes}m"),)
        if self.start_date is not None and self.end_date is not None:
            return (WindowSpec.parse(f"{self.start_date.isoformat()}/{self.end_date.isoformat()}"),)
        return wanted
