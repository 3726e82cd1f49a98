"""Live contact-center statistics of several vendors as one honest, neutral model."""

from importlib.metadata import version as _version

from ccstats.config import Config, Http, Limits, Poll, Secret, Select, WindowSpec, load_config
from ccstats.errors import (
    AccessError,
    AnswerError,
    AuthError,
    BrokenAnswerError,
    CcstatsError,
    ConfigError,
    NotFoundError,
    NotPermittedError,
    PluginError,
    RateLimitedError,
    RequestRefusedError,
    TransientError,
    UnavailableError,
    VendorError,
)
from ccstats.model import (
    Activity,
    ActivityState,
    Agents,
    Family,
    Gap,
    GapReason,
    Kind,
    Realtime,
    Result,
    ServiceLevel,
    ServiceLevelRule,
    Snapshot,
    SourceReport,
    SourceStatus,
    Status,
    Target,
    TimeStat,
    Window,
)
from ccstats.monitor import Changes, Monitor, MonitorStats, SourceState, SourceStats
from ccstats.poller import fetch

__version__ = _version("ccstats")

__all__ = [
    # doing
    "Changes",
    "Monitor",
    "MonitorStats",
    "SourceState",
    "SourceStats",
    "fetch",
    "load_config",
    # configuration
    "Config",
    "Http",
    "Limits",
    "Poll",
    "Secret",
    "Select",
    "WindowSpec",
    # model
    "Activity",
    "ActivityState",
    "Agents",
    "Family",
    "Gap",
    "GapReason",
    "Kind",
    "Realtime",
    "Result",
    "ServiceLevel",
    "ServiceLevelRule",
    "Snapshot",
    "SourceReport",
    "SourceStatus",
    "Status",
    "Target",
    "TimeStat",
    "Window",
    # errors
    "AccessError",
    "AnswerError",
    "AuthError",
    "BrokenAnswerError",
    "CcstatsError",
    "ConfigError",
    "NotFoundError",
    "NotPermittedError",
    "PluginError",
    "RateLimitedError",
    "RequestRefusedError",
    "TransientError",
    "UnavailableError",
    "VendorError",
]
