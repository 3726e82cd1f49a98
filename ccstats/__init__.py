"""Live contact-center statistics of several vendors as one honest, neutral model."""

from ccstats.config import (
    Cadence,
    Config,
    Http,
    Limits,
    Poll,
    Secret,
    Select,
    SourcePoll,
    WindowSpec,
    load_config,
)
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


def __getattr__(name: str) -> str:
    """`__version__`, looked up when somebody asks: reading the metadata takes longer than any module here."""
    if name == "__version__":
        from importlib.metadata import version

        return version("ccstats")
    raise AttributeError(f"module 'ccstats' has no attribute {name!r}")


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
    "Cadence",
    "Config",
    "Http",
    "Limits",
    "Poll",
    "Secret",
    "Select",
    "SourcePoll",
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
