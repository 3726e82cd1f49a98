"""Errors and rate-limit headers of both vendors: what the caller does next, with all that a support ticket asks for."""

import json

import pytest

from ccstats.budget import Limit, RateHint
from ccstats.errors import (
    AuthError,
    NotFoundError,
    NotPermittedError,
    Origin,
    RateLimitedError,
    RequestRefusedError,
    UnavailableError,
)
from ccstats_genesys.api.dialect import GenesysDialect
from ccstats_twilio.api.dialect import TwilioDialect

HERE = Origin(vendor="v", source="s", endpoint="GET /x")
TWILIO, GENESYS = TwilioDialect(), GenesysDialect()


def told(dialect, status, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return dialect.fault(status, named, raw, HERE)


@pytest.mark.parametrize("dialect", [TWILIO, GENESYS], ids=["twilio", "genesys"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestRefusedError),
        (401, AuthError),
        (403, NotPermittedError),
        (404, NotFoundError),
        (413, RequestRefusedError),
        (429, RateLimitedError),
        (500, UnavailableError),
        (503, UnavailableError),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"text"', b"{}", b"\xff", b'{"message": null}'])
def test_a_status_alone_says_what_to_do_whatever_the_body_is(dialect, status, kind, body) -> None:
    error = told(dialect, status, body)

    assert type(error) is kind
    assert (error.origin.status, error.origin.endpoint) == (status, "GET /x")
    assert error.message


def test_twilios_older_body_gives_code_message_and_request_id() -> None:
    body = {"code": 20404, "message": "not here", "more_info": "https://...", "status": 404}
    error = told(TWILIO, 404, body, Twilio_Request_Id="RQ1")

    assert (error.message, error.origin.code, error.origin.request_id) == ("not here", "20404", "RQ1")


def test_twilios_body_without_a_code_has_none() -> None:
    assert told(TWILIO, 404, {"status": 404, "message": "not here"}).origin.code is None


@pytest.mark.parametrize(
    ("body", "message"), [({"detail": "why", "title": "Not Found"}, "why"), ({"title": "Not Found"}, "Not Found")]
)
def test_twilios_newer_body_is_understood_as_well(body, message) -> None:
    error = told(TWILIO, 404, {"type": "https://...", "code": 20404, **body})

    assert (error.message, error.origin.code) == (message, "20404")


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_permission_at_twilio_is_no_wrong_credential(status) -> None:
    error = told(TWILIO, status, {"code": 70051, "message": "Authorization Error"})

    assert type(error) is NotPermittedError
    assert (error.origin.code, error.message) == ("70051", "Authorization Error")


def test_a_refused_credential_is_named_even_without_a_message() -> None:
    assert told(TWILIO, 401, b"").message == "the credentials were refused"


@pytest.mark.parametrize("odd", [5, True, None, [], {}])
def test_an_odd_message_is_not_shown(odd) -> None:
    assert "status 400" in told(TWILIO, 400, {"message": odd}).message
    assert "status 400" in told(GENESYS, 400, {"message": odd}).message


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        ("50", 500),
        (" 5 ", 50),
        ("0", None),
        ("", None),
        ("50;w=1", None),
        ("50, 10", None),
        ("-5", None),
        ("5.5", None),
    ],
)
def test_twilios_limit_is_understood_as_requests_per_second_or_left_alone(value, limit) -> None:
    expected = RateHint(limit=Limit(limit, 10.0)) if limit else None

    assert TWILIO.hint({"X-Rate-Limit-Limit": value}) == expected


def test_without_headers_there_is_no_hint() -> None:
    assert TWILIO.hint({}) is GENESYS.hint({}) is None


def test_genesys_names_the_missing_permission() -> None:
    in_text = {"code": "missing.permissions", "message": "You are missing: analytics:queueObservation:view"}
    in_params = {
        "code": "missing.permissions",
        "message": "No.",
        "messageParams": {"permissions": "routing:queue:view"},
    }
    several = {"code": "missing.any.permissions", "message": "One of routing:queue:view, routing:queue:search or a:b:*"}

    assert told(GENESYS, 403, in_text).permission == "analytics:queueObservation:view"
    assert told(GENESYS, 403, in_params).permission == "routing:queue:view"
    assert told(GENESYS, 403, several).permission == "routing:queue:view, routing:queue:search, a:b:*"
    assert told(GENESYS, 403, {"message": "No."}).permission is None


@pytest.mark.parametrize(
    ("code", "per_item"),
    [("missing.division.permission", True), ("missing.permissions", False), ("not.authorized", False)],
)
def test_only_a_missing_division_may_concern_one_queue_among_many(code, per_item) -> None:
    assert told(GENESYS, 403, {"code": code}).per_item is per_item


@pytest.mark.parametrize(("code", "renewable"), [("bad.credentials", True), ("ip.not.authorized", False)])
def test_a_new_token_helps_unless_the_address_is_not_allowed(code, renewable) -> None:
    assert told(GENESYS, 401, {"code": code}).renewable is renewable


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_grant"])
def test_a_login_that_is_refused_with_400_is_a_wrong_credential(error) -> None:
    """Renewable: the secret may have been rotated in its file."""
    found = told(GENESYS, 400, {"error": error, "description": "client not found"})

    assert type(found) is AuthError
    assert found.renewable


def test_genesys_gives_its_context_id_and_the_time_to_wait() -> None:
    body = {"code": "too.many.requests.retry.after", "contextId": "c-1", "message": "Retry in [42] seconds"}
    error = told(GENESYS, 429, body, Retry_After="42", ININ_Correlation_Id="h-1")

    assert (error.retry_after, error.origin.request_id, error.origin.code) == (42.0, "c-1", body["code"])
    assert told(GENESYS, 500, b"", ININ_Correlation_Id="h-1").origin.request_id == "h-1"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((1, 180, 61), RateHint(limit=Limit(180, 60.0), remaining=179, reset=61)),
        ((300, 300, 7), RateHint(limit=Limit(300, 60.0), remaining=0, reset=7)),
        (("x", 300, "y"), RateHint(limit=Limit(300, 60.0))),
        ((1, 0, 61), None),
        ((1, "many", 61), None),
        ((1, "nan", 61), None),
    ],
)
def test_genesys_headers_say_what_is_allowed_left_and_when_it_starts_anew(headers, expected) -> None:
    names = ("inin-ratelimit-count", "inin-ratelimit-allowed", "inin-ratelimit-reset")

    assert GENESYS.hint(dict(zip(names, map(str, headers), strict=True))) == expected
