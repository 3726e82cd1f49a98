"""What a user writes, checked and typed."""

from ccstats.config.address import IN_THE_CLEAR, Address, in_the_clear
from ccstats.config.load import load_config, parse_config, validate
from ccstats.config.period import Period, WindowSpec
from ccstats.config.secret import Secret, Text
from ccstats.config.settings import (
    Cadence,
    Config,
    GroupOptions,
    Http,
    Limits,
    Poll,
    RawSource,
    Select,
    Settings,
    SourceOptions,
    SourcePoll,
)

__all__ = [
    "IN_THE_CLEAR",
    "Address",
    "Cadence",
    "Config",
    "GroupOptions",
    "Http",
    "Limits",
    "Period",
    "Poll",
    "RawSource",
    "Secret",
    "Select",
    "Settings",
    "SourceOptions",
    "SourcePoll",
    "Text",
    "WindowSpec",
    "in_the_clear",
    "load_config",
    "parse_config",
    "validate",
]
