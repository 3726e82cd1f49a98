"""HTTP Basic: the secret of now, also after its file was rotated."""

import base64
from pathlib import Path

import pytest

from ccstats.auth import BasicAuth, NoAuth
from ccstats.config import Secret


def basic(user: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


class File:
    """A file with a secret."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rotate("first")

    @property
    def secret(self) -> Secret:
        return Secret.parse({"file": str(self.path)})

    def rotate(self, text: str | None) -> None:
        if text is None:
            self.path.unlink()
        else:
            self.path.write_text(text)


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "token")


async def test_name_and_secret_go_into_one_header_whatever_letters_they_have() -> None:
    for secret in ("s3cret", "p:w", "Schlüssel€"):
        assert await BasicAuth("AC1", Secret(secret)).headers() == basic("AC1", secret)


async def test_after_a_refusal_a_rotated_file_offers_another_credential(file: File) -> None:
    auth = BasicAuth("AC1", file.secret)
    refused = await auth.headers()
    file.rotate("second")
    assert await auth.headers() == basic("AC1", "first")
    assert await auth.renew(refused)
    assert await auth.headers() == basic("AC1", "second")


async def test_what_has_not_changed_is_not_worth_another_try(file: File) -> None:
    for auth in (BasicAuth("AC1", Secret("fixed")), BasicAuth("AC1", file.secret)):
        assert not await auth.renew(await auth.headers())


async def test_of_many_that_were_refused_each_finds_the_rotated_secret(file: File) -> None:
    auth = BasicAuth("AC1", file.secret)
    refused = await auth.headers()
    file.rotate("second")
    assert [await auth.renew(refused) for _ in range(10)] == [True] * 10
    assert not await auth.renew(await auth.headers())


async def test_a_file_that_is_just_being_replaced_is_not_worth_another_try(file: File) -> None:
    auth = BasicAuth("AC1", file.secret)
    refused = await auth.headers()
    file.rotate(None)
    assert not await auth.renew(refused)
    assert await auth.headers() == basic("AC1", "first")


def test_neither_the_secret_nor_the_whole_name_is_in_the_repr(canary: str) -> None:
    text = repr(BasicAuth("AC0123456789", Secret(canary)))
    assert text == "<BasicAuth user=...6789>"


async def test_without_a_credential_there_is_nothing_to_renew() -> None:
    assert await NoAuth().headers() == {}
    assert not await NoAuth().renew({})
