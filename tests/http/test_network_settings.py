"""How the network is reached: as the configuration says, whatever the environment says, and verified."""

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from ccstats.config import Http
from ccstats.errors import ConfigError, UnavailableError
from ccstats.http import Request, http_session

OPENSSL = shutil.which("openssl")


async def _ok(request: web.BaseRequest) -> web.Response:
    return web.Response(body=b"{}")


async def test_no_proxy_is_taken_from_the_environment(
    serve: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    async def trap(request: web.BaseRequest) -> web.Response:
        seen.append(request.path)
        return web.Response()

    proxy, root = await serve(trap), await serve(_ok)
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, str(proxy))
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert (await (await connect(root)).send(Request("GET", root, "GET /"))).body == b"{}"
    assert seen == []


async def test_no_login_is_taken_from_a_netrc_file(serve: Any, connect: Any, monkeypatch: Any, tmp_path: Path) -> None:
    seen = []

    async def handler(request: web.BaseRequest) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response()

    root = await serve(handler)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login u password p\n")
    monkeypatch.setenv("NETRC", str(netrc))
    await (await connect(root)).send(Request("GET", root, "GET /"))
    assert seen == [None]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody but itself has signed, and its key."""
    if OPENSSL is None:
        pytest.skip("needs the openssl command to make a certificate")
    place = tmp_path_factory.mktemp("tls")
    chain, key = place / "chain.pem", place / "key.pem"
    subprocess.run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=vendor.test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"),
            *("-keyout", str(key), "-out", str(chain)),
        ],
        check=True,
        capture_output=True,
    )
    return chain, key


@pytest.fixture
async def secured(serve: Any, certificate: tuple[Path, Path]) -> URL:
    """A vendor behind that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    root: URL = await serve(_ok, tls=context)
    return root


async def test_a_private_authority_is_trusted_where_it_is_configured(
    secured: URL, connect: Any, certificate: Any
) -> None:
    client = await connect(secured, http=Http(ca_file=certificate[0]))
    assert (await client.send(Request("GET", secured, "GET /"))).body == b"{}"


async def test_an_unknown_authority_is_not_trusted_and_the_error_says_so(secured: URL, connect: Any) -> None:
    client = await connect(secured)
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1 cannot be reached \(.*Certificate.*\)") as caught:
        await client.send(Request("GET", secured, "GET /"))
    assert caught.value.origin.source == "us"


async def test_a_certificate_for_another_name_is_not_trusted(secured: URL, connect: Any, certificate: Any) -> None:
    other = secured.with_host("localhost")
    client = await connect(other, http=Http(ca_file=certificate[0]))
    with pytest.raises(UnavailableError, match="localhost cannot be reached"):
        await client.send(Request("GET", other, "GET /"))


async def test_plain_http_to_a_tls_port_is_unavailable(secured: URL, connect: Any) -> None:
    plain = secured.with_scheme("http")
    with pytest.raises(UnavailableError):
        await (await connect(plain)).send(Request("GET", plain, "GET /"))


async def test_a_file_without_certificates_is_a_mistake_of_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing of the kind")
    with pytest.raises(ConfigError, match="holds no certificates") as caught:
        async with http_session(Http(ca_file=file), 1):
            pass
    assert caught.value.key == "http.ca_file"


async def test_verification_cannot_be_switched_off() -> None:
    assert set(Http.model_fields) == {"proxy", "ca_file", "timeout", "max_body_bytes"}


@pytest.mark.parametrize("url", ["http://vendor.test/", "http://192.0.2.1:8080/"])
async def test_no_client_is_made_that_would_send_credentials_in_the_clear(connect: Any, url: str) -> None:
    """Whatever an adapter has checked of its options."""
    with pytest.raises(ConfigError, match="allow_plain_http = true"):
        await connect(URL(url))
    await connect(URL(url), plain_http=True)
