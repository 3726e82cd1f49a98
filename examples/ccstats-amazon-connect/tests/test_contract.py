"""The promises that every adapter of ccstats makes, and one truth over all installed vendors."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any, ClassVar

import pytest
from ccstats import model
from ccstats.model import TimeStat
from ccstats.simulator.kit import Fault, generate_spec
from ccstats.testing import AdapterContract, disagreements, installed_faces, read_through

from ccstats_amazon_connect import adapter
from ccstats_amazon_connect.face import ConnectFace

VENDORS = {"amazon-connect", "genesys", "twilio"}


class TestAmazonConnect(AdapterContract):
    adapter = adapter
    face = ConnectFace()
    settings: ClassVar[Mapping[str, object]] = {"requests_per_second": 1_000_000}
    throttled = Fault(status=400, body=b'{"__type": "ThrottlingException", "message": "Rate exceeded"}')


class TestAmazonConnectWithoutStatuses(TestAmazonConnect):
    """Read with fewer requests, as a configuration may choose."""

    options: ClassVar[Mapping[str, Any]] = {"agent_statuses": False}
    exempt: ClassVar[Mapping[str, str]] = {"queue:realtime.activities": "agent_statuses = false"}


def differences(seed: int) -> dict[str, dict[str, str]]:
    """What the three vendors say differently of one center, overrun or idle as the seed has it."""
    spec = generate_spec(seed, queues=1 + seed % 4, agents=2 + seed % 17)
    load = (0.5, 1.0, 2.5, 4.0)[seed % 4]
    busy = [
        replace(one, contacts_per_hour=one.contacts_per_hour * load, patience_mean_s=one.patience_mean_s * load)
        for one in spec.queues
    ]
    spec = replace(spec, queues=tuple(busy), ring_s=(1.0, 30.0), ring_timeout_s=45.0)
    queues = asyncio.run(read_through(installed_faces(), spec, timedelta(seconds=2400 + 97 * seed)))
    assert all(set(vendors) >= VENDORS for vendors in queues.values())
    return {
        f"{name}: {one} and {other}": found
        for name, vendors in queues.items()
        for one, other in combinations(sorted(vendors), 2)
        if (found := disagreements(vendors[one], vendors[other], "30m"))
    }


def test_three_vendors_tell_one_truth_of_sixty_centers() -> None:
    assert {seed: found for seed in range(60) if (found := differences(seed))} == {}


@pytest.mark.parametrize("part", ["average", "sum"])
def test_a_planted_unit_fault_does_not_pass(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    def thousandfold(**given: Any) -> TimeStat:
        return TimeStat(**given | ({part: given[part] * 1000} if given.get(part) else {}))

    assert differences(3) == {}
    monkeypatch.setattr(model, "TimeStat", thousandfold)  # the other two have it from elsewhere
    assert any("amazon-connect" in pair for pair in differences(3))
