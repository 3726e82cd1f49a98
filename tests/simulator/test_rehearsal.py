"""Outages written as words become faults, and nothing else does."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccstats.simulator.faults import Faults
from ccstats.simulator.rehearsal import HTML, rehearsed

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_status_for_a_while_is_over_when_its_time_is() -> None:
    faults = Faults()
    faults.add(rehearsed("429:60s", BEGIN))

    struck = faults.strike("/v1", BEGIN)
    assert struck is not None
    assert (struck.status, dict(struck.headers)) == (429, {"Retry-After": "5"})
    assert faults.strike("/v1", BEGIN + 59 * SECOND) is struck
    assert faults.strike("/v1", BEGIN + 60 * SECOND) is None


def test_an_outage_can_begin_later_and_take_a_part_of_the_requests() -> None:
    faults = Faults()
    faults.add(rehearsed("drop:5%:1m@2m", BEGIN))

    assert [faults.strike("/v1", BEGIN + n * SECOND) for n in range(119)] == [None] * 119
    struck = sum(faults.strike("/v1", BEGIN + 130 * SECOND) is not None for _ in range(2000))
    assert 60 <= struck <= 140
    assert [faults.strike("/v1", BEGIN + (180 + n) * SECOND) for n in range(100)] == [None] * 100


def test_slow_hang_html_and_cut_are_what_they_say() -> None:
    slow, hang, html, cut = (rehearsed(word, BEGIN) for word in ("slow=250ms", "hang", "html", "cut:50%"))

    assert (slow.delay_s, slow.drop, slow.status, slow.body) == (0.25, False, None, None)
    assert hang.delay_s > 600
    assert (html.status, html.body) == (None, HTML)
    assert cut.body is not None
    assert cut.share == 0.5


@pytest.mark.parametrize("word", ["", "200", "429:", "drop:0%", "drop:101%", "slow", "slow=5", "429:60", "drop@", "x"])
def test_what_is_no_outage_is_refused_with_the_forms(word: str) -> None:
    with pytest.raises(ValueError, match=re.escape("WHAT[:SHARE%]")):
        rehearsed(word, BEGIN)


@given(st.text(max_size=20) | st.from_regex(r"(drop|429|slow=1s)(:\d+%)?(:\d+[smh])?(@\d+s)?", fullmatch=True))
def test_any_word_is_a_fault_or_refused(word: str) -> None:
    try:
        fault = rehearsed(word, BEGIN)
    except ValueError:
        return
    assert 0 < fault.share <= 1
