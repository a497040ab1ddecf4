"""Server-sent events, over a real connection."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio
from temporalio.client import Client

from api.__main__ import Server
from api.app import create_app
from api.imports import events
from longshore.ids import workflow_id
from tests.api.conftest import Door, Json, progress_of, record_closed, submission_of, tell

Frame = tuple[str, Json]


@pytest_asyncio.fixture
async def server(door: Door) -> AsyncIterator[Server]:
    running = Server(create_app(door.settings), door.settings)
    serving = asyncio.create_task(running.serve())
    async with asyncio.timeout(10):
        while not running.started:
            await asyncio.sleep(0.02)
    yield running
    running.should_exit = True
    async with asyncio.timeout(4):
        await serving


def address(server: Server) -> str:
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"


@asynccontextmanager
async def watching(server: Server, begun: Json) -> AsyncIterator[AsyncIterator[Frame]]:
    async with (
        httpx2.AsyncClient(base_url=address(server), timeout=15) as http,
        http.stream("GET", begun["links"]["events"]) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield _frames(answer)


async def _frames(answer: httpx2.Response) -> AsyncIterator[Frame]:
    event = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield event, json.loads(line.removeprefix("data: "))


async def test_a_watcher_sees_the_snapshot_each_change_and_the_end(
    server: Server, door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    async with asyncio.timeout(15), watching(server, begun) as frames:
        first, snapshot = await anext(frames)
        await tell(crew, begun, "show", progress_of(begun["id"], fraction=0.6))
        second, progress = await anext(frames)
        while progress["fraction"] != 0.6:
            second, progress = await anext(frames)
        await record_closed(door.pool, submission_of(door.project, begun["id"], name))
        await tell(crew, begun, "finish")
        rest = [frame async for frame in frames]

    assert (first, snapshot["id"]) == ("snapshot", begun["id"])
    assert (second, progress["live"]) == ("progress", True)
    assert [event for event, _ in rest][-1] == "done"
    assert [event for event, _ in rest].count("done") == 1
    assert rest[-1][1]["state"] == "succeeded"
    assert rest[-1][1]["fraction"] == 1.0


async def test_a_closed_import_is_told_at_once(server: Server, door: Door, name: str) -> None:
    await record_closed(door.pool, submission_of(door.project, "zotero.ashore.000000000001", name))
    link = f"/v1/projects/{door.project}/imports/zotero.ashore.000000000001/events"

    async with asyncio.timeout(10), watching(server, {"links": {"events": link}}) as frames:
        told = [frame async for frame in frames]

    assert [event for event, _ in told] == ["snapshot", "done"]


async def test_quiet_is_broken_by_heartbeats(
    server: Server, door: Door, crew: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.1)
    begun = await door.begin(name)
    async with asyncio.timeout(10), watching(server, begun) as frames:
        while (frame := await anext(frames))[0] != "heartbeat":
            pass

    assert frame[1]["server_time"]


async def test_all_watchers_share_one_look_at_the_engine(server: Server, door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    hub: events.Hub = server.config.app.state.services.hub  # type: ignore[union-attr]
    async with (
        asyncio.timeout(10),
        watching(server, begun) as first,
        watching(server, begun) as second,
    ):
        await anext(first)
        await anext(second)
        assert len(hub._polls) == 1


async def test_an_unknown_import_is_a_problem_not_a_stream(server: Server) -> None:
    async with httpx2.AsyncClient(base_url=address(server)) as http:
        answer = await http.get("/v1/projects/harbour/imports/zotero.none.000000000000/events")

    assert answer.status_code == 404
    assert answer.json()["code"] == "import_not_found"


async def test_a_server_that_stops_ends_its_streams(server: Server, door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    async with asyncio.timeout(4), watching(server, begun) as frames:
        await anext(frames)
        server.should_exit = True
        rest = [event async for event, _ in frames]

    assert "done" not in rest
    handle = crew.get_workflow_handle(workflow_id(door.project, begun["source"]["key"]))
    assert (await handle.describe()).close_time is None


async def test_half_an_upload_leaves_nothing(server: Server, door: Door) -> None:
    sha256 = hashlib.sha256(b"whole").hexdigest()
    _, writer = await asyncio.open_connection(*urlsplit(address(server)).netloc.split(":"))
    head = f"PUT /v1/projects/{door.project}/blobs/{sha256} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
    writer.write(head.encode() + b"wh")
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    answer = await door.http.post(f"/v1/projects/{door.project}/blobs:missing", json={"sha256": [sha256]})

    assert answer.json()["missing"] == [sha256]
