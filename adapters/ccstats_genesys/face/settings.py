"""How the simulated organization behaves where tenants differ or where nobody knows for sure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

QUEUE_VIEW: Final = "routing:queue:view"
QUEUE_SEARCH: Final = "routing:queue:search"
PRESENCE_VIEW: Final = "presence:presenceDefinition:view"
OBSERVATION_VIEW: Final = "analytics:queueObservation:view"
AGGREGATE_VIEW: Final = "analytics:conversationAggregate:view"
AGENT_STATE_VIEW: Final = "analytics:agentState:view"
STATS_READ: Final = "analytics:stats:read"
PERMISSIONS: Final = frozenset(
    {
        QUEUE_VIEW,
        QUEUE_SEARCH,
        PRESENCE_VIEW,
        OBSERVATION_VIEW,
        AGGREGATE_VIEW,
        AGENT_STATE_VIEW,
        STATS_READ,
    }
)
APIS: Final = frozenset({"observations", "stats"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What a test or a demonstration can choose; names ending in `_s` are seconds of the world's clock.

    `apis` says which analytics exist: the others answer 404. `forbidden_queues` holds ids or names. `longest_wait` is
    the moment since which a contact waits (epoch milliseconds) or how long it has waited (milliseconds).
    `stats_ids` names the key under which `/analytics/stats/queues` tells which queue a row is of, if any.
    """

    apis: frozenset[str] = frozenset({"observations"})
    permissions: frozenset[str] = PERMISSIONS
    forbidden_queues: frozenset[str] = frozenset()
    token_lifetime_s: float = 86400.0
    requests_per_minute: int = 300
    max_predicates: int = 100
    alerting_in_waiting: bool = True
    longest_wait: Literal["epoch", "duration"] = "epoch"
    short_abandon_s: float = 5.0
    stats_ids: Literal["id", "queueId"] | None = None
    stats_window_s: float = 1800.0


def parse_settings(given: Mapping[str, object]) -> Settings:
    """Return the settings, defaults filled in; ValueError names an unknown setting or a value that it cannot take."""
    unknown = sorted(given.keys() - CHECKS.keys())
    if unknown:
        raise ValueError(f"unknown setting {unknown[0]!r}; there are: {', '.join(CHECKS)}")
    checked: dict[str, Any] = {}
    for name, value in given.items():
        try:
            checked[name] = CHECKS[name](value)
        except ValueError as error:
            raise ValueError(f"setting {name!r}: {error}") from None
    return Settings(**checked)


def _words(value: object) -> frozenset[str]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, Collection) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"expected words, got {value!r}")
    return frozenset(words)


def _apis(value: object) -> frozenset[str]:
    words = _words(value)
    if not words or words - APIS:
        raise ValueError(f"expected some of {', '.join(sorted(APIS))}, got {value!r}")
    return words


def _positive(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError(f"expected a number above 0, got {value!r}")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"expected a whole number above 0, got {value!r}")
    return value


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"expected true or false, got {value!r}")


def _one_of(*choices: str | None) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        if value in choices and (value is None or isinstance(value, str)):
            return value
        raise ValueError(f"expected one of {choices}, got {value!r}")

    return check


CHECKS: Final[Mapping[str, Callable[[object], object]]] = {
    "apis": _apis,
    "permissions": _words,
    "forbidden_queues": _words,
    "token_lifetime_s": _positive,
    "requests_per_minute": _count,
    "max_predicates": _count,
    "alerting_in_waiting": _flag,
    "longest_wait": _one_of("epoch", "duration"),
    "short_abandon_s": _positive,
    "stats_ids": _one_of("id", "queueId", None),
    "stats_window_s": _positive,
}
