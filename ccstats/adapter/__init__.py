"""What a vendor's plugin is made of."""

from ccstats.adapter.abilities import REMEMBERED, Abilities, Ability, Absence, GapFiller, Gaps, Support, only
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
from ccstats.adapter.source import HttpSource, ReadRow, read_seen, unseen
from ccstats.adapter.toolbox import Toolbox
from ccstats.adapter.vendor import HttpAdapter, HttpOptions

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
    "HttpAdapter",
    "HttpOptions",
    "HttpSource",
    "Probing",
    "ReadRow",
    "Reading",
    "Source",
    "Support",
    "Toolbox",
    "Verdict",
    "Want",
    "defined",
    "only",
    "read_seen",
    "unseen",
]
