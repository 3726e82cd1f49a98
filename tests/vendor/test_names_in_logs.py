"""Names of people and queues are in snapshots and in no log, also at DEBUG and when everything goes wrong."""

import logging
from dataclasses import replace

import pytest
from vendor_loopback import fetched, served

from ccstats.simulator.center import generate_spec
from ccstats.simulator.face import Fault

SPEC = generate_spec(3, queues=3, agents=4)
NAMED = replace(
    SPEC,
    queues=tuple(replace(one, name=f"Heart surgery {one.name}") for one in SPEC.queues),
    agents=tuple(replace(one, name=f"Grace Hopper {one.name}") for one in SPEC.agents),
)
FAULTS = [None, Fault(share=0.5, status=500), Fault(share=0.5, body=b'{"message": "Heart surgery"}'), Fault(drop=True)]


@pytest.mark.parametrize("fault", FAULTS, ids=["well", "broken", "another shape", "away"])
@pytest.mark.parametrize("vendor", ["twilio", "genesys"])
async def test_no_name_is_logged(caplog: pytest.LogCaptureFixture, vendor: str, fault: Fault | None) -> None:
    caplog.set_level(logging.DEBUG)
    async with served(vendor, NAMED) as running:
        if fault is not None:
            running.world.faults.add(fault)
        result = await fetched(running, select={"kinds": ["queue", "workflow", "workspace", "agent"]})

        asked = b"".join(record.body + record.query.encode() for record in running.world.requests)
    assert b"detailMetrics" not in asked, "it brings telephone numbers"
    assert caplog.records
    assert "Heart surgery" not in caplog.text
    assert "Grace Hopper" not in caplog.text
    if fault is None:
        assert "Heart surgery" in result.model_dump_json()
