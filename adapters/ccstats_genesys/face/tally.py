"""Summing up what happened into the metrics of an aggregate query; times are whole milliseconds."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from ccstats.simulator.center import Contact
from ccstats.simulator.truth import QueueWindow, handled
from ccstats_genesys.face.tenant import media_of

TARGET: Final = 0.8
"""The share of contacts that a simulated queue wants to answer within its threshold."""
METRICS: Final = (
    "nOffered",
    "nOverSla",
    "oServiceLevel",
    "oServiceTarget",
    "tAbandon",
    "tAcd",
    "tAcw",
    "tAnswered",
    "tHandle",
    "tHeld",
    "tShortAbandon",
    "tTalk",
    "tWait",
    # A simulated contact is never transferred, sent elsewhere by a flow, called or put through a menu.
    "nBlindTransferred",
    "nConsult",
    "nConsultTransferred",
    "nError",
    "nOutbound",
    "nTransferred",
    "tFlowOut",
    "tIvr",
    "tVoicemail",
)


class Tally:
    """The events of one group of an answer; `short_s` is how soon an abandon counts as a short one."""

    def __init__(self, short_s: float) -> None:
        """Start with nothing having happened."""
        self._short_s = short_s
        self._counts: Counter[str] = Counter()
        self._times: defaultdict[str, list[int]] = defaultdict(list)
        self._within = 0

    def add(self, window: QueueWindow, media: str, threshold_s: float) -> None:
        """Add one media type of a queue's window; the threshold is the queue's service level."""
        self._counts["nOffered"] += sum(1 for _ in _of(window.arrivals, media))
        for contact in _of(window.answers, media):
            wait = _since_arrival(contact, contact.accepted)
            self._note(wait, "tAnswered", "tWait", "tAcd")
            within = wait <= threshold_s
            self._within += within
            self._counts["nOverSla"] += not within
        for contact in _of(window.abandons, media):
            wait = _since_arrival(contact, contact.abandoned)
            self._note(wait, "tAbandon", "tWait", "tAcd")
            if wait <= self._short_s:
                self._note(wait, "tShortAbandon")
        for contact in _of(window.completions, media):
            times = handled(contact)
            self._note(times.handle, "tHandle")
            self._note(times.talk, "tTalk")
            self._note(times.wrap, "tAcw")
            if times.held:
                self._note(times.held, "tHeld")

    def metrics(self, asked: Iterable[str]) -> list[dict[str, object]]:
        """Return the asked-for metrics that were emitted at all."""
        found = ((metric, self._stats(metric)) for metric in asked)
        return [{"metric": metric, "stats": stats} for metric, stats in found if stats]

    def _stats(self, metric: str) -> dict[str, float]:
        if metric == "oServiceLevel":
            return self._service_level()
        if metric == "oServiceTarget":
            return {"target": TARGET} if self._times["tWait"] else {}
        if self._counts[metric]:
            return {"count": self._counts[metric]}
        times = self._times[metric]
        if not times:
            return {}
        return {"count": len(times), "sum": sum(times), "min": min(times), "max": max(times)}

    def _service_level(self) -> dict[str, float]:
        denominator = len(self._times["tAnswered"]) + len(self._times["tAbandon"])
        if not denominator:
            return {}
        return {
            "ratio": self._within / denominator,
            "numerator": self._within,
            "denominator": denominator,
            "target": TARGET,
        }

    def _note(self, seconds: float, *metrics: str) -> None:
        for metric in metrics:
            self._times[metric].append(round(seconds * 1000))


def _of(contacts: Iterable[Contact], media: str) -> Iterable[Contact]:
    return (contact for contact in contacts if media_of(contact) == media)


def _since_arrival(contact: Contact, moment: float | None) -> float:
    return round((contact.arrived if moment is None else moment) - contact.arrived, 3)
