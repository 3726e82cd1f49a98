"""What a user writes, checked and typed."""

from ccstats.config.load import load_config, parse_config, validate
from ccstats.config.period import Period, WindowSpec
from ccstats.config.secret import Secret, Text
from ccstats.config.settings import (
    Cadence,
    Config,
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
    "Cadence",
    "Config",
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
    "load_config",
    "parse_config",
    "validate",
]
