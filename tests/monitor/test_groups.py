"""Groups of a monitor: made of the latest snapshots, and as a reloaded configuration has them."""

from datetime import UTC, datetime, timedelta

from ccstats.config import Config, parse_config
from ccstats.monitor import Monitor
from ccstats.simulator.clock import ManualClock
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.stage import stage
from ccstats_genesys.face import GenesysFace
from ccstats_twilio.face import TwilioFace

FAST = {"realtime_every": "300ms", "window_every": "500ms"}
OPENED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


async def test_groups_follow_the_latest_snapshots_and_a_new_configuration() -> None:
    clock = ManualClock(OPENED + timedelta(minutes=30))
    async with stage([TwilioFace(), GenesysFace()], generate_spec(1, queues=2), OPENED, clock=clock) as running:
        sources = {one.face.name: {**one.source(), "select": {"kinds": ["queue"]}} for one in running}

        def config(*match: str) -> Config:
            return parse_config({"poll": FAST, "sources": sources, "groups": {"care": {"match": list(match)}}})

        async with Monitor(config("twilio:Billing", "genesys:Sales"), clock=clock.now) as monitor:
            assert (monitor.groups()["care"].coverage.targets, monitor.groups()["care"].realtime) == (0, None)
            assert await monitor.wait_until_ready(10)
            care = monitor.groups()["care"]
            assert {key.partition(":")[0] for key in care.members} == {"twilio", "genesys"}
            latest = monitor.latest()
            waiting = [latest[key].realtime for key in care.members]
            assert care.realtime is not None
            assert care.realtime.waiting == sum(now.waiting or 0 for now in waiting if now is not None)
            await monitor.reload(config("twilio:*"))
            assert {key.partition(":")[0] for key in monitor.groups()["care"].members} == {"twilio"}
