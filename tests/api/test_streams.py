"""A watcher that does not read: it delays nobody, and is let go."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from starlette.types import Message

from api.__main__ import Server
from api.imports import events, streams
from api.imports.events import Watch, frames
from api.imports.schemas import Import, Links, Source
from api.imports.streams import EventStream


def at(fraction: float) -> Import:
    return Import(
        project="harbour",
        id="zotero.hold.000000000001",
        source=Source(key="zotero.hold", kind="zotero", name="Hold"),
        state="running",
        fraction=fraction,
        links=Links(self="", items="", events="", temporal_ui=None),
    )


async def connected() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


class Reader:
    """Takes a message when it is allowed to."""

    def __init__(self) -> None:
        self.read: list[bytes] = []
        self.may_read = asyncio.Event()

    async def __call__(self, message: Message) -> None:
        await self.may_read.wait()
        self.read.append(message.get("body", b""))

    def watch(self, frames: AsyncIterator[bytes]) -> asyncio.Task[None]:
        return asyncio.create_task(EventStream(frames)({"type": "http"}, connected, self))


async def test_a_slow_reader_gets_the_newest_and_delays_nobody() -> None:
    watch = Watch(at(0.0))
    slow, quick = Reader(), Reader()
    quick.may_read.set()
    tasks = [reader.watch(frames(watch, only_snapshot=False)) for reader in (slow, quick)]
    for number in range(1, 51):
        watch.tell(at(number / 100))
        await asyncio.sleep(0.001)
    while len(quick.read) < 20:
        await asyncio.sleep(0.001)
    assert slow.read == []

    slow.may_read.set()
    while not any(b'"fraction":0.5,' in frame for frame in slow.read):
        await asyncio.sleep(0.001)
    watch.end()
    await asyncio.gather(*tasks)

    assert len([frame for frame in slow.read if frame]) <= 3


async def test_one_that_never_reads_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STALL_S", 0.05)
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.01)
    reader = Reader()
    reader.may_read.set()
    task = reader.watch(frames(Watch(at(0.0)), only_snapshot=False))
    while not reader.read:
        await asyncio.sleep(0.001)
    reader.may_read.clear()

    async with asyncio.timeout(5):
        await task


async def test_the_kernel_ends_connections_that_take_nothing(server: Server) -> None:
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    [listening] = server.servers[0].sockets
    assert option is None or listening.getsockopt(socket.IPPROTO_TCP, option) == 60_000
