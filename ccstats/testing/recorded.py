"""A face made of recorded payloads, for vendors of whose behaviour nobody has written a simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ccstats.model import Snapshot
from ccstats.simulator.kit import Answer, Call, Refusal, VendorFace, World
from ccstats.testing.honesty import leaves, path


class RecordedFace(VendorFace):
    """Answers every endpoint with what was once recorded.

    `answers` are by method and path template (`GET /queues/{id}`); of several for one endpoint each is given once, the
    last for ever. `expected` are the numbers that a person has read out of them: by target id, by metric path.
    """

    def __init__(
        self,
        name: str,
        source: Callable[[str], dict[str, object]],
        answers: Mapping[str, Sequence[Any]],
        *,
        authorized: Callable[[Call], bool],
        expected: Mapping[str, Mapping[str, object]],
    ) -> None:
        """`source` is the table of a source for a base URL; `authorized` says whether a request may come in."""
        if not expected:
            raise ValueError("a recording needs some numbers that a person has read out of it")
        self.name = name  # type: ignore[misc]  # one class for the recordings of many vendors
        self.expected = expected
        self._source = source
        self._answers = answers
        self._authorized = authorized

    def endpoints(self) -> Mapping[str, Answer]:
        """One per recorded endpoint."""
        return {template: _player(answers) for template, answers in self._answers.items()}

    def authenticate(self, call: Call) -> None:
        """A 401 for whoever is not authorized."""
        if not self._authorized(call):
            raise Refusal(401, {"message": "who is there?"})

    def configuration(self, base_url: str, world: World) -> dict[str, object]:
        """The table that the recording was made with."""
        return self._source(base_url)

    def untruths(self, snapshots: Sequence[Snapshot]) -> dict[str, str]:
        """Where snapshots say something else than is expected."""
        found = {}
        said = {one.target.id: {path(way): value for way, value in leaves(one).items()} for one in snapshots}
        for ident, metrics in self.expected.items():
            for metric, value in metrics.items():
                read = said.get(ident, {}).get(metric)
                if read != value:
                    found[f"{ident} {metric}"] = f"{read}, and it is {value}"
        return found


def _player(answers: Sequence[Any]) -> Answer:
    left = list(answers)

    def play(call: Call) -> object:
        return left.pop(0) if len(left) > 1 else left[0]

    return play
