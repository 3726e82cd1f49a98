"""Twilio TaskRouter for ccstats. Address it by name: `adapter = "twilio"`."""

from ccstats_twilio.adapter import TwilioAdapter
from ccstats_twilio.config import TwilioOptions

adapter = TwilioAdapter()

__all__ = ["TwilioAdapter", "TwilioOptions", "adapter"]
