"""Secrets: found where the configuration says, fresh when rotated, and shown by nothing."""

import copy
import pickle
import traceback
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from ccstats.config import Config, Http, Secret
from ccstats.config.settings import SourceOptions


class Options(SourceOptions):
    token: Secret


def test_a_secret_comes_from_text_from_the_environment_or_from_a_file(tmp_path: Path, monkeypatch, canary: str) -> None:
    monkeypatch.setenv("CENTER_TOKEN", canary)
    (tmp_path / "token").write_text(f"{canary}\n")
    given = [canary, SecretStr(canary), {"env": "CENTER_TOKEN"}, {"file": str(tmp_path / "token")}, Secret(canary)]
    shown = {Secret.parse(form).reveal() == canary for form in given}
    assert shown == {True}


def test_a_secret_file_may_lie_in_the_home_directory(tmp_path: Path, monkeypatch, canary: str) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "token").write_text(canary)
    assert Secret.parse({"file": "~/token"}).reveal() == canary


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("two\nlines", "one line"),
        ("a\x00b", "one line"),
        (7, "a secret is a string"),
        (None, "a secret is a string"),
        ([], "a secret is a string"),
        ({}, "a secret is a string"),
        ({"env": 7}, "a secret is a string"),
        ({"env": "A", "file": "B"}, "a secret is a string"),
        ({"vault": "A"}, "a secret is a string"),
        ({"env": "CENTER_UNSET"}, "CENTER_UNSET is not set"),
        ({"file": "/nowhere/token"}, "cannot read secret file /nowhere/token: No such file"),
    ],
)
def test_what_is_no_secret_is_refused_with_a_reason(form: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Secret.parse(form)


def test_an_empty_variable_and_a_binary_file_are_no_secrets(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CENTER_TOKEN", "")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_text("\n")
    for form in ({"env": "CENTER_TOKEN"}, {"file": str(tmp_path / "binary")}, {"file": str(tmp_path / "empty")}):
        with pytest.raises(ValueError, match=r"is empty|is not text"):
            Secret.parse(form)
    with pytest.raises(ValueError, match="cannot read"):
        Secret.parse({"file": str(tmp_path)})


def test_a_rotated_file_is_read_again_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first")
    secret = Secret.parse({"file": str(file)})
    file.write_text("second\n")
    assert secret.reveal() == "first"
    assert secret.fresh() == "second"
    for broken in (b"", b"\xff", b"a\nb"):
        file.write_bytes(broken)
        assert secret.fresh() == "second"
    file.unlink()
    assert secret.fresh() == secret.reveal() == "second"
    assert Secret("given").fresh() == "given"


class Table(BaseModel):
    token: Secret
    model_config = {"arbitrary_types_allowed": True}


SHOWS = {
    "str": str,
    "repr": repr,
    "f-string": lambda secret: f"{secret} {secret!r} {secret!s}",
    "format": lambda secret: "{}".format(secret),  # noqa: UP032 - an old way of writing it out
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031 - an old way of writing it out
    "list": lambda secret: repr([secret, {"token": secret}]),
    "copy": lambda secret: repr([copy.copy(secret), copy.deepcopy(secret)]),
    "model": lambda secret: repr(Table(token=secret)),
    "model str": lambda secret: str(Table(token=secret)),
    "model dump": lambda secret: repr(Table(token=secret).model_dump()),
    "model json": lambda secret: Table(token=secret).model_dump_json(),
    "options": lambda secret: repr(Options(adapter="a", token=secret)),
    "config": lambda secret: repr(Config(sources={"us": Options(adapter="a", token=secret)})),
    "config dump": lambda secret: repr(Config(sources={"us": Options(adapter="a", token=secret)}).model_dump()),
    "config json": lambda secret: Config(sources={"us": Options(adapter="a", token=secret)}).model_dump_json(),
    "schema": lambda secret: repr(Options.model_json_schema()),
}


@pytest.mark.parametrize("show", SHOWS.values(), ids=SHOWS)
def test_a_secret_is_shown_by_nothing(show, canary: str) -> None:
    shown = canary in show(Secret(canary))
    assert not shown


def test_a_secret_is_not_carried_away_in_a_pickle(canary: str) -> None:
    try:
        carried = canary.encode() in pickle.dumps(Secret(canary))
    except TypeError:
        carried = False
    assert not carried


def test_a_copied_secret_still_reveals_itself_to_who_may_ask(canary: str) -> None:
    assert copy.deepcopy(Secret(canary)).reveal() == canary


def test_a_refused_secret_is_not_in_the_traceback(canary: str) -> None:
    try:
        Options(adapter="a", token=f"{canary}\n")
    except ValidationError as error:
        shown = canary in "".join(traceback.format_exception(error)) + repr(error.errors(include_input=False))
    assert not shown


def test_the_credentials_of_a_proxy_are_not_shown_by_the_configuration(canary: str) -> None:
    config = Config(http=Http(proxy=f"http://user:{canary}@127.0.0.1:3128"))
    shown = [canary in text for text in (repr(config), str(config), repr(config.http))]
    assert not any(shown)
    assert config.http.proxy is not None
