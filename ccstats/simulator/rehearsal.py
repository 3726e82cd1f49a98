"""Outages written as words, so that a user can rehearse one: `429:60s`, `drop:5%`, `slow=2s:50%@1m`."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from ccstats.simulator.faults import Fault

FORMS: Final = (
    "WHAT[:SHARE%][:PERIOD][@START], where WHAT is a status from 400 to 599, drop, hang, slow=TIME, html or cut, as in "
    "429:60s, drop:5%, slow=2s:50%:5m@1m"
)
WORD: Final = re.compile(
    r"(?P<what>[45]\d\d|drop|hang|html|cut|slow=(?P<delay>\d+(?:\.\d+)?(?:ms|s|m|h)))"
    r"(?::(?P<share>\d{1,3}(?:\.\d+)?)%)?"
    r"(?::(?P<period>\d+(?:\.\d+)?(?:ms|s|m|h)))?"
    r"(?:@(?P<start>\d+(?:\.\d+)?(?:ms|s|m|h)))?",
    re.ASCII,
)
UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
HANGING_S: Final = 3600.0
RETRY_AFTER: Final[Mapping[str, str]] = {"Retry-After": "5"}
HTML: Final = b"<html><body>Down for maintenance</body></html>"
CUT: Final = b'{"meta": {"page": 0, "results": [{"group": {"que'


def rehearsed(word: str, begin: datetime) -> Fault:
    """Return the fault that a word describes, with its times counted from `begin`; `ValueError` says the forms."""
    match = WORD.fullmatch(word)
    share = float(match["share"] or 100) / 100 if match is not None else 0.0
    if match is None or not 0 < share <= 1:
        raise ValueError(f"{word!r} is not {FORMS}")
    try:
        since = begin + timedelta(seconds=_seconds(match["start"] or "0s"))
        until = since + timedelta(seconds=_seconds(match["period"])) if match["period"] else None
    except OverflowError:
        raise ValueError(f"{word!r} lies beyond the calendar") from None
    return _fault(match["what"], _seconds(match["delay"] or "0s"), share, since, until)


def _fault(what: str, delay_s: float, share: float, since: datetime, until: datetime | None) -> Fault:
    if what.isdigit():
        status = int(what)
        body = b'{"code": "simulated", "message": "a simulated fault"}'
        headers = RETRY_AFTER if status in (429, 503) else {}
        return Fault(status=status, body=body, headers=headers, share=share, since=since, until=until)
    if what in ("html", "cut"):
        return Fault(body=HTML if what == "html" else CUT, share=share, since=since, until=until)
    if what == "hang":
        delay_s = HANGING_S
    return Fault(delay_s=delay_s, drop=what == "drop", share=share, since=since, until=until)


def _seconds(text: str) -> float:
    unit = text.lstrip("0123456789.")
    return float(text.removesuffix(unit)) * UNITS[unit]
