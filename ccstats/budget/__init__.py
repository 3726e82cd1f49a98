"""Rate limits kept on this side: what may be sent, and when."""

from ccstats.budget.budget import LONGEST_PAUSE, Budget
from ccstats.budget.commons import Commons
from ccstats.budget.inheritance import Inherited
from ccstats.budget.limit import Limit, Pace, RateHint
from ccstats.budget.ration import InFlight, Slots

__all__ = ["LONGEST_PAUSE", "Budget", "Commons", "InFlight", "Inherited", "Limit", "Pace", "RateHint", "Slots"]
