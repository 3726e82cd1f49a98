"""Amazon Connect for ccstats. Address it by name: `adapter = "amazon-connect"`."""

from ccstats_amazon_connect.adapter import ConnectAdapter
from ccstats_amazon_connect.config import ConnectOptions

adapter = ConnectAdapter()

__all__ = ["ConnectAdapter", "ConnectOptions", "adapter"]
