"""What is wrong with an input is said in one line that names file and key; the exit code is 2; no secret is shown."""

import socket
from dataclasses import dataclass, field
from typing import Any

import pytest

CANARY = "canary-5e1f0a-of-the-command-line"
TWILIO = f'[sources.us]\nadapter = "twilio"\naccount_sid = "AC{"a" * 32}"\nbase_url = "http://127.0.0.1:9"\n'
GENESYS = f'[sources.emea]\nadapter = "genesys"\nclient_id = "client"\nclient_secret = "{CANARY}"\n'
TOKEN = f'auth_token = "{CANARY}"\n'
GOOD = TWILIO + TOKEN
FILE = "bad.toml"


@dataclass(frozen=True)
class Bad:
    """An input, and words that its one line has to contain."""

    name: str
    text: str
    words: tuple[str, ...] = field(default=())


def config(name: str, text: str, *words: str) -> Bad:
    return Bad(name, text, words)


BAD = (
    config("wrong SID shape", TWILIO.replace("AC", "AD") + TOKEN, "sources.us.account_sid", "AC and 32 hexadecimal"),
    config(
        "token in place of the SID",
        f'[sources.us]\nadapter = "twilio"\naccount_sid = "{CANARY}"\n{TOKEN}',
        "sources.us.account_sid",
    ),
    config(
        "minutes with dates",
        GOOD + 'minutes = 15\nstart_date = "2026-01-01T00:00:00Z"\nend_date = "2026-01-02T00:00:00Z"\n',
        "sources.us",
        "minutes cannot be combined with start_date and end_date",
    ),
    config("unknown region", GENESYS + 'region = "eu-wst-1"\n', "sources.emea.region", "did you mean eu-west-1?"),
    config("outlandish region", GENESYS + 'region = "mars"\n', "sources.emea.region", "known are", "eu-west-1"),
    config("no region", GENESYS, "sources.emea", "give region"),
    config(
        "unreadable secret file",
        TWILIO + 'auth_token = { file = "nowhere.txt" }\n',
        "sources.us.auth_token",
        "cannot read secret file nowhere.txt",
    ),
    config("secret file is a folder", TWILIO + 'auth_token = { file = "." }\n', "sources.us.auth_token", "cannot read"),
    config(
        "unset variable",
        TWILIO + 'auth_token = { env = "NOT_SET_ANYWHERE" }\n',
        "sources.us.auth_token",
        "environment variable NOT_SET_ANYWHERE is not set",
    ),
    config("empty secret", TWILIO + 'auth_token = ""\n', "sources.us.auth_token", "empty"),
    config("two-line secret", TWILIO + f'auth_token = "{CANARY}\\nx"\n', "sources.us.auth_token", "one line"),
    config("secret in a list", TWILIO + f'auth_token = ["{CANARY}"]\n', "sources.us.auth_token", "env", "file"),
    config(
        "secret under a key of its own",
        TWILIO + f'auth_token = {{ value = "{CANARY}" }}\n',
        "sources.us.auth_token",
        "env",
        "file",
    ),
    config("unknown key", GOOD + "wrkspaces = []\n", "sources.us.wrkspaces", "did you mean 'workspaces'?"),
    config("unknown key for a secret", GOOD + f'auth_tokn = "{CANARY}"\n', "sources.us.auth_tokn", "'auth_token'?"),
    config("unlike any key", GOOD + "zzz = 1\n", "sources.us.zzz", "known are", "workspaces"),
    config("unknown table", "[pol]\n" + GOOD, "pol: unknown key", "did you mean 'poll'?"),
    config("unknown key of a table", '[poll]\nrealtime_evry = "5s"\n' + GOOD, "poll.realtime_evry", "realtime_every"),
    config("unknown key of select", GOOD + "select = { kind = [] }\n", "sources.us.select.kind", "'kinds'?"),
    config("unknown kind", GOOD + 'select = { kinds = ["queues"] }\n', "sources.us.select.kinds.0", "'queue'"),
    config("period without unit", '[poll]\nrealtime_every = "5"\n' + GOOD, "poll.realtime_every", '"10s"'),
    config("unknown zone", '[poll]\nwindows = ["today@Mars"]\n' + GOOD, "poll.windows.0", "unknown time zone"),
    config("window twice", '[poll]\nwindows = ["30m", "30m"]\n' + GOOD, "poll.windows", "twice"),
    config("more than all", GOOD + "limits = { share = 2.0 }\n", "sources.us.limits.share", "less than or equal to 1"),
    config("secret as proxy", f'[http]\nproxy = "{CANARY}"\n' + GOOD, "http.proxy", "http://host:port"),
    config("missing certificate", '[http]\nca_file = "nowhere.pem"\n' + GOOD, "http.ca_file", "nowhere.pem"),
    config("duplicate source", GOOD + GOOD, "not valid TOML", "'sources', 'us'", "twice", "line 6"),
    config("broken TOML", TWILIO + f"auth_token = {CANARY}\n", "not valid TOML", "line 5"),
    config("no sources", "[poll]\n", "sources", "add one as [sources.NAME]"),
    config("empty file", "", "sources", "add one as [sources.NAME]"),
    config("no adapter", f"[sources.us]\n{TOKEN}", "sources.us", "adapter ="),
    config("unknown adapter", '[sources.us]\nadapter = "twillio"\n', "sources.us.adapter", "genesys, twilio"),
    config("bad source name", '[sources."US East"]\nadapter = "twilio"\n', "sources", "'US East'", "a-z"),
)
COMMANDS = (("snapshot",), ("targets",), ("check",), ("check", "--probe"))


def one_line(ran: Any, *words: str) -> None:
    """Exit code 2, nothing on stdout, one line on stderr with these words in it, no traceback and no secret."""
    leaked = CANARY in ran.out or CANARY in ran.err
    assert not leaked
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    assert ran.err.endswith("\n")
    assert ran.err.count("\n") == 1
    assert [word for word in words if word not in ran.err] == []
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_configuration_is_one_line(cli: Any, monkeypatch: pytest.MonkeyPatch, bad: Bad) -> None:
    monkeypatch.chdir(cli.folder)
    cli.write(bad.text, FILE)
    for command in COMMANDS:
        one_line(cli.here(*command, "-c", FILE), FILE, *bad.words)


@pytest.mark.parametrize("bad", [BAD[1], BAD[6], BAD[27]], ids=lambda bad: bad.name)
def test_and_so_it_is_in_a_process_of_its_own(cli: Any, bad: Bad) -> None:
    cli.write(bad.text, FILE)
    one_line(cli.apart("snapshot", "-c", FILE), FILE, *bad.words)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("nowhere.toml", "No such file"),
        (".", "Is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(cli: Any, file: str, words: str) -> None:
    one_line(cli.apart("snapshot", "-c", file), f"{file}: cannot be read", words)


def test_a_file_in_another_encoding_is_one_line(cli: Any) -> None:
    (cli.folder / FILE).write_bytes(GOOD.encode("utf-16"))
    one_line(cli.here("snapshot", "-c", str(cli.folder / FILE)), FILE, "not UTF-8")


def test_the_environment_names_the_file_too(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCSTATS_CONFIG", cli.write("", FILE))
    one_line(cli.here("snapshot"), FILE, "there is no source")


OPTIONS = {
    f"snapshot -c {FILE} --source eu": (FILE, "--source", "no source 'eu'", "there are: us"),
    "adapters twillio": ("adapter", "'twillio'", "genesys, twilio"),
    "simulate --face twillio": ("face", "'twillio'", "genesys, twilio"),
    "simulate --set twilio.strings": ("--set", "FACE.SETTING=VALUE"),
    "simulate --set twilio.nope=1": ("--set", "unknown setting 'nope'", "strings"),
    "simulate --set genesys.nope=1": ("--set", "unknown setting 'nope'", "permissions"),
    "simulate --set genesys.apis=none": ("--set", "'apis'", "observations, stats"),
    "simulate --port twilio": ("--port", "FACE=PORT"),
    "simulate --port twilio=99999": ("--port", "'twilio=99999'", "FACE=PORT"),
    "simulate --port twilio=x": ("--port", "FACE=PORT"),
}


@pytest.mark.parametrize("line", OPTIONS)
def test_a_bad_option_is_one_line(cli: Any, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(cli.folder)
    cli.write(GOOD, FILE)
    one_line(cli.here(*line.split()), *OPTIONS[line])


def test_a_superscript_is_no_port(cli: Any) -> None:
    one_line(cli.here("simulate", "--port", "twilio=²"), "--port", "FACE=PORT")


def test_a_port_in_use_is_one_line(cli: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        one_line(
            cli.apart("simulate", "--port", f"twilio={taken.getsockname()[1]}"), "--port", "address already in use"
        )


async def test_an_unknown_window_is_one_line(cli: Any) -> None:
    async with cli.vendors() as vendors:
        for form in ((), ("--json",)):
            ran = await cli.beside("snapshot", "-c", vendors.file, "--window", "1h", *form)
            one_line(ran, "--window", "no window '1h'", "there are: 30m")


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("snapshot",), ("snapshot", "-c", FILE, "--kind", "team"), ("simulate", "--queues", "0")],
    ids=" ".join,
)
def test_a_usage_error_shows_the_usage_on_stderr(cli: Any, arguments: tuple[str, ...]) -> None:
    ran = cli.here(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ccstats")
    assert "Traceback" not in ran.err


def test_a_secret_in_place_of_a_variable_is_not_shown(cli: Any) -> None:
    cli.write(TWILIO + f'auth_token = {{ env = "{CANARY}" }}\n', FILE)
    one_line(cli.apart("check", "-c", FILE), FILE, "sources.us.auth_token")


@pytest.mark.parametrize("window", ["today Europe/Berlin", "todays", "today@"])
def test_a_misspelt_day_is_not_taken_for_the_day_in_utc(cli: Any, window: str) -> None:
    file = cli.write(f'[poll]\nwindows = ["{window}"]\n' + GOOD, FILE)
    one_line(cli.here("snapshot", "-c", file), FILE, "poll.windows.0")


@pytest.mark.parametrize("option", [("--set", "twillio.strings=true"), ("--port", "twillio=0")], ids=" ".join)
def test_a_setting_of_an_unknown_face_is_refused(cli: Any, option: tuple[str, str]) -> None:
    with cli.start("simulate", "--queues", "1", *option) as process:
        said = process.stderr.readline().decode()
        process.terminate()
        cli.finish(process)
    assert said.startswith("error: ")
    assert option[0] in said
