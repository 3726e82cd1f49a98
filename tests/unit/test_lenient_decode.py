"""Bodies: what is JSON is read, field by field; what is not is one broken answer and nothing worse."""

import codecs
import gzip
import json
import math
import time
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccstats import lenient
from ccstats.errors import BrokenAnswerError

GOOD = b'{"waiting": 3, "name": "Billing"}'


class Queue(msgspec.Struct):
    waiting: Any = None
    name: str | None = None
    inner: dict[str, Any] | None = None


class Strict(msgspec.Struct):
    """Without a field that takes anything: a vendor's required id."""

    id: str


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"garbage",
        b"<html><body>502 Bad Gateway</body></html>",
        GOOD[:-1],
        GOOD + GOOD,
        GOOD + b"\x00",
        b"{" * 2000,
        b"[" * 100_000,
        b'{"inner": {"a": ' + b"[" * 200_000,
        b'{"name": "\xff"}',
        b"\xff\xfe\x00",
        b'{"waiting": ' + b"9" * 5000 + b"}",
        gzip.compress(GOOD, mtime=0),
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b'{"name": 7}',
        b'{"inner": []}',
    ],
)
def test_what_is_no_answer_is_one_broken_answer(body: bytes) -> None:
    with pytest.raises(BrokenAnswerError) as caught:
        lenient.decode(body, Queue)
    assert caught.value.__cause__ is None
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "it is empty"),
        (b"<!doctype html>", "it looks like HTML"),
        (b"nonsense", "8 bytes"),
        (b"[]", "another shape"),
    ],
)
def test_a_broken_answer_says_what_came_instead(body: bytes, says: str) -> None:
    with pytest.raises(BrokenAnswerError, match=says):
        lenient.decode(body, Queue)


def test_a_broken_answer_does_not_repeat_the_answer() -> None:
    with pytest.raises(BrokenAnswerError) as caught:
        lenient.decode(b'{"name": 5, "waiting": "personal data"}', Queue)
    assert "personal" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [GOOD, codecs.BOM_UTF8 + GOOD, b" \n" + GOOD + b"\n", GOOD.decode().encode("utf-16")],
    ids=["plain", "with a byte order mark", "with blanks", "UTF-16"],
)
def test_json_is_read_however_it_is_encoded(body: bytes) -> None:
    assert lenient.decode(body, Queue) == Queue(3, "Billing")


@pytest.mark.parametrize("bad", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1" * 400])
def test_one_absurd_number_costs_one_field(bad: bytes) -> None:
    queue = lenient.decode(b'{"waiting": ' + bad + b', "name": "Billing"}', Queue)
    assert queue.name == "Billing"
    assert lenient.count(queue.waiting) is None
    assert lenient.seconds(queue.waiting) is None


def test_of_a_key_that_comes_twice_the_last_one_holds() -> None:
    assert lenient.decode(b'{"waiting": 1, "waiting": 2}', Queue).waiting == 2


def test_half_a_character_costs_at_most_itself() -> None:
    queue = lenient.decode(b'{"waiting": 3, "name": "Bill\\ud800ing", "inner": {"\\udfff": "\\udfff"}}', Queue)
    assert queue.waiting == 3
    assert json.dumps([queue.name, queue.inner], ensure_ascii=False).encode()


def test_fields_that_nobody_knows_yet_are_ignored() -> None:
    assert lenient.decode(b'{"waiting": 3, "mood": {"happy": [1]}}', Queue).waiting == 3


def test_depth_is_refused_or_read_in_no_time() -> None:
    for depth in (100, 2000, 50_000):
        body = b'{"inner": {"a": ' + b"[" * depth + b"]" * depth + b"}}"
        started = time.process_time()
        try:
            assert lenient.decode(body, Queue).inner is not None
        except BrokenAnswerError:
            assert depth > 100
        assert time.process_time() - started < 0.5


bodies = (
    st.binary()
    | st.text().map(str.encode)
    | st.builds(
        lambda value, cut: json.dumps(value).encode()[:cut],
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["id", "name", "waiting"]), inner)
            ),
            max_leaves=5,
        ),
        st.integers(0, 40),
    )
)


@settings(max_examples=250, deadline=None)
@given(bodies)
@example(b'{"id":"\xff"}')
@example(b"\xff")
def test_any_bytes_are_read_or_are_one_broken_answer(body: bytes) -> None:
    for shape in (Queue, Strict, list[Queue], dict[str, Any]):
        try:
            found = lenient.decode(body, shape)
        except BrokenAnswerError:
            continue
        assert isinstance(found, (Queue, Strict, list, dict))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=3)
        | st.lists(st.integers(), max_size=1),
    )
)
def test_no_field_spoils_its_neighbours(table: dict[str, Any]) -> None:
    found = lenient.decode(json.dumps({"waiting": 3, "inner": table}).encode(), Queue)
    assert found.waiting == 3
    assert found.inner is not None
    for key, value in table.items():
        whole = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        exact = whole and value == int(value) and 0 <= value <= 10_000_000
        digits = isinstance(value, str) and lenient.NUMBER.fullmatch(value) is not None
        assert (lenient.count(found.inner[key]) is not None) <= (exact or digits)
        assert not exact or lenient.count(found.inner[key]) == value
