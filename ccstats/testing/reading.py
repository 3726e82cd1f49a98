"""The promises of `discover` and `read`: complete, honest, in the right units, and no more than was declared."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from ccstats.adapter import Reading
from ccstats.config import WindowSpec
from ccstats.model import Family, Kind, Realtime, Snapshot, Window
from ccstats.testing.honesty import declared, known, superfluous, unexplained
from ccstats.testing.recorded import RecordedFace
from ccstats.testing.stand import NAME, Stand
from ccstats.testing.terms import GIVEN, Terms
from ccstats.testing.truth import queue_truth, untruths

MOMENTS: Final = (0.0, 47.0, 311.0, 900.0)
"""Seconds between readings: what is rare (a phone that rings, a break) shows at one moment or another."""
SKEW: Final = timedelta(minutes=2)


class ReadingIt(Terms):
    """What an adapter finds and reads where nothing goes wrong."""

    def test_opening_sends_nothing(self) -> None:
        async def promise(account: Stand) -> None:
            assert account.world.requests.total == 0

        self.try_on(promise)

    def test_discovery_finds_targets_of_the_declared_kinds_each_once(self) -> None:
        async def promise(account: Stand) -> None:
            targets = await account.discover()
            assert targets, "nothing was found"
            assert [key for key, number in Counter(one.key for one in targets).items() if number > 1] == []
            assert {one.source for one in targets} == {NAME}
            assert {one.vendor for one in targets} == {self.adapter.name}
            assert {one.kind for one in targets} == set(self.kinds)
            assert all(one.id for one in targets)

        self.try_on(promise)

    def test_discovery_finds_the_same_again(self) -> None:
        async def promise(account: Stand) -> None:
            assert await account.discover() == await account.discover()

        self.try_on(promise)

    def test_it_is_called_what_the_configuration_calls_it(self) -> None:
        async def promise(account: Stand) -> None:
            assert account.source.name == NAME
            assert abs(account.source.now() - account.clock.now()) < SKEW

        self.try_on(promise)

    def test_every_target_of_a_batch_has_one_reading_per_family(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            for batch in batches:
                readings = await account.source.read(batch)
                assert isinstance(readings, list)
                seen = Counter((one.target.key, one.family, one.window) for one in readings)
                assert set(seen.values()) == {1}, batch.key
                assert {key for key, family, _ in seen if family is batch.family} == {one.key for one in batch.targets}
                assert all(one.error is None for one in readings), f"{batch.key}: {[one.error for one in readings]}"

        self.try_on(promise)

    def test_readings_say_when_their_numbers_were_true(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            for reading in await account.read(*batches):
                assert reading.observed_at.tzinfo is not None
                assert abs(reading.observed_at - account.clock.now()) < SKEW
                assert reading.values is not None
                assert reading.values.observed_at == reading.observed_at
                assert isinstance(reading.values, Realtime if reading.family is Family.REALTIME else Window)

        self.try_on(promise)

    def test_a_window_is_the_one_that_was_asked_for(self) -> None:
        async def promise(account: Stand) -> None:
            _, batches = await self.planned(account)
            wanted = WindowSpec.parse(self.window).bounds(account.clock.now())
            for reading in await account.read(*batches):
                if isinstance(reading.values, Window) and reading.values.start is not None:
                    assert reading.window == self.window
                    if not isinstance(self.face, RecordedFace):
                        assert (reading.values.start, reading.values.end) == wanted

        self.try_on(promise)

    def test_every_none_has_a_reason_and_every_reason_a_none(self) -> None:
        async def promise(account: Stand) -> None:
            for snapshot in await self._snapshots(account):
                assert unexplained(snapshot) == []
                assert superfluous(snapshot) == []

        for variation in self.variations:
            self.try_on(promise, **variation)

    def test_snapshots_are_read_back_as_they_were_written(self) -> None:
        async def promise(account: Stand) -> None:
            for snapshot in await self._snapshots(account):
                assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot

        self.try_on(promise)

    def test_what_is_declared_has_a_value_and_what_has_a_value_is_declared(self) -> None:
        seen: dict[Kind, set[str]] = {kind: set() for kind in self.kinds}
        for variation in self.variations:
            for kind, paths in self.try_on(self._seen, **variation).items():
                seen[kind] |= paths
        assert self._never_seen(seen) == [], "declared, and never a value"
        assert self._never_declared(seen) == [], "a value, and not declared"

    def test_numbers_and_units_are_those_of_the_center(self) -> None:
        async def promise(account: Stand) -> None:
            for seconds in MOMENTS:
                account.clock.advance(seconds)
                wrong = self._untruths(account, await self._snapshots(account))
                assert wrong == {}

        self.try_on(promise)

    def test_the_vendors_own_answer_is_kept_where_it_is_wanted(self) -> None:
        async def kept(account: Stand) -> set[bool]:
            return {snapshot.raw is not None for snapshot in await self._snapshots(account)}

        assert self.try_on(kept) == {False}
        assert True in self.try_on(kept, keep_raw=True)

    async def _snapshots(self, account: Stand) -> list[Snapshot]:
        _, batches = await self.planned(account)
        readings: list[Reading] = await account.read(*batches)
        assert account.bugs == []
        return account.merged(readings)

    async def _seen(self, account: Stand) -> dict[Kind, set[str]]:
        """The metrics of each kind that had a value at some moment."""
        seen: dict[Kind, set[str]] = {kind: set() for kind in self.kinds}
        for seconds in MOMENTS:
            account.clock.advance(seconds)
            for snapshot in await self._snapshots(account):
                seen[snapshot.target.kind] |= known(snapshot).keys()
        return seen

    def _never_seen(self, seen: dict[Kind, set[str]]) -> list[str]:
        found = []
        for kind, table in self.adapter.abilities.items():
            spoken = {declared(path, table) for path in seen[kind]}
            for path, ability in table.items():
                if ability.support in GIVEN and path not in spoken:
                    # An entry whose parts all have entries of their own speaks for none itself.
                    parts = any(one in table for one in seen[kind] if one.startswith(f"{path}."))
                    if not parts and not self.excused(path, kind.value):
                        found.append(f"{kind.value}:{path}")
        return found

    def _never_declared(self, seen: dict[Kind, set[str]]) -> list[str]:
        found = []
        for kind, table in self.adapter.abilities.items():
            for path in seen[kind]:
                entry = declared(path, table)
                given = entry is not None and table[entry].support in GIVEN
                if not given and not self.excused(entry or path, kind.value):
                    found.append(f"{kind.value}:{path}")
        return sorted(found)

    def _untruths(self, account: Stand, snapshots: list[Snapshot]) -> dict[str, str]:
        if isinstance(self.face, RecordedFace):
            return self.face.untruths(snapshots)
        center, found = account.world.center, {}
        start, end = WindowSpec.parse(self.window).bounds(account.clock.now())
        span = (center.seconds(start), center.seconds(end))
        for snapshot in snapshots:
            if snapshot.target.kind is Kind.QUEUE and snapshot.target.name is not None:
                truth = queue_truth(center, snapshot.target.name, span)
                for path, wrong in untruths(snapshot, truth, self.window).items():
                    if not self.excused(path, "truth"):
                        found[f"{snapshot.target.name} {path}"] = wrong
        return found
