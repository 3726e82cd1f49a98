"""The simulator's Genesys Cloud: a simulated center with Genesys's wire format, tokens, pages, limits and errors."""

from ccstats_genesys.face.app import GenesysFace
from ccstats_genesys.face.errors import error_body
from ccstats_genesys.face.ids import client_id, client_secret, division_id, organization_id, presence_id, queue_id
from ccstats_genesys.face.settings import PERMISSIONS, Settings, parse_settings

__all__ = [
    "PERMISSIONS",
    "GenesysFace",
    "Settings",
    "client_id",
    "client_secret",
    "division_id",
    "error_body",
    "organization_id",
    "parse_settings",
    "presence_id",
    "queue_id",
]
