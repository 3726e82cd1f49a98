"""A simulated contact center in the wire format of Twilio TaskRouter."""

from collections.abc import Mapping

from aiohttp import web

from ccstats.simulator.face import World
from ccstats_twilio.face.app import build
from ccstats_twilio.face.settings import Settings
from ccstats_twilio.face.tenant import Tenant

__all__ = ["TwilioFace"]


class TwilioFace:
    """Serves a center as a Twilio account with one workspace per site."""

    name = "twilio"

    def app(self, world: World, settings: Mapping[str, object]) -> web.Application:
        """Return the application; `Settings` says which settings there are."""
        return build(world, Tenant(world), Settings.parse(settings))

    def configuration(self, base_url: str, world: World) -> dict[str, object]:
        """Return the table of a ccstats source that reads this face with the account's own credentials."""
        tenant = Tenant(world)
        return {
            "adapter": self.name,
            "account_sid": tenant.account_sid,
            "auth_token": tenant.auth_token,
            "base_url": base_url,
        }

    def tenant(self, world: World) -> Tenant:
        """Return the SIDs and credentials under which this face shows a center."""
        return Tenant(world)
