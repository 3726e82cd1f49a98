"""Genesys Cloud for ccstats. Address it by name: `adapter = "genesys"`."""

from ccstats_genesys.adapter import GenesysAdapter
from ccstats_genesys.config import GenesysOptions

adapter = GenesysAdapter()

__all__ = ["GenesysAdapter", "GenesysOptions", "adapter"]
