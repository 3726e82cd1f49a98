"""What plugins that sign every request are built from, and what is asked of a plan."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from yarl import URL

from ccstats.adapter import Want
from ccstats.auth import Signer, SigningAuth, strict_query
from ccstats.clock import VendorClock
from ccstats.config import Secret, WindowSpec
from ccstats.model import Family

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_what_is_asked_of_every_target_is_real_time_and_each_window() -> None:
    windows = (WindowSpec.parse("30m"), WindowSpec.parse("today"))
    now, later = (Family.REALTIME, None), [(Family.WINDOW, window) for window in windows]
    assert Want((), frozenset(Family), windows).asked() == [now, *later]
    assert Want((), frozenset({Family.REALTIME}), windows).asked() == [now]
    assert Want((), frozenset({Family.WINDOW}), windows).asked() == later


@pytest.mark.parametrize(
    ("parameters", "text"),
    [({"b": "1", "a": "x y"}, "a=x%20y&b=1"), ({"token": "a/b+c=~-_."}, "token=a%2Fb%2Bc%3D~-_."), ({"a": None}, "")],
)
def test_a_strict_query_is_sorted_and_escapes_all_that_may_be(parameters: dict[str, str | None], text: str) -> None:
    assert strict_query(**parameters) == text


class Sealed(SigningAuth):
    def signature(self, method: str, url: URL, body: bytes, at: datetime, *secrets: str) -> dict[str, str]:
        return {"X-Seal": f"{method} {url.path} {len(body)} {'+'.join(secrets)} {at:%H:%M}"}


async def test_a_refused_signature_is_worth_another_try_where_a_secret_is_another(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("old")
    clock = VendorClock(lambda: AT)
    signer = Sealed(clock, Secret("old", file=file), None)
    assert isinstance(signer, Signer)
    signed = await signer.sign("GET", URL("http://127.0.0.1/x"), b"12")
    assert (dict(signed), await signer.headers()) == ({"X-Seal": "GET /x 2 old 08:00"}, {})
    assert await signer.renew(signed) is False
    assert await signer.renew({}) is False
    file.write_text("new")
    assert await signer.renew(signed) is True
    again = await signer.sign("GET", URL("http://127.0.0.1/x"), b"")
    assert again["X-Seal"] == "GET /x 0 new 08:00"
    assert await signer.renew(again) is False
