"""Errors: sorted by what to do next, short, and complete enough for a support ticket."""

import pickle

import pytest

from ccstats.errors import (
    MESSAGE_LIMIT,
    AccessError,
    AnswerError,
    AuthError,
    BrokenAnswerError,
    CcstatsError,
    ConfigError,
    NotFoundError,
    NotPermittedError,
    Origin,
    PluginError,
    RateLimitedError,
    RequestRefusedError,
    TransientError,
    UnavailableError,
    VendorError,
)
from ccstats.model import ErrorInfo

ORIGIN = Origin("acme", "us", "GET /queues/{id}", 503, "E42", "req-1")
EVERY_VENDOR_ERROR = [
    VendorError,
    AuthError,
    NotPermittedError,
    RateLimitedError,
    UnavailableError,
    BrokenAnswerError,
    RequestRefusedError,
    NotFoundError,
]


@pytest.mark.parametrize(
    ("kind", "family"),
    [
        (AuthError, AccessError),
        (NotPermittedError, AccessError),
        (RateLimitedError, TransientError),
        (UnavailableError, TransientError),
        (BrokenAnswerError, AnswerError),
        (RequestRefusedError, AnswerError),
        (NotFoundError, AnswerError),
        (PluginError, ConfigError),
    ],
)
def test_each_error_belongs_to_what_the_caller_does_next(kind: type[Exception], family: type[Exception]) -> None:
    assert issubclass(kind, family)
    assert issubclass(kind, CcstatsError)


def test_a_vendors_failure_is_never_mistaken_for_a_wrong_configuration() -> None:
    assert not issubclass(ConfigError, VendorError)
    assert not issubclass(VendorError, ConfigError)


@pytest.mark.parametrize("kind", EVERY_VENDOR_ERROR)
def test_an_error_says_everything_a_support_ticket_asks_for(kind: type[VendorError]) -> None:
    text = str(kind("busy", origin=ORIGIN))
    assert text == ("busy (vendor=acme, source=us, endpoint=GET /queues/{id}, status=503, code=E42, request_id=req-1)")


def test_an_error_without_an_origin_is_its_message_alone() -> None:
    assert str(VendorError("busy")) == "busy"


def test_locating_an_error_fills_blanks_and_overwrites_nothing() -> None:
    error = UnavailableError("busy", origin=Origin(vendor="acme", status=503))
    assert error.located(vendor="other", source="us", endpoint="GET /x") is error
    assert error.origin == Origin("acme", "us", "GET /x", 503)


@pytest.mark.parametrize("show", [str, repr, lambda error: error.message], ids=["str", "repr", "message"])
def test_a_vendors_endless_message_is_cut_wherever_it_is_shown(show) -> None:
    assert len(show(UnavailableError("x" * 100_000))) <= MESSAGE_LIMIT + 50


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ({"file": "c.toml", "key": "poll"}, "c.toml: poll: is wrong"),
        ({"file": "c.toml"}, "c.toml: is wrong"),
        ({"key": "poll"}, "poll: is wrong"),
        ({}, "is wrong"),
    ],
)
def test_a_config_error_says_file_then_key_then_what_is_wrong(where: dict[str, str], text: str) -> None:
    assert str(ConfigError("is wrong", **where)) == text


@pytest.mark.parametrize("kind", EVERY_VENDOR_ERROR)
def test_an_error_survives_the_way_to_another_process(kind: type[VendorError]) -> None:
    error = kind("busy", origin=ORIGIN)
    error.retry_after = 7.0
    read = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(read) is kind
    assert (str(read), read.retry_after, read.origin) == (str(error), 7.0, ORIGIN)


def test_an_error_as_data_keeps_type_origin_and_waiting_time() -> None:
    info = ErrorInfo.of(RateLimitedError("slow down", origin=ORIGIN, retry_after=5.0))
    assert info == ErrorInfo(
        type="RateLimitedError",
        message="slow down",
        endpoint="GET /queues/{id}",
        status=503,
        code="E42",
        request_id="req-1",
        retry_after=5.0,
    )


def test_a_config_error_as_data_keeps_file_and_key() -> None:
    info = ErrorInfo.of(ConfigError("is wrong", file="c.toml", key="poll"))
    assert (info.type, info.message) == ("ConfigError", "c.toml: poll: is wrong")
