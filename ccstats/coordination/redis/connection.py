"""The connections to a Redis server: short ones for what must be quick, patient ones for what is read."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from ccstats.config import Redis as Options
from ccstats.config import RedisAddress, redis_address
from ccstats.coordination.redis.scripts import script
from ccstats.errors import ConfigError, CoordinatorError

QUICK = 0.5
"""Seconds until one answer, of leases and writes: later, it is of no use to a lease."""
BOUND = 1.0
"""Seconds for all of such a step, connecting included."""
PATIENT = 5.0
"""Seconds until one answer, of what is read. A wait for changes is shorter."""
HEALTH_CHECK = 5.0
QUICK_CONNECTIONS, READING_CONNECTIONS = 8, 32

Value = str | bytes | int
ACCESS = (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError)
UNAUTHENTICATED = "unauthenticated"
"""In what a server says of long commands of somebody whom it does not know: those it does not even read."""
IN_A_SCRIPT = ("ACL failure", "The user executing the script can't run")
"""What servers say (7.2 and newer, and before) where a script does what its user may not."""
LOST = (exceptions.ConnectionError, exceptions.TimeoutError, exceptions.ReadOnlyError, OSError)
KINDS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.TimeoutError, "no answer in time"),
    (TimeoutError, "no answer in time"),
    (exceptions.BusyLoadingError, "it is loading its data"),
    (exceptions.ReadOnlyError, "it is a read-only replica"),
    (exceptions.OutOfMemoryError, "its memory is full (maxmemory)"),
    (exceptions.ConnectionError, "no connection"),
    (OSError, "no connection"),
)


class Server:
    """One server. Every failure becomes a `CoordinatorError` that says where and what, and shows no credential.

    Being refused becomes a `ConfigError`: that does not pass by itself.
    """

    def __init__(self, options: Options) -> None:
        address = redis_address(options.url.reveal())
        self.place = str(address)
        self._life = f"{{{options.prefix}}}:life"
        where = _where(address, options)
        # Retrying by itself, a client would renew a lease after its end, and write twice.
        self._quick = Redis.from_pool(_pool(where, QUICK, QUICK_CONNECTIONS, Retry(NoBackoff(), 0)))
        self.reading = Redis.from_pool(
            _pool(where, PATIENT, READING_CONNECTIONS, Retry(NoBackoff(), 1), health_check_interval=HEALTH_CHECK)
        )

    async def run(self, name: str, *arguments: Value) -> Any:
        """What a script answers. `arguments` are its ARGV."""
        step = script(name)
        with self.failures():
            try:
                async with asyncio.timeout(BOUND):
                    try:
                        return await self._quick.evalsha(step.sha, 1, self._life, *arguments)
                    except exceptions.NoScriptError:
                        return await self._quick.eval(step.text, 1, self._life, *arguments)
            except LOST:
                # The others are as old: each would cost another step, and a lease does not last for many. After a
                # failover, they lead to the server that became a replica.
                await self._quick.connection_pool.disconnect(inuse_connections=False)
                raise

    async def together(self, *commands: Sequence[Value]) -> list[Any]:
        """The answers to commands that read, in one round trip; each is done after the one before it."""
        with self.failures():
            pipeline = self.reading.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            answers: list[Any] = await pipeline.execute()
            return answers

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Turn what the client raises into errors of ours."""
        try:
            yield
            return
        except (exceptions.RedisError, OSError) as error:
            problem = self._problem(error)
        raise problem

    def _problem(self, error: Exception) -> ConfigError | CoordinatorError:
        if isinstance(error, ACCESS) or any(words in str(error) for words in (*IN_A_SCRIPT, UNAUTHENTICATED)):
            return ConfigError(
                f"Redis at {self.place} refuses: {_refusal(error)}; the ACL lines are in docs/operating.md",
                key="redis.url",
            )
        if "DB index is out of range" in str(error):
            return ConfigError(f"Redis at {self.place} has no database of that number", key="redis.url")
        return CoordinatorError(f"Redis at {self.place}: {_kind(error)}")

    async def aclose(self) -> None:
        """Close all connections."""
        await self._quick.aclose()
        await self.reading.aclose()


def _refusal(error: Exception) -> str:
    if isinstance(error, exceptions.AuthenticationError) or UNAUTHENTICATED in str(error):
        return "the user or the password in the URL is wrong or missing"
    return "its user lacks a permission"


def _kind(error: Exception) -> str:
    """What went wrong, without the words of others: a server's message may repeat what it was sent."""
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message}); is redis.ca_file right?"
    if isinstance(cause, ssl.SSLError):
        return f"no connection (TLS: {cause.reason})"
    if isinstance(cause, socket.gaierror):
        return f"no connection ({cause.strerror})"
    if isinstance(cause, OSError) and not isinstance(cause, TimeoutError) and cause.errno is not None:
        return f"no connection ({os.strerror(cause.errno)})"
    if (known := next((words for kind, words in KINDS if isinstance(error, kind)), None)) is not None:
        return known
    if str(error).startswith("MOVED "):
        return "it is a node of a cluster, and the keys are on another one"
    return f"an answer that is not expected ({type(error).__name__})"


def _where(address: RedisAddress, options: Options) -> dict[str, Any]:
    who = {"db": address.db, "username": address.user, "password": address.password}
    if address.path is not None:
        return {**who, "connection_class": UnixDomainSocketConnection, "path": address.path}
    place = {**who, "host": address.host, "port": address.port}
    if not address.tls:
        return {**place, "connection_class": Connection}
    if options.ca_file is not None:
        try:
            ssl.create_default_context().load_verify_locations(options.ca_file)
        except (ssl.SSLError, OSError):
            raise ConfigError(f"{options.ca_file} holds no certificates", key="redis.ca_file") from None
    trusted = {"ssl_ca_certs": str(options.ca_file)} if options.ca_file is not None else {}
    return {**place, **trusted, "connection_class": SSLConnection, "ssl_check_hostname": True}


def _pool(where: dict[str, Any], timeout: float, connections: int, retry: Retry, **more: Any) -> BlockingConnectionPool:
    # Nothing is sent at first but who we are: what a client introduces itself with needs rights of its own.
    return BlockingConnectionPool(
        max_connections=connections,
        timeout=timeout,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=retry,
        protocol=2,
        driver_info=None,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        **where,
        **more,
    )
