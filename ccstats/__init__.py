"""Live contact-center statistics of several vendors as one honest, neutral model.

Importing this loads nothing yet: what a name needs is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ccstats.config import (
        Cadence,
        Config,
        GroupOptions,
        Http,
        Limits,
        Poll,
        Redis,
        Secret,
        Select,
        SourcePoll,
        WindowSpec,
        Work,
        load_config,
    )
    from ccstats.errors import (
        AccessError,
        AnswerError,
        AuthError,
        BrokenAnswerError,
        CcstatsError,
        ConfigError,
        CoordinatorError,
        NotFoundError,
        NotPermittedError,
        PluginError,
        RateLimitedError,
        RequestRefusedError,
        TransientError,
        UnavailableError,
        VendorError,
    )
    from ccstats.fleet import Reader, Worker, attach
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
    from ccstats.poller.fetch import fetch
    from ccstats.rollup import RollUp, roll_up

    __version__: str
else:

    def __getattr__(name: str) -> Any:
        """What stands in `__all__`, out of the package that has it; the light ones are looked into first."""
        if name == "__version__":
            return import_module("importlib.metadata").version("ccstats")
        for home in HOMES if name in __all__ else ():
            found = getattr(import_module(f"ccstats.{home}"), name, None)
            if found is not None:
                globals()[name] = found
                return found
        raise AttributeError(f"module 'ccstats' has no attribute {name!r}")


HOMES = ("errors", "model", "config", "rollup", "poller", "monitor", "fleet")

__all__ = [
    # doing
    "Changes",
    "Monitor",
    "MonitorStats",
    "Reader",
    "Worker",
    "SourceState",
    "SourceStats",
    "attach",
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
    "Redis",
    "Secret",
    "Select",
    "SourcePoll",
    "WindowSpec",
    "Work",
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
    "CoordinatorError",
    "NotFoundError",
    "NotPermittedError",
    "PluginError",
    "RateLimitedError",
    "RequestRefusedError",
    "TransientError",
    "UnavailableError",
    "VendorError",
]


def __dir__() -> list[str]:
    """Every public name, loaded or not."""
    return sorted([*__all__, "__version__"])
