"""A real `redis-server` of this machine's, for as long as a benchmark takes, and what it says of itself."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis

from benchmarks.server import HOST

STARTING = 20.0
TABLES = "{ccstats}:table:*"
CHANGES = "{ccstats}:changes"


@dataclass(frozen=True, slots=True)
class Spent:
    """What the server has spent since it was started: CPU seconds and bytes both ways; and the memory it has now."""

    cpu: float
    bytes_in: int
    bytes_out: int
    memory: int


class RedisServer:
    """One server, seen from outside; it keeps nothing on disk."""

    def __init__(self, port: int) -> None:
        self.url = f"redis://{HOST}:{port}"
        self._client = redis.Redis(host=HOST, port=port, socket_timeout=60)

    @property
    def version(self) -> str:
        """The version that it says it is."""
        return str(self._client.info("server")["redis_version"])

    def spent(self) -> Spent:
        """What it has spent by now."""
        said = self._client.info("everything")
        return Spent(
            said["used_cpu_user"] + said["used_cpu_sys"],
            said["total_net_input_bytes"],
            said["total_net_output_bytes"],
            said["used_memory"],
        )

    def _ask(self, *command: str | bytes | int) -> Any:
        return self._client.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py gives it no types

    def rows(self) -> int:
        """How many rows stand in all tables."""
        return sum(self._ask("HLEN", key) for key in self._ask("KEYS", TABLES))

    def table_bytes(self) -> int:
        """The memory of all tables."""
        return sum(self._memory(key) for key in self._ask("KEYS", TABLES))

    def stream(self) -> tuple[int, int]:
        """How many changes are remembered, and their memory."""
        return int(self._ask("XLEN", CHANGES)), self._memory(CHANGES)

    def _memory(self, key: str | bytes) -> int:
        return int(self._ask("MEMORY", "USAGE", key, "SAMPLES", 0) or 0)

    def empty(self) -> None:
        """Everything is lost; connections stay."""
        self._ask("FLUSHALL")

    def filled(self, rows: int, seconds: float) -> float:
        """The seconds until so many rows stand there."""
        began = time.perf_counter()
        while self.rows() < rows:
            if time.perf_counter() - began > seconds:
                raise RuntimeError(f"the table did not fill within {seconds:.0f} s")
            time.sleep(0.02)
        return time.perf_counter() - began

    def wait(self) -> None:
        """Until it answers."""
        deadline = time.monotonic() + STARTING
        while True:
            try:
                self._ask("PING")
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def missing() -> bool:
    """Whether there is none on this machine."""
    return shutil.which("redis-server") is None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """One on a free port of this machine, without persistence."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = ["redis-server", "--bind", HOST, "--port", str(port), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            server = RedisServer(port)
            server.wait()
            yield server
        finally:
            process.terminate()
