"""A real Redis server on a free port of this machine, that can be killed, stopped, emptied and aged."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from redis import Redis as Client

STARTING = 20.0

# Nothing of the suite waits for a lease to end: what the server has noted of times is put into the past instead.
AGE = """
local back = tonumber(ARGV[1])
local function older(text) return string.format('%.0f', tonumber(text) - back) end
for _, key in ipairs(redis.call('KEYS', '{ccstats}:*')) do
  local kind = redis.call('TYPE', key)['ok']
  if kind == 'zset' then
    for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do redis.call('ZINCRBY', key, -back, member) end
  elseif kind == 'hash' then
    for _, field in ipairs({ 'expires', 'told', 'full', 'blocked' }) do
      local at = redis.call('HGET', key, field)
      if at and not string.find(key, ':table:') and not string.find(key, ':sources') then
        redis.call('HSET', key, field, older(at))
      end
    end
  end
end
"""


def missing() -> str | None:
    """Why there is no server to be had, if there is none."""
    return None if shutil.which("redis-server") else "there is no redis-server on this machine"


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class RedisServer:
    """One `redis-server` without persistence; `more` are lines of its configuration."""

    def __init__(self, folder: Path, *more: str, tls: Sequence[str] = ()) -> None:
        self.folder, self.port, self.more, self.tls = folder, free_port(), more, tuple(tls)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        listening = ["--port", "0", "--tls-port", str(self.port), *self.tls] if self.tls else ["--port", str(self.port)]
        command = ["redis-server", "-", "--bind", "127.0.0.1", *listening, "--save", "", "--appendonly", "no"]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert self.process.stdin is not None
        self.process.stdin.write("\n".join(self.more).encode())
        self.process.stdin.close()
        deadline = time.monotonic() + STARTING
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "redis.log").read_text())
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as one:
                one.sendall(b"" if self.tls else b"PING\r\n")
                return bool(self.tls or one.recv(1))
        except OSError:
            return False

    def kill(self) -> None:
        """As kill -9 does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        """Killed and started again: everything is lost, connections and scripts too."""
        self.kill()
        self.start()

    def pause(self) -> None:
        """It takes connections and answers nothing."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on after `pause`."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def client(self) -> Client:
        """A plain client, to look behind the scenes."""
        return Client(host="127.0.0.1", port=self.port, socket_timeout=5)

    def empty(self) -> None:
        """Everything is lost; connections stay."""
        with self.client() as client:
            client.flushall()

    def everything(self) -> str:
        """All that is kept there, as one text."""
        with self.client() as client:
            return "\n".join(f"{key!r}: {_kept(client, key)!r}" for key in client.scan_iter(count=1000))

    def age(self, seconds: float) -> None:
        """What is noted there is so many seconds older."""
        with self.client() as client:
            client.eval(AGE, 0, round(seconds * 1e6))


def _kept(client: Client, key: bytes) -> object:
    match client.type(key):
        case b"hash":
            return client.hgetall(key)
        case b"zset":
            return client.zrange(key, 0, -1)
        case b"stream":
            return client.xrange(key)
        case kind:
            raise AssertionError(f"a {kind!r} is nothing that is kept there")
