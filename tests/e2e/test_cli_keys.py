"""What is typed while the live table shows."""

from hypothesis import given
from hypothesis import strategies as st

from ccstats.cli.board import SORTS
from ccstats.cli.keys import LONGEST, Looking
from ccstats.model import Kind, Realtime, Snapshot, Target

NAMES = ("Billing", "billing (night)", "Sales", "Suporte técnico")
ROWS = [
    Snapshot(
        target=Target(source="us", vendor="fake", kind=Kind.QUEUE, id=f"q{number}", name=name),
        realtime=Realtime(waiting=number),
    )
    for number, name in enumerate(NAMES)
]


def shown(looking: Looking) -> list[str | None]:
    return [row.target.name for row in looking.rows(list(ROWS))]


def test_s_goes_through_the_orders() -> None:
    looking = Looking("name")
    assert shown(looking) == list(NAMES)
    seen = []
    for _ in SORTS:
        looking.typed("s")
        seen.append(looking.sort)
    assert sorted(seen) == sorted(SORTS)
    assert looking.sort == "name"
    looking.sort = "waiting"
    assert shown(looking) == list(reversed(NAMES))


def test_a_filter_is_a_part_of_a_name_a_glob_or_a_key_and_esc_takes_it_away() -> None:
    looking = Looking("name")
    looking.typed("/bill")
    assert shown(looking) == ["Billing", "billing (night)"]
    assert looking.line().split("   ")[1] == "/bill_"
    looking.typed("ing\x7f\r")
    assert (looking.filter, looking.typing) == ("billin", False)
    looking.typed("/*night*\r")
    assert shown(looking) == ["billing (night)"]
    looking.typed("/us:queue:q2\r")
    assert shown(looking) == ["Sales"]
    looking.typed("/TÉCNICO\r")
    assert shown(looking) == ["Suporte técnico"]
    looking.typed("\x1b")
    assert shown(looking) == list(NAMES)


def test_letters_of_a_filter_command_nothing_and_q_ends() -> None:
    looking = Looking("name")
    looking.typed("/sq")
    assert (looking.sort, looking.filter, looking.ended) == ("name", "sq", False)
    looking.typed("\x1b")
    looking.typed("\x1b[A")  # an arrow
    assert (looking.filter, looking.typing, looking.ended) == ("", False, False)
    looking.typed("q")
    assert looking.ended


@given(st.lists(st.text(max_size=60), max_size=20))
def test_whatever_is_typed_or_pasted_is_borne(pieces: list[str]) -> None:
    looking = Looking("waiting")
    for piece in pieces:
        looking.typed(piece)
        assert looking.sort in SORTS
        assert len(looking.filter) <= LONGEST
        assert looking.line().isprintable()
        assert all(row in ROWS for row in looking.rows(list(ROWS)))
