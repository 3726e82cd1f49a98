"""Live contact-center statistics of several vendors as one honest, neutral model."""

from ccstats.config import (
    Cadence,
    Config,
    GroupOptions,
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
    Channel,
    Comparability,
    Comparison,
    Coverage,
    Definitions,
    Family,
    Gap,
    GapReason,
    Group,
    Kind,
    MetricDefinition,
    Realtime,
    Result,
    RuledLevel,
    ServiceLevel,
    ServiceLevelRule,
    Snapshot,
    SourceReport,
    SourceStatus,
    Status,
    Target,
    TimeStat,
    Window,
    comparable,
    definitions_of,
)
from ccstats.monitor import Changes, Monitor, MonitorStats, SourceState, SourceStats
from ccstats.poller import fetch
from ccstats.rollup import RollUp, roll_up


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
    "comparable",
    "definitions_of",
    "fetch",
    "load_config",
    "roll_up",
    # configuration
    "Cadence",
    "Config",
    "GroupOptions",
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
    "Channel",
    "Comparability",
    "Comparison",
    "Coverage",
    "Definitions",
    "Family",
    "Gap",
    "GapReason",
    "Group",
    "Kind",
    "MetricDefinition",
    "Realtime",
    "Result",
    "RollUp",
    "ServiceLevel",
    "RuledLevel",
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
