"""Two accounts of one vendor in one process, at once: each with its own host and credential, whoever is faster."""

import asyncio

import pytest
from vendor_loopback import FACES, START, opened

from ccstats.adapter import Toolbox
from ccstats.simulator.center import Center, generate_spec
from ccstats.simulator.clock import ManualClock
from ccstats.simulator.face import World
from ccstats.simulator.server import serve


@pytest.mark.parametrize("vendor", ["twilio", "genesys"])
async def test_two_accounts_at_once_never_meet(vendor: str) -> None:
    """Each host knows its own credential only, and would refuse the other's; none is asked about it."""
    worlds = [
        World(Center(generate_spec(number), START), ManualClock(START), credentials_seed=f"account {number}")
        for number in (1, 2)
    ]
    toolbox = Toolbox(clock=worlds[0].clock.now)
    async with (
        serve(FACES[vendor](), worlds[0]) as first,
        serve(FACES[vendor](), worlds[1]) as second,
        opened(first, toolbox) as one,
        opened(second, toolbox) as other,
    ):
        found = await asyncio.gather(*(account.source.discover() for account in (one, other) * 5))

    assert all(one.targets for one in found)
    for world in worlds:
        assert {record.status for record in world.requests} == {200}
