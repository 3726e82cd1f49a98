"""Where Redis is, as a user writes it; no message quotes a URL, as it may hold a password."""

import sys
from pathlib import Path

import pytest

from ccstats.config import Redis, redis_address, validate
from ccstats.coordination import connect
from ccstats.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "shown", "tls", "db"),
    [
        ("redis://127.0.0.1", "127.0.0.1:6379", False, 0),
        ("redis://localhost:7000/3", "localhost:7000", False, 3),
        ("redis://[::1]:7000/", "[::1]:7000", False, 0),
        ("rediss://redis.example.com/1", "redis.example.com:6379", True, 1),
        ("unix:///run/redis.sock?db=2", "/run/redis.sock", False, 2),
    ],
)
def test_a_url_says_where_the_server_is(url: str, shown: str, tls: bool, db: int) -> None:
    address = redis_address(Redis(url=url).url.reveal())

    assert (str(address), address.tls, address.db) == (shown, tls, db)


def test_user_and_password_are_in_the_url_and_not_in_what_is_shown(canary: str) -> None:
    address = redis_address(f"rediss://us%40er:{canary}%3A@redis.example.com")

    assert (address.user, address.password) == ("us@er", f"{canary}:")
    assert canary not in f"{address} {address!r}"
    assert redis_address(f"redis://:{canary}@localhost").user is None


@pytest.mark.parametrize(
    "url",
    [
        "http://{0}@127.0.0.1",
        "redis://u:{0}@",
        "redis://u:{0}@127.0.0.1:0",
        "redis://u:{0}@127.0.0.1:65536",
        "redis://u:{0}@127.0.0.1/db",
        "redis://u:p@ss{0}@127.0.0.1",
        "rediss://u:{0}@127.0.0.1?ssl_cert_reqs=none",
        "unix://{0}",
        "{0}",
    ],
)
def test_what_is_no_such_url_is_refused_without_being_quoted(url: str, canary: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(Redis, {"url": url.format(canary)}, key="redis")

    assert caught.value.key == "redis.url"
    assert "rediss://user:password@host:port/db" in str(caught.value)
    assert canary not in str(caught.value)


@pytest.mark.parametrize("host", ["10.0.0.1", "redis.example.com", "[fe80::1]"])
def test_without_tls_only_this_machine_is_spoken_to_unless_that_is_wanted(host: str, canary: str) -> None:
    url = f"redis://:{canary}@{host}"

    with pytest.raises(ConfigError, match="allow_plain = true") as caught:
        validate(Redis, {"url": url}, key="redis")
    assert caught.value.key == "redis.url"
    assert validate(Redis, {"url": url, "allow_plain": True}).url.reveal() == url
    assert validate(Redis, {"url": url.replace("redis:", "rediss:")}).ca_file is None


def test_a_file_of_certificates_has_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file") as caught:
        validate(Redis, {"url": "rediss://localhost", "ca_file": str(tmp_path / "ca.pem")}, key="redis")
    assert caught.value.key == "redis.ca_file"

    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match="holds no certificates"):
        connect(Redis(url="rediss://localhost", ca_file=tmp_path / "ca.pem"))


def test_a_missing_client_is_named_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith(("redis.", "ccstats.coordination.redis")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(ConfigError, match=r"pip install 'ccstats\[redis\]'"):
        connect(Redis(url="redis://localhost"))
