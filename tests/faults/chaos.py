"""A proxy on the loopback interface that does to connections what networks do."""

import asyncio
import re
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from yarl import URL

HEAD = re.compile(rb"(?:GET|POST) /\S* HTTP/1\.1\r\n")
LONGEST_LINE = 4096


class Way(StrEnum):
    """What becomes of an answer."""

    PASS = "pass"
    DRIP = "drip"
    """One byte at a time."""
    FIN = "fin"
    """Closed in the middle of the body."""
    RST = "rst"
    """Reset instead of an answer."""
    CUT = "cut"
    """Closed in the middle of the head."""
    HOLE = "hole"
    """Nothing ever comes back, and nothing is closed."""


@dataclass
class Chaos:
    """A proxy before one vendor. Tests change its `way` while it runs."""

    port: int
    way: Way = Way.PASS
    latency: float = 0.0
    pace: float = 0.05
    """Seconds between two bytes of a drip."""
    heads: int = 0
    """Request heads that came, whatever became of them."""
    connections: int = 0
    """Connections that are open now."""
    most_connections: int = 0
    url: URL = field(default_factory=URL)
    _conversations: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side ends it."""
        self.connections += 1
        self.most_connections = max(self.most_connections, self.connections)
        task = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            answers, far = await asyncio.open_connection("127.0.0.1", self.port)
            forth = asyncio.create_task(self._forth(reader, far))
            back = asyncio.create_task(self._back(answers, writer))
            try:
                await asyncio.wait([forth, back], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in (forth, back):
                    one.cancel()
                await asyncio.gather(forth, back, return_exceptions=True)
        except OSError:
            pass
        finally:
            self.connections -= 1
            self._conversations.discard(task)
            for end in (writer, far):
                if end is not None:
                    end.close()
                    with suppress(OSError):
                        await end.wait_closed()

    async def end(self) -> None:
        """Cut every connection."""
        for task in self._conversations:
            task.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _forth(self, reader: asyncio.StreamReader, far: asyncio.StreamWriter) -> None:
        tail = b""
        while data := await reader.read(65536):
            seen = tail + data
            self.heads += len(HEAD.findall(seen))
            tail = seen[-LONGEST_LINE:].rpartition(b"\r\n")[2]  # a request line may come in two pieces
            far.write(data)
            await far.drain()

    async def _back(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await answers.read(65536):
            await asyncio.sleep(self.latency)
            if not await self._hand_on(data, writer):
                return

    async def _hand_on(self, data: bytes, writer: asyncio.StreamWriter) -> bool:
        """Do to this piece of an answer what `way` says; false where the connection is over."""
        match self.way:
            case Way.PASS:
                writer.write(data)
            case Way.DRIP:
                for byte in data:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(self.pace)
            case Way.FIN:
                writer.write(data[:-10])
                await writer.drain()
                return False
            case Way.CUT:
                writer.write(data[:40])
                await writer.drain()
                return False
            case Way.RST:
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
                return False
            case Way.HOLE:
                pass  # the vendor has answered, and nobody will ever know
        await writer.drain()
        return True


@asynccontextmanager
async def chaos(vendor: URL | str) -> AsyncGenerator[Chaos]:
    """A proxy before the vendor at this address; at the end every connection is cut."""
    proxy = Chaos(URL(vendor).port or 80)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    proxy.url = URL.build(scheme="http", host="127.0.0.1", port=port)
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()
