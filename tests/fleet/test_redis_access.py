"""Who is let in: the users that docs/operating.md prints, certificates, sockets; and what is said to whom is not."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fleet_server import RedisServer, missing

from ccstats.config import Config, Redis
from ccstats.coordination import Claim, Coordinator, connect
from ccstats.errors import ConfigError, CoordinatorError
from ccstats.fleet import Worker

OPERATING = Path(__file__).parent.parent.parent / "docs" / "operating.md"
PASSWORD = "canary-5e1f0a-of-a-redis-user"
LEASE = 3.0

Started = Callable[..., RedisServer]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Servers with settings of their own."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    servers: list[RedisServer] = []

    def start(*more: str, tls: tuple[str, ...] = ()) -> RedisServer:
        servers.append(RedisServer(tmp_path, *more, tls=tls))
        servers[-1].start()
        return servers[-1]

    yield start
    for server in servers:
        server.kill()


def as_user(server: RedisServer, user: str, password: str = PASSWORD) -> Coordinator:
    """A client of that name."""
    return connect(Redis(url=f"redis://{user}:{password}@127.0.0.1:{server.port}"))


async def work(coordinator: Coordinator) -> None:
    """Everything that workers do."""
    grant = await coordinator.acquire("a", "s", lease=LEASE)
    assert grant is not None
    claim = Claim(grant.fence)
    assert (await coordinator.beat("a", {"s": claim}, ["t"], lease=LEASE)).kept == {"s"}
    await coordinator.beat("a", {"s": claim}, [], lease=LEASE, leaving=True)
    assert await coordinator.write("s", grant.fence, "us", {"a": b"1"}, ["b"], b"said")
    await coordinator.describe(b"whole")
    await coordinator.spend("k", rate=1, burst=1, spender="a")
    await coordinator.block("k", 1)
    await coordinator.forget(0)
    await coordinator.write("s", grant.fence, "us", {"a": b"1"}, [], b"said")
    await coordinator.release("a", "s", claim)
    await coordinator.leave("a")


async def read(coordinator: Coordinator) -> None:
    """Everything that readers do."""
    mark = await coordinator.mark()
    assert await coordinator.description() == b"whole"
    assert (await coordinator.life()).epoch == mark.epoch
    assert await coordinator.sources() == {"us": b"said"}
    assert [part async for part in coordinator.table("us")] == [{"a": b"1"}]
    assert await coordinator.rows("us", ["a"]) == {"a": b"1"}
    assert (await coordinator.changes(mark, wait=0.01)).complete


def users() -> list[str]:
    """The lines that an operator copies."""
    lines = re.findall(r"^user ccstats-.*$", OPERATING.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 2
    return [line.replace("PASSWORD", PASSWORD) for line in lines]


async def test_the_users_of_the_documentation_may_do_what_they_have_to_and_nothing_else(started: Started) -> None:
    server = started(*users(), "user default off")
    worker, reader = as_user(server, "ccstats-worker"), as_user(server, "ccstats-reader")

    await work(worker)
    await read(worker)
    await read(reader)

    for refused in (
        reader.beat("a", {}, [], lease=LEASE),
        reader.write("s", 10**18, "us", {"a": b"forged"}, [], None),
        reader.describe(b"forged"),
    ):
        with pytest.raises(ConfigError, match="its user lacks a permission") as caught:
            await refused
        assert caught.value.key == "redis.url"
        assert "docs/operating.md" in caught.value.message
    await read(reader)
    await worker.aclose()
    await reader.aclose()


async def test_a_worker_that_may_only_read_ends_at_its_start(started: Started) -> None:
    """It would wait for ever for what nobody will grant."""
    server = started(*users(), "user default off")
    url = f"redis://ccstats-reader:{PASSWORD}@127.0.0.1:{server.port}"

    async with asyncio.timeout(5):
        with pytest.raises(ConfigError, match="its user lacks a permission"):
            await Worker(Config(redis=Redis(url=url))).run(asyncio.Event())


async def test_keys_outside_of_the_prefix_are_out_of_reach(started: Started) -> None:
    server = started(*users(), "user default off")
    url = f"redis://ccstats-worker:{PASSWORD}@127.0.0.1:{server.port}"
    stranger = connect(Redis(url=url, prefix="another"))

    for refused in (stranger.acquire("a", "s", lease=LEASE), stranger.sources(), stranger.mark()):
        with pytest.raises(ConfigError, match="its user lacks a permission"):
            await refused
    await stranger.aclose()


async def test_a_permission_that_only_a_step_within_a_script_lacks_is_said_to_lack(started: Started) -> None:
    server = started(users()[0].replace("+hset ", ""), "user default off")
    worker = as_user(server, "ccstats-worker")

    with pytest.raises(ConfigError, match="its user lacks a permission"):
        await worker.acquire("a", "s", lease=LEASE)
    await worker.aclose()


async def test_two_prefixes_are_two_fleets(redis_server: RedisServer) -> None:
    one, other = (connect(Redis(url=redis_server.url, prefix=prefix)) for prefix in ("one", "other"))
    await work(one)

    assert await other.acquire("b", "s", lease=LEASE) is not None
    assert await other.sources() == {}
    with redis_server.client() as client:
        assert {key.split(b":")[0] for key in client.keys("*")} == {b"{one}", b"{other}"}
    await one.aclose()
    await other.aclose()


@pytest.mark.parametrize(
    ("setting", "who"),
    [
        ("requirepass another", "ccstats:" + PASSWORD),
        ("requirepass another", ":" + PASSWORD),
        ("requirepass another", ""),
        ("", ":" + PASSWORD),
    ],
    ids=["unknown user", "wrong password", "no password", "a password where none is set"],
)
async def test_whoever_is_not_let_in_is_told_so_without_what_was_tried(
    started: Started, setting: str, who: str
) -> None:
    server = started(setting)
    stranger = connect(Redis(url=f"redis://{who}{'@' if who else ''}127.0.0.1:{server.port}"))

    write = stranger.write("s", 1, "us", {str(number): b"1" for number in range(9)}, [], None)
    for refused in (stranger.leave("a"), stranger.mark(), write):
        with pytest.raises(ConfigError, match="the user or the password in the URL is wrong or missing") as caught:
            await refused
        assert PASSWORD not in f"{caught.value!r} {caught.value}"
    await stranger.aclose()


async def test_a_socket_of_this_machine_is_a_way_too(started: Started, tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    started(f"unixsocket {path}")
    coordinator = connect(Redis(url=f"unix://{path}?db=1"))

    await work(coordinator)
    await read(coordinator)

    await coordinator.aclose()


async def test_a_socket_that_is_not_there_and_a_database_that_there_is_not_are_named(
    redis_server: RedisServer, tmp_path: Path
) -> None:
    nowhere = connect(Redis(url=f"unix://{tmp_path}/none.sock"))
    with pytest.raises(CoordinatorError, match="No such file or directory"):
        await nowhere.mark()
    await nowhere.aclose()
    beyond = connect(Redis(url=f"{redis_server.url}/9999"))
    for asked in (beyond.mark(), beyond.leave("a")):
        with pytest.raises(ConfigError, match="has no database of that number"):
            await asked
    await beyond.aclose()


EXTENSIONS = """\
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
subjectAltName = {names}
authorityKeyIdentifier = keyid
"""


def certificates(folder: Path, names: str) -> tuple[str, ...]:
    """The settings of a server whose certificate, for `names`, is signed by `folder/ca.pem`."""
    (folder / "extensions").write_text(EXTENSIONS.format(names=names))
    steps = (
        "req -newkey rsa:2048 -nodes -subj /CN=ca -keyout ca.key -out ca.csr",
        "x509 -req -in ca.csr -signkey ca.key -days 2 -extfile extensions -extensions ca -out ca.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=server -keyout server.key -out server.csr",
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
        " -extfile extensions -extensions server -out server.pem",
    )
    openssl = shutil.which("openssl") or "openssl"
    for step in steps:
        subprocess.run([openssl, *step.split()], cwd=folder, capture_output=True, check=True)
    return (
        *("--tls-cert-file", str(folder / "server.pem"), "--tls-key-file", str(folder / "server.key")),
        *("--tls-ca-cert-file", str(folder / "ca.pem"), "--tls-auth-clients", "no"),
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make certificates with")
async def test_over_tls_the_certificate_and_its_name_are_checked(started: Started, tmp_path: Path) -> None:
    server = started(tls=certificates(tmp_path, "IP:127.0.0.1"))
    trusting = connect(Redis(url=f"rediss://127.0.0.1:{server.port}", ca_file=tmp_path / "ca.pem"))
    await work(trusting)
    await read(trusting)

    for url, options, said in (
        (f"rediss://127.0.0.1:{server.port}", {}, "its certificate is not trusted"),
        (f"rediss://localhost:{server.port}", {"ca_file": tmp_path / "ca.pem"}, "its certificate is not trusted"),
        (f"redis://127.0.0.1:{server.port}", {}, "no connection"),
    ):
        stranger = connect(Redis(url=url, **options))
        for refused in (stranger.leave("a"), stranger.mark()):
            with pytest.raises(CoordinatorError, match=said):
                await refused
        await stranger.aclose()
    await trusting.aclose()
