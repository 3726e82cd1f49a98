"""What can be set on the Twilio face."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

NUMBER: Final = (int, float)
NOTHING: Final = type(None)
TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "requests_per_second": NUMBER,
    "bulk_per_second": NUMBER,
    "concurrency": (int, NOTHING),
    "worker_statistics_cap": (int, NOTHING),
    "strings": (bool,),
    "next_page_host": (str, NOTHING),
    "latency_s": NUMBER,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits and oddities of the simulated account.

    `requests_per_second` and `bulk_per_second` hold per workspace and operation, averaged over ten seconds;
    `concurrency` holds for the account. `worker_statistics_cap` is the number of workers above which the worker
    and workflow statistics are refused. `strings` sends counts as strings. `next_page_host` (a host, or an origin
    with its scheme) makes the next page's address point elsewhere. `latency_s` is spent inside every answer.
    """

    requests_per_second: float = 50.0
    bulk_per_second: float = 5.0
    concurrency: int | None = 100
    worker_statistics_cap: int | None = 100
    strings: bool = False
    next_page_host: str | None = None
    latency_s: float = 0.0

    @classmethod
    def parse(cls, settings: Mapping[str, object]) -> Self:
        """Return the settings of a mapping; ValueError names what is unknown or of a wrong type."""
        for name, value in settings.items():
            if name not in TYPES:
                raise ValueError(f"unknown setting {name!r} of the Twilio face; there are {', '.join(TYPES)}")
            if not isinstance(value, TYPES[name]) or (isinstance(value, bool) and bool not in TYPES[name]):
                raise ValueError(f"setting {name!r} of the Twilio face does not take {value!r}")
        return cls(**settings)  # type: ignore[arg-type]  # each was checked against its type just above
