"""Which targets are wanted: globs on names and ids, `!` excludes, the last match wins."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccstats.config import Select
from ccstats.model import Kind

letters = st.text("ab*?", max_size=4)
patterns = st.lists(st.builds(lambda no, glob: ("!" if no else "") + glob, st.booleans(), letters), max_size=5)
names = st.none() | st.text("ab", max_size=4)
idents = st.text("abQ", min_size=1, max_size=4)


def _wants(match: list[str], name: str | None, ident: str) -> bool:
    return Select(match=tuple(match)).wants(Kind.QUEUE, name, ident)


@given(patterns, names, idents)
def test_the_last_match_wins_and_without_any_the_including_ones_decide(match: list[str], name, ident: str) -> None:
    hits = [p for p in match if fnmatchcase(name or "", p.removeprefix("!")) or fnmatchcase(ident, p.removeprefix("!"))]
    expected = not hits[-1].startswith("!") if hits else not any(not p.startswith("!") for p in match)
    assert _wants(match, name, ident) == expected


@given(patterns, names, idents)
def test_a_star_at_the_end_takes_all_and_an_excluded_star_none(match: list[str], name, ident: str) -> None:
    assert _wants([*match, "*"], name, ident)
    assert not _wants([*match, "!*"], name, ident)


@given(patterns, letters, names, idents)
def test_an_excluding_pattern_at_the_end_never_adds_a_target(match: list[str], glob: str, name, ident: str) -> None:
    assert _wants([*match, f"!{glob}"], name, ident) <= _wants(match, name, ident)


@given(names, idents)
def test_without_patterns_everything_is_wanted(name, ident: str) -> None:
    assert _wants([], name, ident)


@given(patterns, names, idents, st.sets(st.sampled_from(Kind)), st.sampled_from(Kind))
def test_a_kind_that_is_not_listed_is_never_wanted(match, name, ident, kinds: set[Kind], kind: Kind) -> None:
    select = Select(match=tuple(match), kinds=tuple(kinds))
    assert select.wants(kind, name, ident) == (kind in kinds and _wants(match, name, ident))


@pytest.mark.parametrize(
    ("match", "name", "wanted"),
    [
        (["Billing*", "!*Test*"], "Billing DE", True),
        (["Billing*", "!*Test*"], "Billing Test", False),
        (["Billing*", "!*Test*"], "Sales", False),
        (["!*Test*"], "Sales", True),
        (["!*Test*", "Sales Test"], "Sales Test", True),
        (["billing*"], "Billing DE", False),
        (["Q-77"], "Whatever", True),
        (["Q-7?"], None, True),
    ],
)
def test_the_examples_of_the_manual_hold(match: list[str], name: str | None, wanted: bool) -> None:
    assert _wants(match, name, "Q-77") is wanted


def test_agents_are_read_only_where_they_are_asked_for() -> None:
    assert not Select().wants(Kind.AGENT, "Ann", "A1")
    assert all(Select().wants(kind, "Any", "X1") for kind in (Kind.QUEUE, Kind.WORKFLOW, Kind.WORKSPACE))
