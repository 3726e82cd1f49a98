"""Whether and when to send again, and what a status and its headers mean."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ccstats.errors import (
    AuthError,
    BrokenAnswerError,
    NotFoundError,
    NotPermittedError,
    Origin,
    RateLimitedError,
    RequestRefusedError,
    TransientError,
    UnavailableError,
)
from ccstats.http import RetryPolicy, fault, retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = RetryPolicy()
draws = st.floats(0, 1, exclude_max=True)


def unavailable(status: int | None = 503, after: float | None = None) -> UnavailableError:
    return UnavailableError("down", origin=Origin(status=status), retry_after=after)


def limited(after: float | None = None) -> RateLimitedError:
    return RateLimitedError("slow down", origin=Origin(status=429), retry_after=after)


@given(st.integers(1, 50), st.integers(1, 50), st.sampled_from([429, 502, 503, 504, None]))
def test_there_are_never_more_tries_than_attempts(attempts: int, attempt: int, status: int | None) -> None:
    delay = RetryPolicy(attempts=attempts).delay(attempt, unavailable(status), safe=True)
    assert (delay is None) == (attempt >= attempts)


@given(st.integers(1, 60), draws, st.floats(0.001, 5), st.floats(0.001, 60))
def test_jitter_is_full_doubles_and_has_a_ceiling(attempt: int, drawn: float, first: float, longest: float) -> None:
    policy = RetryPolicy(attempts=100, first=first, longest=longest)
    delay = policy.delay(attempt, unavailable(), safe=True, draw=lambda: drawn)
    assert delay == pytest.approx(min(longest, first * 2 ** (attempt - 1)) * drawn)


@given(st.floats(0, 1e9))
def test_a_retry_after_is_obeyed_exactly_or_left_to_the_caller(after: float) -> None:
    for error in (unavailable(after=after), limited(after)):
        delay = POLICY.delay(1, error, safe=True, draw=lambda: 0.5)
        assert delay == (after if after <= POLICY.patience else None)


def test_a_limit_without_a_retry_after_is_given_seconds_not_milliseconds() -> None:
    assert POLICY.delay(1, limited(), safe=True, draw=lambda: 1.0) == 1.0
    assert POLICY.delay(1, unavailable(), safe=True, draw=lambda: 1.0) == 0.25


@pytest.mark.parametrize("error", [unavailable(), unavailable(None), limited(), limited(1.0)])
def test_what_may_do_harm_twice_is_sent_once(error: TransientError) -> None:
    assert POLICY.delay(1, error, safe=False) is None


@pytest.mark.parametrize(
    ("status", "retried"),
    [(429, True), (502, True), (503, True), (504, True), (None, True), (500, False), (408, False), (501, False)],
)
def test_only_passing_faults_are_retried(status: int | None, retried: bool) -> None:
    assert (POLICY.delay(1, unavailable(status), safe=True) is not None) == retried


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRefusedError),
        (401, AuthError),
        (403, NotPermittedError),
        (404, NotFoundError),
        (410, NotFoundError),
        (408, UnavailableError),
        (409, RequestRefusedError),
        (413, RequestRefusedError),
        (422, RequestRefusedError),
        (429, RateLimitedError),
        (500, UnavailableError),
        (502, UnavailableError),
        (503, UnavailableError),
        (504, UnavailableError),
        (599, UnavailableError),
        (302, BrokenAnswerError),
    ],
)
def test_a_status_becomes_the_error_that_says_what_to_do(status: int, kind: type[Exception]) -> None:
    error = fault(status, "said", Origin("acme", "us", "GET /x"), code="E1", request_id="r", retry_after=3)
    assert type(error) is kind
    assert error.origin == Origin("acme", "us", "GET /x", status, "E1", "r")
    assert error.retry_after == (3 if isinstance(error, TransientError) else None)


def http_date(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0), usegmt=True)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.0),
        ("0.5", 0.5),
        (" 5 ", 5.0),
        ("1e9", 1e9),
        (http_date(NOW + timedelta(seconds=90)), 90.0),
        (http_date(NOW), 0.0),
        (http_date(NOW - timedelta(seconds=1)), None),
        (http_date(NOW + timedelta(days=3653)), 3653 * 86400.0),
        ("Sun Mar  1 12:00:30 2026", 30.0),
        ("-1", None),
        ("-0.001", None),
        ("abc", None),
        ("", None),
        ("NaN", None),
        ("inf", None),
        ("-inf", None),
        ("1e999", None),
        ("9" * 400, None),
        ("5, 7", None),
        ("Mon, 20 Nov 99999999999 10:00:00 GMT", None),
        ("Mon, 99999999999999999999 Nov 2026 10:00:00 GMT", None),
        ("Mon, 20 Nov 2026 10:00:00 +9999999999999999999", None),
    ],
)
def test_a_retry_after_is_seconds_or_a_date_or_nothing(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}, NOW) == seconds


def test_without_the_header_nobody_knows() -> None:
    assert retry_after({}) is None


@given(st.text() | st.floats().map(str) | st.integers().map(str) | st.datetimes(timezones=st.just(UTC)).map(http_date))
@example("Fri, 31 Dec 9999 23:59:59 GMT")
@example("Sat, 01 Jan 0001 00:00:00 +1400")
def test_no_retry_after_can_raise_or_be_negative(value: str) -> None:
    seconds = retry_after({"Retry-After": value}, NOW)
    assert seconds is None or (seconds >= 0 and math.isfinite(seconds))
