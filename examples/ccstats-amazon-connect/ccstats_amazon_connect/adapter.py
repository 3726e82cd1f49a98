"""Amazon Connect for ccstats: what the adapter is, and how it plans. A hundred queues per request."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from ccstats.adapter import Abilities, Batch, HttpAdapter, Want
from ccstats.auth import Auth
from ccstats.clock import VendorClock
from ccstats.config import SourceOptions, WindowSpec
from ccstats.model import Family, Kind

from ccstats_amazon_connect import api
from ccstats_amazon_connect.abilities import ABILITIES
from ccstats_amazon_connect.config import ConnectOptions
from ccstats_amazon_connect.sign import SigV4
from ccstats_amazon_connect.source import ConnectSource, Learned, budget_key


class ConnectAdapter(HttpAdapter[ConnectOptions]):
    """Queue statistics of Amazon Connect, and the instance as a whole."""

    name: ClassVar[str] = "amazon-connect"
    api_version: ClassVar[int] = 1
    options: ClassVar[type[SourceOptions]] = ConnectOptions
    abilities: ClassVar[Abilities] = ABILITIES
    example: ClassVar[Mapping[str, Any]] = {
        "adapter": "amazon-connect",
        "instance_arn": "arn:aws:connect:eu-central-1:000000000000:instance/00000000-0000-0000-0000-000000000000",
        "access_key_id": "AKIAEXAMPLE",
        "secret_access_key": "not a secret",
    }
    dialect = api.ConnectDialect()
    source = ConnectSource

    def auth(self, options: ConnectOptions, clock: VendorClock) -> Auth:
        """Every request is signed."""
        return SigV4(options, clock)

    def plan(self, options: ConnectOptions, want: Want, learned: object) -> list[Batch]:
        """A batch per hundred queues, family and window; queues first, then the instance."""
        statuses = (learned if isinstance(learned, Learned) else Learned()).statuses
        batches = []
        for kind in (Kind.QUEUE, Kind.WORKSPACE):
            for group in want.groups(kind, api.QUEUES):
                by_status = options.agent_statuses and kind is Kind.QUEUE
                pages = max(1, math.ceil(len(group) * statuses / api.QUEUES)) if by_status else 0
                asked: list[tuple[str, Family, WindowSpec | None, int]] = []
                if Family.REALTIME in want.families:
                    asked.append(("GetCurrentMetricData", Family.REALTIME, None, 1 + pages))
                if Family.WINDOW in want.families:
                    asked += [("GetMetricDataV2", Family.WINDOW, window, 1) for window in want.windows]
                for operation, family, window, requests in asked:
                    key, limit = budget_key(options, operation), api.RATES[operation]
                    batches.append(Batch(operation, group, family, window, key, requests, limit))
        return batches
