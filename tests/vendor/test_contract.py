"""Both adapters keep the promises that every plugin makes."""

from datetime import UTC, datetime

from ccstats.simulator.kit import Center, World
from ccstats.testing import AdapterContract
from ccstats_genesys import adapter as genesys
from ccstats_genesys.face import GenesysFace
from ccstats_twilio import adapter as twilio
from ccstats_twilio.face import TwilioFace


def offline_activities() -> dict[str, str]:
    """TaskRouter has no flag for them: a configuration names them."""
    tenant = TwilioFace().tenant(World(Center(AdapterContract.spec, datetime(2026, 1, 1, tzinfo=UTC))))
    everywhere = [activity for space in tenant.workspaces.values() for activity in space.activities]
    return {activity.sid: "offline" for activity in everywhere if activity.name == "Offline"}


class TestTwilio(AdapterContract):
    adapter = twilio
    face = TwilioFace()
    variations = (
        {},
        {"activity_durations": True},
        {"activity_states": offline_activities()},
        {"handle_time": "events"},
        {"handle_time": "events", "by_channel": ["*"]},
    )


class TestGenesys(AdapterContract):
    adapter = genesys
    face = GenesysFace()
    settings = {"requests_per_minute": 1_000_000}
