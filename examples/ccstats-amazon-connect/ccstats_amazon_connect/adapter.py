"""Amazon Connect for ccstats: what the adapter is, and how it plans. A hundred queues per request."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from ccstats.adapter import Batch, HttpAdapter, Want
from ccstats.auth import Auth
from ccstats.clock import VendorClock
from ccstats.model import Kind

from ccstats_amazon_connect import api
from ccstats_amazon_connect.abilities import ABILITIES
from ccstats_amazon_connect.config import ConnectOptions
from ccstats_amazon_connect.definitions import DEFINITIONS
from ccstats_amazon_connect.sign import SigV4
from ccstats_amazon_connect.source import ConnectSource


class ConnectAdapter(HttpAdapter[ConnectOptions]):
    """Queue statistics of Amazon Connect, and the instance as a whole."""

    name: ClassVar[str] = "amazon-connect"
    api_version: ClassVar[int] = 1
    options = ConnectOptions
    abilities = ABILITIES
    example: ClassVar[Mapping[str, Any]] = {
        "adapter": "amazon-connect",
        "instance_arn": "arn:aws:connect:eu-central-1:000000000000:instance/00000000-0000-0000-0000-000000000000",
        "access_key_id": "AKIAEXAMPLE",
        "secret_access_key": "not a secret",
    }
    dialect = api.ConnectDialect()
    source = ConnectSource
    meaning = DEFINITIONS

    def auth(self, options: ConnectOptions, clock: VendorClock) -> Auth:
        """Every request is signed."""
        return SigV4(options, clock)

    def plan(self, options: ConnectOptions, want: Want, learned: object) -> list[Batch]:
        """A batch per hundred queues, family and window; queues first, then the instance."""
        statuses = learned if isinstance(learned, int) else api.STATUSES
        batches = []
        for kind in (Kind.QUEUE, Kind.WORKSPACE):
            for group in want.groups(kind, api.QUEUES):
                by_status = options.agent_statuses and kind is Kind.QUEUE
                pages = math.ceil(len(group) * statuses / api.QUEUES) if by_status else 0
                for family, window in want.asked():
                    operation, requests = ("GetMetricDataV2", 1) if window else ("GetCurrentMetricData", 1 + pages)
                    budget = options.budget(operation)
                    batches.append(Batch(operation, group, family, window, budget, requests, api.RATES[operation]))
        return batches
