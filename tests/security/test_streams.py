"""Event streams: bounded for each caller, and over when their key is."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.problems import Problem
from api.security import streams
from api.security.principals import LOCAL, Principal
from api.security.streams import KeyEnded, Streams
from longshore.graph import api_keys
from tests.security.conftest import Gate


async def ticking(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"event: heartbeat\n\n", "more_body": True})
        await asyncio.sleep(0.01)


async def silence() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nothing sets it")


def scope_for(gate: Gate, caller: Principal) -> Scope:
    state = {"caller": caller}
    return {
        "type": "http",
        "method": "GET",
        "path": "/v1/events",
        "client": ("127.0.0.1", 1),
        "state": state,
        "app": gate.app,
    }


async def test_a_stream_ends_when_its_key_is_revoked(guarded: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHECK_S", 0.05)
    key = await guarded.key("read")
    key_id = api_keys.id_of(key) or ""
    heard: list[bytes] = []

    async def hear(message: Message) -> None:
        heard.append(message.get("body", b""))

    scope = scope_for(guarded, Principal(key_id, "test", "read", None))
    stream = asyncio.create_task(Streams(ticking)(scope, silence, hear))
    async with asyncio.timeout(10):
        while len(heard) < 20:
            await asyncio.sleep(0.01)
        async with guarded.pool.connection() as connection:
            await api_keys.revoke(connection, key_id)
        with pytest.raises(KeyEnded):
            await stream

    assert heard[-1] == b"event: auth_expired\ndata: {}\n\n"


async def test_a_caller_holds_so_many_streams_and_no_more(local: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 3)
    guard = Streams(ticking)
    heard = asyncio.Semaphore(0)

    async def hear(message: Message) -> None:
        if message["type"] == "http.response.start":
            heard.release()

    def watch() -> asyncio.Task[None]:
        return asyncio.create_task(guard(scope_for(local, LOCAL), silence, hear))

    held = [watch() for _ in range(3)]
    for _ in held:
        await heard.acquire()
    with pytest.raises(Problem) as refused:
        await watch()
    assert (refused.value.status, refused.value.code) == (429, "too_many_streams")

    held.pop().cancel()
    await asyncio.sleep(0)
    held.append(watch())
    async with asyncio.timeout(5):
        await heard.acquire()
    for task in held:
        task.cancel()
    await asyncio.gather(*held, return_exceptions=True)
