"""What a user writes, checked and typed."""

from ccstats.config.address import IN_THE_CLEAR, Address, in_the_clear
from ccstats.config.fleet import Redis, Work
from ccstats.config.load import load_config, load_reader_config, parse_config, validate
from ccstats.config.period import Period, WindowSpec
from ccstats.config.reading import ReaderConfig
from ccstats.config.redis_address import RedisAddress, redis_address
from ccstats.config.secret import Secret, Text
from ccstats.config.serving import Board, Marks, Serve, address
from ccstats.config.settings import (
    Cadence,
    Config,
    GroupOptions,
    Http,
    Limits,
    Poll,
    RawSource,
    Select,
    SourceOptions,
    SourcePoll,
)
from ccstats.config.strict import Settings

__all__ = [
    "IN_THE_CLEAR",
    "Address",
    "Board",
    "Cadence",
    "Config",
    "GroupOptions",
    "Http",
    "Limits",
    "Marks",
    "Period",
    "Poll",
    "RawSource",
    "ReaderConfig",
    "Redis",
    "RedisAddress",
    "Secret",
    "Select",
    "Serve",
    "Settings",
    "SourceOptions",
    "SourcePoll",
    "Text",
    "WindowSpec",
    "Work",
    "address",
    "in_the_clear",
    "load_config",
    "load_reader_config",
    "parse_config",
    "redis_address",
    "validate",
]
