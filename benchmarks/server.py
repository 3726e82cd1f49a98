"""The vendors, as far as a benchmark needs them: prepared answers on 127.0.0.1, from a process of their own.

Started by `serving`; ends when its standard input closes (whoever started it has gone) or after an hour. The first part
of a path says how many queues there are: http://127.0.0.1:PORT/n500/v1/Workspaces. Nothing is checked or limited, and
the rate-limit headers allow everything.
"""

from __future__ import annotations

import asyncio
import functools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs

from benchmarks import bodies

ROOT = Path(__file__).parent.parent
PER_QUERY = 100
HOST = "127.0.0.1"
LONGEST_LIFE = 3600.0
HEADERS = (
    b"Content-Type: application/json;charset=utf-8\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n"
    b"Strict-Transport-Security: max-age=31536000; includeSubDomains\r\nTwilio-Request-Id: RQ0123456789abcdef\r\n"
    b"ININ-Correlation-Id: 5f0c6a0e-0000-4000-8000-000000000000\r\ninin-ratelimit-count: 5\r\n"
    b"inin-ratelimit-allowed: 900000000\r\ninin-ratelimit-reset: 30\r\n"
)
TOKEN = bodies.dumps({"access_token": "benchmark", "token_type": "bearer", "expires_in": 86400})


class Vendor(asyncio.Protocol):
    """One connection: requests come one after the other, as HTTP/1.1 clients without pipelining send them."""

    def __init__(self) -> None:
        self._seen = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer as soon as a request is complete."""
        self._seen += data
        head, found, body = self._seen.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._seen = b""
        method, _, rest = head.partition(b" ")
        answer = respond(method.decode(), rest.partition(b" ")[0].decode(), body)
        date = formatdate(usegmt=True).encode()
        start = b"HTTP/1.1 200 OK\r\nDate: %b\r\nContent-Length: %d\r\n" % (date, len(answer))
        if self._transport is not None:
            self._transport.write(start + HEADERS + b"\r\n" + answer)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0


class Turn:
    """Which variant of its answers the server gives next."""

    count = 0


def respond(method: str, target: str, body: bytes) -> bytes:
    """The answer to one request."""
    path, _, query = target.partition("?")
    _, prefix, *parts = path.split("/")
    total, last = int(prefix[1:]), parts[-1]
    if last == "warm":
        return _warm(total)
    Turn.count += 1
    variant = Turn.count // 64 % bodies.VARIANTS
    if method == "POST" and last != "token":
        return _query(last, parts[-2], _asked(body), variant)
    if last == "RealTimeStatistics":
        return _twilio_queue(bodies.number_of(parts[-2]), variant)
    if last == "queues":
        asked = parse_qs(query)
        return bodies.genesys_queues(total, int(asked["pageNumber"][0]), int(asked["pageSize"][0]))
    fixed = {
        "token": lambda: TOKEN,
        "TaskQueues": lambda: bodies.twilio_queues(total),
        "Activities": bodies.twilio_activities,
        "definitions": bodies.presences,
    }
    return fixed.get(last, bodies.twilio_workspace)()


def _warm(total: int) -> bytes:
    """Make every Genesys answer about `total` queues in advance, so that no answer is slow for having to be made."""
    for first in range(0, total, PER_QUERY):
        numbers = tuple(range(first, min(first + PER_QUERY, total)))
        for variant in range(bodies.VARIANTS):
            for kind in ("observations", "aggregates"):
                _query("query", kind, numbers, variant)
    return b"{}"


def _asked(body: bytes) -> tuple[int, ...]:
    """The numbers of the queues that a query names."""
    query = json.loads(body)
    if "queueSids" in query:
        return tuple(bodies.number_of(ident) for ident in query["queueSids"])
    clauses = query["filter"].get("clauses") or [query["filter"]]
    return tuple(bodies.number_of(predicate["value"]) for predicate in clauses[0]["predicates"])


@functools.lru_cache(maxsize=256)
def _query(last: str, before: str, numbers: Sequence[int], variant: int) -> bytes:
    if last == "RealTimeStatistics":
        return bodies.twilio_bulk(list(numbers), variant)
    if before == "observations":
        return bodies.observations([bodies.observation(number, variant) for number in numbers])
    return bodies.aggregates([bodies.aggregate(number, variant) for number in numbers])


_twilio_queue = functools.lru_cache(maxsize=1024)(bodies.twilio_queue)


async def serve() -> None:
    """Serve until standard input closes."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(Vendor, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)

    def watch() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=watch, daemon=True).start()
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), LONGEST_LIFE)
    server.close()


@contextmanager
def serving() -> Iterator[str]:
    """The server in a process of its own; yields its address, such as http://127.0.0.1:4711."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://{HOST}:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve())
