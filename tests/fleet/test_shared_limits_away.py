"""Limits that several programs spend where the place they meet at is away, and pauses that one of them is told."""

import asyncio
import logging
from itertools import pairwise

import pytest
from fleet_spending import VENDOR, Meeting, Program, everything, greedy, over, program

from ccstats.testing.virtual import VirtualLoop


@pytest.mark.parametrize("how", ["away", "hangs"])
def test_while_the_coordinator_is_away_each_keeps_to_its_part_and_polling_goes_on(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    many, gone, back = 4, 100.0, 400.0

    async def main() -> list[Program]:
        loop, meeting = asyncio.get_running_loop(), Meeting()
        programs = [program(meeting) for _ in range(many)]
        loop.call_at(gone, setattr, meeting, how, True)
        loop.call_at(back, setattr, meeting, how, False)
        await greedy(programs, 700)
        return programs

    with caplog.at_level(logging.INFO, "ccstats.budget"):
        programs = VirtualLoop().run(main())
    pace, sent = programs[0].budgets[0].pace, everything(programs)
    assert over([at for at in sent if at < back], pace) <= 1e-4
    assert over(sent, pace) <= many
    meanwhile = [at for at in sent if gone + 5 <= at < back]
    assert len(meanwhile) >= 0.9 * pace.rate * (back - gone - 5)
    assert max(later - at for at, later in pairwise(sent)) <= 5
    assert len([at for at in sent if at >= back + 2]) >= 0.9 * pace.rate * 298
    said = [record.getMessage() for record in caplog.records]
    assert [sum(word in line for line in said) for word in ("divided", "together again")] == [many, many]
    assert len(said) == 2 * many


def test_a_program_that_meets_nobody_at_its_start_leaves_half_to_whoever_else_there_is() -> None:
    async def main() -> list[Program]:
        meeting = Meeting()
        meeting.away = True
        programs = [program(meeting) for _ in range(2)]
        await greedy(programs, 300)
        return programs

    programs = VirtualLoop().run(main())
    whole = VENDOR.scaled(0.9).pace()
    assert over(everything(programs), whole) <= 1e-4
    assert len(everything(programs)) >= 0.9 * whole.rate * 300


@pytest.mark.parametrize("away", [0.0, 3.0], ids=["there", "away for 3 s"])
def test_the_pause_that_a_vendor_wants_of_one_program_holds_for_all(away: float) -> None:
    async def main() -> list[Program]:
        loop, meeting = asyncio.get_running_loop(), Meeting()
        one, other = program(meeting), program(meeting)

        def refused() -> None:
            meeting.away = away > 0
            one.budgets[0].pause(20, probe=True)

        loop.call_at(50, refused)
        loop.call_at(50 + away, setattr, meeting, "away", False)
        await greedy([one, other], 120)
        return [one, other]

    for each in VirtualLoop().run(main()):
        assert [at for at in each.sent if 50 + away + 1.1 < at < 70 - 1e-6] == []
        assert [at for at in each.sent if at >= 70]


def test_a_pause_is_told_also_where_the_program_ends_at_once() -> None:
    async def main() -> float:
        meeting = Meeting(lambda: 0.2)
        one, other = program(meeting), program(meeting)
        one.budgets[0].pause(30, probe=True)
        await one.toolbox.close()
        await asyncio.wait_for(other.send(), 60)
        await other.toolbox.close()
        return other.sent[0]

    assert VirtualLoop().run(main()) >= 30


def test_a_pause_that_comes_while_the_others_are_asked_holds_for_who_asks() -> None:
    async def main() -> list[float]:
        one = program(Meeting(lambda: 0.3))
        asyncio.get_running_loop().call_later(0.1, one.budgets[0].pause, 5)
        await asyncio.wait_for(one.send(), 60)
        await one.toolbox.close()
        return one.sent

    assert VirtualLoop().run(main()) == [pytest.approx(5.4)]
