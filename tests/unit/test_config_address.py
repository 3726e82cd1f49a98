"""Where credentials may be sent: over TLS, or to this machine."""

import pytest
from pydantic import BaseModel
from yarl import URL

from ccstats.config import Address, in_the_clear, validate
from ccstats.errors import ConfigError


class Options(BaseModel):
    allow_plain_http: bool = False
    base_url: Address | None = None


@pytest.mark.parametrize("url", ["https://host", "https://192.0.2.1/x", "http://127.0.0.1:1", "http://localhost/x"])
def test_tls_and_this_machine_are_fine(url: str) -> None:
    assert validate(Options, {"base_url": url}).base_url == url
    assert not in_the_clear(URL(url))


LOOPBACK_IN_NAME_ONLY = ["http://127.0.0.1.vendor.test", "http://localhost.vendor.test", "http://localhost@vendor.test"]


@pytest.mark.parametrize("url", ["http://vendor.test", "http://10.0.0.1:80/x", *LOOPBACK_IN_NAME_ONLY])
def test_plain_http_to_another_machine_is_refused_unless_told_by_name(url: str) -> None:
    with pytest.raises(ConfigError, match="allow_plain_http = true") as caught:
        validate(Options, {"base_url": url})
    assert caught.value.key == "base_url"
    assert url not in str(caught.value)
    assert validate(Options, {"base_url": url, "allow_plain_http": True}).base_url == url


@pytest.mark.parametrize("url", ["host", "ftp://host", "https://", "https://host/?a=1", "https://host name"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="a URL is written as https://host"):
        validate(Options, {"base_url": url})
