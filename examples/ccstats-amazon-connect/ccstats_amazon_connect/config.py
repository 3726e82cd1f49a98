"""What an Amazon Connect source can be told."""

import re
from typing import Annotated, ClassVar, Literal

from ccstats.adapter import HttpOptions
from ccstats.config import Secret, Text
from pydantic import Field, field_validator

ARN = re.compile(r"arn:aws[a-z-]*:connect:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):instance/(?P<instance>[0-9a-f-]+)")


class ConnectOptions(HttpOptions):
    """One Amazon Connect instance, read with an access key.

    The key's policy needs `connect:GetCurrentMetricData`, `connect:GetMetricDataV2`, `connect:ListQueues` and
    `connect:ListAgentStatuses`.
    """

    adapter: Literal["amazon-connect"] = "amazon-connect"
    instance_arn: str
    access_key_id: Text
    secret_access_key: Secret
    session_token: Secret | None = None
    """Of temporary credentials; given as a file, it is read again when it has expired."""
    thresholds: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=604800)], ...], Field(max_length=20)] = (20,)
    """Of service levels, in seconds; GetMetricDataV2 takes twenty of them."""
    agent_statuses: bool = True
    """How many agents of each queue are in each status: a request more per hundred rows."""

    secrets: ClassVar[tuple[str, ...]] = ("secret_access_key", "session_token")

    @field_validator("instance_arn")
    @classmethod
    def _arn(cls, value: str) -> str:
        if not ARN.fullmatch(value):
            raise ValueError("an instance's ARN is arn:aws:connect:REGION:ACCOUNT:instance/ID")
        return value

    def part(self, name: str) -> str:
        """`region`, `account` or `instance` out of the ARN."""
        found = ARN.fullmatch(self.instance_arn)
        return found[name] if found else ""

    @property
    def home(self) -> str:
        """https://docs.aws.amazon.com/general/latest/gr/connect_region.html"""
        return f"https://connect.{self.part('region')}.amazonaws.com"

    @property
    def account(self) -> str:
        """What AWS counts by."""
        return f"{self.part('account')}|{self.part('region')}"

    @property
    def channels(self) -> list[str]:
        """The channels to filter by, as Connect writes them; none is all of them."""
        return [channel.upper() for channel in self.select.channels]
