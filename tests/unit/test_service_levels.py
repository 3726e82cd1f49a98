"""Service levels by named rule: one day under nine rules, and a gap wherever the counts do not allow a rule."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccstats import GapReason, Kind, ServiceLevel, ServiceLevelRule, Snapshot, Target, Window
from ccstats.model import Counts, Coverage, Gap, Group
from ccstats_genesys.parse.levels import with_wanted

R = ServiceLevelRule
T20, T30 = timedelta(seconds=20), timedelta(seconds=30)
# 1000 answered, 860 of them within 20 s; 60 abandoned, 20 of them within 20 s and 10 within 5 s; 30 left another way.
DAY = ServiceLevel(threshold=T20, met=860, missed=140, abandoned_within=20, abandoned_beyond=40)
NONE_LEFT_WITHIN = Counts(offered=1090, abandoned=60, short_abandoned=10, left_within=0)
CALLBACKS_WITHIN = Counts(offered=1090, abandoned=60, short_abandoned=10, left_within=30)
WHOLE = Window(offered=1090, answered=1000, abandoned=60, short_abandoned=10, flowed_out=30, service_levels=(DAY,))


@pytest.mark.parametrize(
    ("rule", "counts", "parts", "percent"),
    [
        (R.OF_OFFERED, NONE_LEFT_WITHIN, (860, 1090), 78.9),
        (R.OF_OFFERED_WITHOUT_SHORT, NONE_LEFT_WITHIN, (860, 1080), 79.6),
        (R.REMOVED_WITHIN, NONE_LEFT_WITHIN, (880, 1090), 80.7),
        (R.ABANDONED_MISS, NONE_LEFT_WITHIN, (860, 1060), 81.1),
        (R.WITHOUT_SHORT_ABANDONED, NONE_LEFT_WITHIN, (860, 1050), 81.9),
        (R.ABANDONED_WITHIN_IGNORED, NONE_LEFT_WITHIN, (860, 1040), 82.7),
        (R.ABANDONED_WITHIN_MET, NONE_LEFT_WITHIN, (880, 1060), 83.0),
        (R.REMOVED_WITHIN, CALLBACKS_WITHIN, (910, 1090), 83.5),
        (R.ABANDONED_IGNORED, NONE_LEFT_WITHIN, (860, 1000), 86.0),
    ],
)
def test_the_same_day_under_nine_rules(rule: R, counts: Counts, parts: tuple[int, int], percent: float) -> None:
    found = DAY.by(rule, counts)
    assert (found.numerator, found.denominator) == parts
    assert found.ratio == pytest.approx(parts[0] / parts[1])
    assert round(100 * (found.ratio or 0), 1) == percent
    assert (found.rule, found.threshold, found.gap) == (rule, T20, None)


@pytest.mark.parametrize("rule", R)
def test_a_window_gives_the_rules_its_own_counts(rule: R) -> None:
    found = WHOLE.service_level(rule)
    if rule is R.REMOVED_WITHIN:  # 30 left another way, and how many of them within the threshold is not known
        assert found.ratio is None
        assert found.gap is not None
        assert found.gap.detail == "removed_within needs left_within"
        assert WHOLE.but(flowed_out=0).service_level(rule).ratio == 880 / 1090
    else:
        assert found == DAY.by(rule, NONE_LEFT_WITHIN)


def test_abandoned_contacts_that_are_not_split_count_together() -> None:
    level = ServiceLevel(threshold=T20, met=860, missed=140, vendor_ratio=0.81)
    whole = WHOLE.but(service_levels=(level,))
    assert whole.service_level(R.ABANDONED_MISS).ratio == 860 / 1060
    assert whole.service_level(R.ABANDONED_MISS).vendor_ratio == 0.81
    found = whole.service_level(R.ABANDONED_WITHIN_MET)
    assert found.gap == Gap(reason=GapReason.UNKNOWN, detail="abandoned_within_met needs abandoned_within")


def test_a_share_of_nothing_and_of_another_window_is_a_gap() -> None:
    nothing = ServiceLevel(threshold=T20, met=0, missed=0).by(R.ABANDONED_IGNORED)
    assert nothing.ratio is None
    assert nothing.gap is not None
    assert nothing.gap.reason is GapReason.NO_DATA
    more = ServiceLevel(threshold=T20, met=12, missed=0).by(R.OF_OFFERED, Counts(offered=10))
    assert more.ratio is None
    assert more.gap is not None
    assert "12 of 10" in more.gap.detail


counts = st.integers(0, 60)


@given(counts, counts, counts, counts, counts, counts, st.integers(0, 9), st.sampled_from(R))
def test_a_ruled_level_is_a_share_of_whole_counts_or_a_gap(
    met: int, missed: int, within: int, beyond: int, offered: int, short: int, left: int, rule: R
) -> None:
    level = ServiceLevel(met=met, missed=missed, abandoned_within=within, abandoned_beyond=beyond)
    found = level.by(rule, Counts(offered=offered, short_abandoned=short, left_within=left))
    assert (found.ratio is None) == (found.gap is not None)
    if found.ratio is not None:
        assert found.numerator is not None
        assert found.denominator
        assert 0 <= found.ratio == found.numerator / found.denominator <= 1


def snapshot(**families: Any) -> Snapshot:
    return Snapshot(target=Target(source="us", vendor="acme", kind=Kind.QUEUE, id="Q"), **families)


def test_a_snapshot_says_which_gap_stands_behind_a_missing_level() -> None:
    assert snapshot(windows={"30m": WHOLE}).service_level(R.OF_OFFERED, "30m", T20).ratio == 860 / 1090
    gap = Gap(reason=GapReason.NOT_REQUESTED, detail="set thresholds")
    without = snapshot(windows={"30m": Window()}, gaps={"windows.30m.service_levels": gap})
    assert without.service_level(R.OF_OFFERED, "30m").gap == gap
    other = snapshot(windows={"30m": WHOLE}).service_level(R.OF_OFFERED, "30m", T30)
    assert other.gap is not None
    assert other.gap.detail == "no service level was counted at 30 s"


def test_a_group_divides_only_counts_of_the_same_members() -> None:
    whole = Group(name="billing", coverage=Coverage(targets=2, read=2), windows={"30m": WHOLE})
    assert whole.service_level(R.OF_OFFERED, "30m").ratio == 860 / 1090
    partly = Coverage(targets=2, read=2, partial={"windows.30m.offered": 1})
    part = whole.but(coverage=partly)
    assert part.service_level(R.OF_OFFERED, "30m").ratio is None
    assert part.service_level(R.ABANDONED_MISS, "30m").ratio == 860 / 1060


def test_a_threshold_of_one_member_takes_no_rule_from_the_threshold_of_all() -> None:
    of_one = ServiceLevel(threshold=T30, met=5, missed=0)
    levels = WHOLE.but(service_levels=(DAY, of_one))
    partial = {"windows.30m.service_levels": 1, "windows.30m.service_levels[30]": 1}
    group = Group(name="billing", coverage=Coverage(targets=2, read=2, partial=partial), windows={"30m": levels})
    assert group.service_level(R.OF_OFFERED, "30m", T20).ratio == 860 / 1090
    assert group.service_level(R.OF_OFFERED, "30m", T30).ratio is None
    assert group.service_level(R.ABANDONED_IGNORED, "30m", T30).ratio == 1.0


def test_genesys_has_the_tenants_threshold_and_gaps_for_others() -> None:
    own = ServiceLevel(threshold=T20, met=8, missed=2, vendor_ratio=0.8)
    values, gaps = with_wanted(Window(service_levels=(own,)), {}, (30, 20))
    assert values.service_levels == (own, ServiceLevel(threshold=T30))
    assert {gap.reason for gap in gaps.values()} == {GapReason.UNSUPPORTED}
    assert with_wanted(Window(service_levels=(own,)), {}, (20,)) == (Window(service_levels=(own,)), {})


def test_a_threshold_that_may_not_be_read_can_be_told() -> None:
    unread = ServiceLevel(met=8, missed=2)
    told, _ = with_wanted(Window(service_levels=(unread,)), {}, (30,))
    assert told.service_levels == (unread.but(threshold=T30),)
    assert with_wanted(Window(service_levels=(unread,)), {}, (20, 30))[0].service_levels == (unread,)
