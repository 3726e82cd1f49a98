"""A configuration file: whatever is wrong with it is said in one line, with file and key and without the secret."""

from pathlib import Path

import pytest

from ccstats.config import Config, Poll, load_config, parse_config, validate
from ccstats.config.secret import Secret
from ccstats.config.settings import SourceOptions
from ccstats.errors import ConfigError

US = '[sources.us]\nadapter = "twilio"\n'


class Options(SourceOptions):
    token: Secret
    region: str = "us"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "center.toml"


def _wrong(file: Path, text: str | bytes) -> ConfigError:
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert caught.value.file == str(file)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("", "sources", "there is no source"),
        ("# only a remark\n", "sources", "there is no source"),
        ("[poll]\n", "sources", "there is no source"),
        ("[sources]\n", "sources", "there is no source"),
        (US + "[pol]\n", "pol", "did you mean 'poll'"),
        (US + "[poll]\nrealtime_evry = '5s'\n", "poll.realtime_evry", "did you mean 'realtime_every'"),
        (US + "[http]\nprxy = 'x'\n", "http.prxy", "did you mean 'proxy'"),
        (US + "[zzz]\n", "zzz", "known are: board, groups, http, poll, redis, serve, sources, work"),
        ("poll = 5\n" + US, "poll", "valid dictionary or instance of Poll"),
        (US + "[poll]\nwindows = '30m'\n", "poll.windows", "valid tuple"),
        (US + "[poll]\nwindows = [30]\n", "poll.windows.0", "written as text"),
        (US + "[poll]\nwindows = ['soon']\n", "poll.windows.0", "number and a unit"),
        (US + "[poll]\nwindows = ['90s']\n", "poll.windows.0", "whole minutes"),
        (US + "[poll]\nwindows = ['31d']\n", "poll.windows.0", "30 days"),
        (US + "[poll]\nwindows = ['today@Mars/Base']\n", "poll.windows.0", "unknown time zone"),
        (US + "[poll]\nwindows = ['30m', '30m']\n", "poll.windows", "named twice"),
        (US + "[poll]\nrealtime_every = 'often'\n", "poll.realtime_every", "number and a unit"),
        (US + "[poll]\nrealtime_every = '0s'\n", "poll.realtime_every", "longer than 0"),
        (US + "[poll]\nrealtime_every = -5\n", "poll.realtime_every", "longer than 0"),
        (US + "[poll]\nrealtime_every = true\n", "poll.realtime_every", "number and a unit"),
        (US + "[poll]\nrealtime_every = inf\n", "poll.realtime_every", "period"),
        (US + "[poll]\nrealtime_every = nan\n", "poll.realtime_every", "period"),
        (US + "[poll]\nrealtime_every = '99999999999999d'\n", "poll.realtime_every", "period"),
        (US + "[http]\nproxy = 'socks5://host:1'\n", "http.proxy", "http://host:port"),
        (US + "[http]\nproxy = 'host:1'\n", "http.proxy", "http://host:port"),
        (US + "[http]\nproxy = 'http://host:port'\n", "http.proxy", "http://host:port"),
        (US + "[http]\nproxy = 'http://host:99999'\n", "http.proxy", "http://host:port"),
        (US + "[http]\nproxy = 7\n", "http.proxy", "valid string"),
        (US + "[http]\nca_file = '/nowhere/ca.pem'\n", "http.ca_file", "no file /nowhere/ca.pem"),
        (US + "[http]\nmax_body_bytes = 1\n", "http.max_body_bytes", "greater than or equal to 1024"),
        (US + "[http]\ntimeout = []\n", "http.timeout", "number and a unit"),
        ("[sources.us]\naccount = 'AC1'\n", "sources.us", 'adapter = "NAME"'),
        ("[sources.us]\nadapter = 7\n", "sources.us", 'adapter = "NAME"'),
        ("[sources]\nus = 'twilio'\n", "sources.us", 'adapter = "NAME"'),
        ("sources = 5\n", "sources", "valid dictionary"),
        ("[sources.US]\nadapter = 'twilio'\n", "sources", "only a-z, 0-9, - and _"),
        ("[sources.'u s']\nadapter = 'twilio'\n", "sources", "only a-z, 0-9, - and _"),
        ('[sources."us\\n"]\nadapter = "twilio"\n', "sources", "only a-z, 0-9, - and _"),
        (US + US, None, "not valid TOML"),
        (US + "adapter = 'genesys'\n", None, "not valid TOML"),
        (US + "auth_token = 'CANARY\n", None, "not valid TOML"),
        (US + "auth_token = CANARY\n", None, "not valid TOML"),
        (US + "auth_token = 'a' 'CANARY'\n", None, "not valid TOML"),
        (b"\xff\xfe\x00", None, "UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_key(
    file: Path, text: str | bytes, key: str | None, says: str
) -> None:
    error = _wrong(file, text)
    assert error.key == key
    assert says in str(error)
    assert "CANARY" not in str(error)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    for path, says in ((tmp_path / "missing.toml", "No such file"), (tmp_path, "directory")):
        with pytest.raises(ConfigError, match=says) as caught:
            load_config(path)
        assert caught.value.file == str(path)


def test_a_good_file_is_read_whole(file: Path) -> None:
    file.write_text(
        '[poll]\nrealtime_every = "5s"\nwindow_every = 90\nwindows = ["30m", "today@Europe/Berlin"]\n'
        '[http]\nproxy = "http://127.0.0.1:3128"\n' + US + 'account_sid = "AC1"\n'
    )
    config = load_config(file)
    assert config.file == str(file)
    assert [window.name for window in config.poll.windows] == ["30m", "today@Europe/Berlin"]
    assert (config.poll.realtime_every.total_seconds(), config.poll.window_every.total_seconds()) == (5, 90)
    assert config.http.proxy == "http://127.0.0.1:3128"
    assert config.sources["us"].adapter == "twilio"


def test_the_defaults_are_a_working_configuration() -> None:
    assert Config().poll == Poll()
    assert [window.name for window in Config().poll.windows] == ["30m"]


@pytest.mark.parametrize(
    ("table", "key", "says"),
    [
        ({}, "sources.us.adapter", "required and missing"),
        ({"adapter": "acme"}, "sources.us.token", "required and missing"),
        ({"adapter": "acme", "token": 5}, "sources.us.token", "a secret is a string"),
        ({"adapter": "acme", "token": "x", "regoin": "eu"}, "sources.us.regoin", "did you mean 'region'"),
        ({"adapter": "acme", "token": "x", "select": {"knds": []}}, "sources.us.select.knds", "did you mean 'kinds'"),
        ({"adapter": "acme", "token": "x", "select": {"kinds": ["qeue"]}}, "sources.us.select.kinds.0", "'queue'"),
        ({"adapter": "acme", "token": "x", "limits": {"share": 0}}, "sources.us.limits.share", "greater than 0"),
        ({"adapter": "acme", "token": "x", "limits": {"share": 1.5}}, "sources.us.limits.share", "less than or equal"),
        ({"adapter": "acme", "token": "x", "limits": {"concurrency": 0}}, "sources.us.limits.concurrency", "greater"),
        (
            {"adapter": "acme", "token": "x", "limits": {"requests_per_minute": float("inf")}},
            "sources.us.limits.requests_per_minute",
            "finite",
        ),
        (
            {"adapter": "acme", "token": "x", "limits": {"requests_per_minute": 0}},
            "sources.us.limits.requests_per_minute",
            "greater than 0",
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_said_below_its_name(table: dict[str, object], key: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        validate(Options, table, file="c.toml", key="sources.us")
    assert (caught.value.file, caught.value.key) == ("c.toml", key)


@pytest.mark.parametrize(
    "table",
    [
        {"adapter": "acme", "token": "CANARY", "region": 7},
        {"adapter": "acme", "token": "CANARY\n"},
        {"adapter": "acme", "token": ["CANARY"]},
        {"adapter": "acme", "token": {"env": "HOME", "value": "CANARY"}},
        {"adapter": "acme", "token": "x", "select": "CANARY"},
        {"adapter": "acme", "token": "x", "region": ["CANARY"]},
        {"adapter": "acme", "token": "x", "limits": {"share": "CANARY"}},
    ],
)
def test_no_value_stands_in_an_error_nor_behind_it(table: dict[str, object], canary: str) -> None:
    secret = repr(table).replace("CANARY", canary)
    with pytest.raises(ConfigError) as caught:
        validate(Options, eval(secret), key="sources.us")  # noqa: S307 - our own literal
    assert canary not in f"{caught.value!r}{caught.value}{caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_an_already_parsed_table_is_judged_like_a_file() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"poll": {"windows": ["?"]}}, file="elsewhere")
    assert (caught.value.file, caught.value.key) == ("elsewhere", "poll.windows.0")


def test_an_adapters_own_options_pass_through_unread() -> None:
    options = Options(adapter="acme", token=Secret("x"))
    assert Config(sources={"us": options}).sources["us"] is options
