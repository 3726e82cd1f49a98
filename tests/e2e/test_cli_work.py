"""`ccstats work` before it works: what is missing or wrong is one line, and no traceback."""

from typing import Any

import pytest

URL = "redis://127.0.0.1:1/0"  # where nobody listens
US = {"adapter": "twilio", "account_sid": "AC" + "0" * 32, "auth_token": "0" * 32}


def test_without_a_place_to_meet_it_says_where_to_put_one(cli: Any) -> None:
    ran = cli.here("work", "-c", cli.configure({"us": US}))
    assert (ran.code, ran.out) == (2, "")
    assert "redis.url: say where workers meet" in ran.err


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("work", "lease", "soon"),
        ("work", "lease", "100ms"),
        ("work", "lease", "1d"),
        ("work", "without_redis", "wait"),
        ("redis", "url", "http://127.0.0.1"),
        ("redis", "prefix", "a b"),
    ],
)
def test_a_wrong_setting_is_named(cli: Any, table: str, key: str, value: str) -> None:
    tables = {"redis": {"url": URL}, "work": {}}
    tables[table][key] = value
    ran = cli.here("work", "-c", cli.configure({"us": US}, **tables))
    assert (ran.code, ran.out) == (2, "")
    assert f"{table}.{key}" in ran.err


def test_a_source_that_its_adapter_refuses_is_named_before_anything_is_polled(cli: Any) -> None:
    ran = cli.here("work", "-c", cli.configure({"us": {**US, "account_sid": "nonsense"}}), "--redis", URL)
    assert (ran.code, ran.out) == (2, "")
    assert "sources.us.account_sid" in ran.err


def test_help_says_what_it_is_for(cli: Any) -> None:
    said = " ".join(cli.here("work", "--help").out.split())
    assert "takes over what another one leaves" in said
    assert "SIGTERM and ctrl-c hand everything over first" in said
