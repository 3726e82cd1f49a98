"""What a user writes, checked and typed."""

from ccstats.config.load import load_config, parse_config, validate
from ccstats.config.period import Period, WindowSpec
from ccstats.config.secret import Secret, Text
from ccstats.config.settings import Config, Http, Limits, Poll, RawSource, Select, Settings, SourceOptions

__all__ = [
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
    "Text",
    "WindowSpec",
    "load_config",
    "parse_config",
    "validate",
]
