"""What a Twilio source can be told: mistakes are named by their key, and no value is shown."""

import json
import re
from datetime import UTC, datetime

import pytest

from ccstats.config import WindowSpec, validate
from ccstats.errors import ConfigError
from ccstats.model import ActivityState, Kind, Target
from ccstats_twilio.config import TwilioOptions

DIGITS = "0123456789abcdefABCDEF0123456789"
HUSH = "canary-5e1f0a-hush"
"""Seen anywhere, in a log, an error or a failure report, it fails the test: see the conftest of all tests."""
ACCOUNT, KEY = f"AC{DIGITS}", f"SK{DIGITS}"
GOOD = {"adapter": "twilio", "account_sid": ACCOUNT, "auth_token": HUSH}
DATES = {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-02T00:00:00Z"}


def options(**given) -> TwilioOptions:
    return validate(TwilioOptions, {**GOOD, **given}, key="sources.us")


def mistake(**given) -> str:
    with pytest.raises(ConfigError) as caught:
        options(**given)
    message = str(caught.value)
    assert HUSH not in message
    assert caught.value.key.startswith("sources.us")
    return message


WRONG_SIDS = (
    "",
    "AC",
    f"AC{DIGITS[1:]}",
    f"AC{DIGITS}0",
    f"ac{DIGITS}",
    f"SK{DIGITS}",
    f"AC{DIGITS[1:]}g",
    f"AC{DIGITS}\n",
)


@pytest.mark.parametrize("sid", WRONG_SIDS, ids=repr)
def test_a_sid_of_another_shape_is_refused_by_its_key(sid) -> None:
    assert mistake(account_sid=sid).startswith("sources.us.account_sid: an Account SID is AC")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"api_key_sid": ACCOUNT, "api_key_secret": HUSH}, "api_key_sid"),
        ({"workspaces": [f"WS{DIGITS}", f"WQ{DIGITS}"]}, "workspaces.1"),
        ({"activity_states": {f"WQ{DIGITS}": "offline"}}, "activity_states"),
        ({"activity_states": {f"WA{DIGITS}": "resting"}}, "activity_states"),
        ({"region": "Ireland", "edge": "dublin"}, "region"),
        ({"region": "ie1", "edge": "Dublin!"}, "edge"),
        ({"base_url": "taskrouter.twilio.com"}, "base_url"),
        ({"base_url": "ftp://host"}, "base_url"),
        ({"base_url": "https://host/?a=1"}, "base_url"),
        ({"base_url": "http://host"}, "base_url"),
        ({"base_url": "http://192.0.2.1:8080"}, "base_url"),
        ({"detail": "everything"}, "detail"),
        ({"longest_wait": "since_noon"}, "longest_wait"),
        ({"split_by_wait_time": [0]}, "split_by_wait_time.0"),
        ({"split_by_wait_time": [20, 86401]}, "split_by_wait_time.1"),
        ({"split_by_wait_time": ["20"]}, "split_by_wait_time.0"),
        ({"short_abandon": 0}, "short_abandon"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 43201}, "minutes"),
        ({"minutes": True}, "minutes"),
        ({"start_date": "2026-01-01T00:00:00", "end_date": DATES["end_date"]}, "start_date"),
        ({"auth_token": {"env": "CCSTATS_NO_SUCH_VARIABLE"}}, "auth_token"),
        ({"auth_token": ""}, "auth_token"),
        ({"auth_tokens": HUSH}, "auth_tokens"),
        ({"select": {"kind": ["queue"]}}, "select.kind"),
        ({"limits": {"share": 2}}, "limits.share"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_by_its_key(given, key) -> None:
    assert mistake(**given).startswith(f"sources.us.{key}")


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"minutes": 15, **DATES}, ("minutes", "start_date", "end_date")),
        ({"minutes": 15, "start_date": DATES["start_date"]}, ("minutes", "start_date")),
        ({"start_date": DATES["start_date"]}, ("start_date", "end_date")),
        ({"end_date": DATES["end_date"]}, ("start_date", "end_date")),
        ({"start_date": DATES["end_date"], "end_date": DATES["start_date"]}, ("start_date", "end_date")),
        ({"start_date": DATES["end_date"], "end_date": DATES["end_date"]}, ("start_date", "end_date")),
        ({**DATES, "end_date": "2026-01-02T00:00:30Z"}, ("start_date", "end_date", "whole minutes")),
        ({**DATES, "start_date": "0001-01-01T00:00:00+14:00"}, ("start_date", "end_date", "calendar")),
        ({"region": "ie1"}, ("region", "edge")),
        ({"edge": "dublin"}, ("region", "edge")),
        ({"select": {"channels": ["voice", "chat"]}}, ("select.channels",)),
        ({"account_sid": None}, ("account_sid", "api_key_sid")),
        ({"auth_token": None}, ("auth_token", "api_key_secret")),
        ({"api_key_sid": KEY}, ("api_key_sid", "api_key_secret")),
        ({"api_key_secret": HUSH}, ("api_key_sid", "api_key_secret")),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused_by_the_names_of_the_keys(given, names) -> None:
    message = mistake(**given)

    assert all(re.search(rf"\b{re.escape(name)}\b", message) for name in names)


def test_without_credentials_the_message_says_which_there_are() -> None:
    with pytest.raises(ConfigError, match="give account_sid and auth_token, or api_key_sid and api_key_secret"):
        validate(TwilioOptions, {"adapter": "twilio"}, key="sources.us")


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ({}, "https://taskrouter.twilio.com"),
        ({"region": "ie1", "edge": "dublin"}, "https://taskrouter.dublin.ie1.twilio.com"),
        ({"region": "us1", "edge": "umatilla"}, "https://taskrouter.umatilla.us1.twilio.com"),
        ({"base_url": "http://127.0.0.1:8080/"}, "http://127.0.0.1:8080"),
        ({"base_url": "https://proxy/taskrouter", "region": "ie1", "edge": "dublin"}, "https://proxy/taskrouter"),
    ],
    ids=str,
)
def test_the_host_follows_region_and_edge_or_the_base_url(given, host) -> None:
    assert str(options(**given).root).rstrip("/") == host


def test_an_api_key_needs_no_account() -> None:
    opts = validate(TwilioOptions, {"adapter": "twilio", "api_key_sid": KEY, "api_key_secret": HUSH})

    assert opts.account == KEY
    assert options(api_key_sid=KEY, api_key_secret=HUSH).account == ACCOUNT


def test_thresholds_of_a_queue_are_those_of_the_last_glob_that_matches() -> None:
    vip, other = (
        Target(source="us", vendor="twilio", kind=Kind.QUEUE, id="WQ1", name=name) for name in ("VIP", "Spam")
    )
    given = options(split_by_wait_time=[20], short_abandon=5, service_levels={"*": [30], "VIP*": [10, 15]})
    assert (given.levels(vip), given.splits(vip)) == ((10, 15), (5, 10, 15))
    assert (given.levels(other), given.splits(other)) == ((30,), (5, 30))
    assert options(service_levels={"VIP*": [10]}).splits(other) == (5, 20)


def test_thresholds_are_sent_once_each_in_rising_order() -> None:
    assert options(split_by_wait_time=[60, 20, 20], short_abandon=20).thresholds == (20, 60)
    assert options(split_by_wait_time=[], short_abandon=None).thresholds == ()


def test_a_period_of_its_own_is_one_window() -> None:
    wanted = (WindowSpec.parse("30m"), WindowSpec.parse("1h"))
    (fixed,) = options(**DATES).windows(wanted)

    assert options().windows(wanted) == wanted
    assert [spec.name for spec in options(minutes=15).windows(wanted)] == ["15m"]
    assert fixed.bounds(datetime(2030, 1, 1, tzinfo=UTC)) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 2, tzinfo=UTC),
    )


def test_states_of_activities_are_read_as_words() -> None:
    assert options(activity_states={f"WA{DIGITS}": "offline"}).activity_states == {f"WA{DIGITS}": ActivityState.OFFLINE}


def test_options_show_no_secret() -> None:
    opts = options(api_key_sid=KEY, api_key_secret=HUSH)

    assert HUSH not in f"{opts!r}{opts}{opts.model_dump()}{opts.model_dump_json()}"
    assert json.loads(opts.model_dump_json())["account_sid"] == ACCOUNT
