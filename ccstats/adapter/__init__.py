"""What a vendor's plugin is made of."""

from ccstats.adapter.abilities import REMEMBERED, Abilities, Ability, Absence, GapFiller, Gaps, Support
from ccstats.adapter.contract import (
    API_VERSION,
    Adapter,
    Batch,
    Defining,
    Discovery,
    Finding,
    Probing,
    Reading,
    Source,
    Verdict,
    Want,
    defined,
)
from ccstats.adapter.toolbox import Toolbox

__all__ = [
    "API_VERSION",
    "Abilities",
    "Ability",
    "Absence",
    "Adapter",
    "Batch",
    "Defining",
    "Discovery",
    "Finding",
    "GapFiller",
    "Gaps",
    "REMEMBERED",
    "Probing",
    "Reading",
    "Source",
    "Support",
    "Toolbox",
    "Verdict",
    "Want",
    "defined",
]
