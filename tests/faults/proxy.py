"""A wire between a program and an engine that can be slow, dumb, cut, or worse."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Dial = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
_PIECE = 64 * 1024


@dataclass
class Proxy:
    """Hands bytes on, both ways; what it does to them can be changed at any time.

    A userland proxy acknowledges what it swallows, so this is not quite a dead network: what the kernel would notice
    of that, it does not.
    """

    dial: Dial
    delay_s: float = 0.0
    """Before each piece is handed on."""
    drip_bytes: int = 0
    """Pieces are no larger; 0 is without limit."""
    silent: bool = False
    """Nothing is handed on, in either direction, and nothing is closed."""
    swallow_replies: bool = False
    """What the engine answers is thrown away."""
    cut_after: bytes | None = None
    """Once this has been handed on to the engine, and been done, the connection is reset before it can answer."""
    cuts: int = 0
    port: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def reset(self) -> int:
        """Reset all connections, not just close them; how many there were."""
        writers = list(self._writers)
        for writer in writers:
            _abort(writer)
        return len(writers) // 2

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self.dial()
        except OSError:
            _abort(writer)
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            await asyncio.gather(self._hand_on(reader, far_writer, True), self._hand_on(far_reader, writer, False))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers -= both
            for end in both:
                end.close()

    async def _hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, outward: bool) -> None:
        while piece := await reader.read(self.drip_bytes or _PIECE):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            while self.silent:
                await asyncio.sleep(0.05)
            if not outward and self.swallow_replies:
                continue
            writer.write(piece)
            await writer.drain()
            if outward and self.cut_after and self.cut_after in piece:
                self.cut_after = None
                self.cuts += 1
                self.swallow_replies = True
                await asyncio.sleep(0.2)  # so that it is done
                self.reset()
                self.swallow_replies = False
        writer.close()


@asynccontextmanager
async def proxied(dial: Dial) -> AsyncIterator[Proxy]:
    proxy = Proxy(dial)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.reset()


def _abort(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    if end is not None and end.family != socket.AF_UNIX:
        with suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
