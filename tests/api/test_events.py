"""Server-sent events, over a real connection."""

from __future__ import annotations

import asyncio
import hashlib
from urllib.parse import urlsplit

import httpx2
import pytest
from temporalio.client import Client

from api.__main__ import Server
from api.imports import events
from api.imports.schemas import Import, Links, Source
from longshore.ids import workflow_id
from tests.api.door import Door
from tests.api.scripted import progress_of, record_closed, submission_of, tell
from tests.api.streaming import address, watching
from workflows.contracts import ItemCounts, StageProgress


async def test_a_watcher_sees_the_snapshot_each_change_and_the_end(
    server: Server, door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    async with asyncio.timeout(15), watching(server, begun["links"]["events"]) as frames:
        first = await anext(frames)
        await tell(crew, begun, "show", progress_of(begun["id"], fraction=0.6))
        second = await anext(frames)
        while second.data["fraction"] != 0.6:
            second = await anext(frames)
        await record_closed(door.pool, submission_of(door.project, begun["id"], name))
        await tell(crew, begun, "finish")
        rest = [frame async for frame in frames]

    assert (first.event, first.data["id"]) == ("snapshot", begun["id"])
    assert 2000 <= int(first.retry or 0) <= 4000
    assert (second.event, second.data["live"]) == ("progress", True)
    assert first.id != second.id
    assert [frame.event for frame in rest][-1] == "done"
    assert [frame.event for frame in rest].count("done") == 1
    assert rest[-1].data["state"] == "succeeded"
    assert rest[-1].data["fraction"] == 1.0


async def test_a_closed_import_is_told_at_once(server: Server, door: Door, name: str) -> None:
    await record_closed(door.pool, submission_of(door.project, "zotero.ashore.000000000001", name))
    link = f"/v1/projects/{door.project}/imports/zotero.ashore.000000000001/events"

    async with asyncio.timeout(10), watching(server, link) as frames:
        told = [frame async for frame in frames]
    async with httpx2.AsyncClient(base_url=address(server)) as http:
        again = await http.get(link, headers={"Last-Event-ID": told[-1].id or ""})

    assert [frame.event for frame in told] == ["snapshot", "done"]
    assert (again.status_code, again.content) == (204, b"")


async def test_who_comes_back_to_a_running_import_is_told_where_it_stands(
    server: Server, door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    async with httpx2.AsyncClient(base_url=address(server)) as http:
        answers = [
            await http.get(begun["links"]["events"], params={"until": "snapshot"}, headers={"Last-Event-ID": last})
            for last in ("", "0", "never given")
        ]

    assert [answer.text.count("event: snapshot") for answer in answers] == [1, 1, 1]
    assert all("event: done" not in answer.text for answer in answers)


async def test_quiet_is_broken_by_heartbeats(
    server: Server, door: Door, crew: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.1)
    begun = await door.begin(name)
    async with asyncio.timeout(10), watching(server, begun["links"]["events"]) as frames:
        while (frame := await anext(frames)).event != "heartbeat":
            pass

    assert frame.data["server_time"]


async def test_all_watchers_share_one_look_at_the_engine(server: Server, door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    hub: events.Hub = server.config.app.state.services.hub  # type: ignore[union-attr]
    async with (
        asyncio.timeout(10),
        watching(server, begun["links"]["events"]) as first,
        watching(server, begun["links"]["events"]) as second,
    ):
        await anext(first)
        await anext(second)
        assert hub.polls == 1


async def test_an_unknown_import_is_a_problem_not_a_stream(server: Server) -> None:
    async with httpx2.AsyncClient(base_url=address(server)) as http:
        answer = await http.get("/v1/projects/harbour/imports/zotero.none.000000000000/events")

    assert answer.status_code == 404
    assert answer.json()["code"] == "import_not_found"


async def test_a_server_that_stops_ends_its_streams(server: Server, door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    async with asyncio.timeout(4), watching(server, begun["links"]["events"]) as frames:
        await anext(frames)
        server.should_exit = True
        rest = [frame.event async for frame in frames]

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


def test_no_number_goes_back_when_the_worker_is_gone() -> None:
    answered = running(live=True, fraction=0.4, written=128)
    remembered = running(live=False, fraction=0.3, written=112)

    told = events.forward(answered, remembered)

    assert (told.fraction, told.stages[0].done, told.items.added, told.live) == (0.4, 128, 128, False)


def running(*, live: bool, fraction: float, written: int) -> Import:
    return Import(
        project="harbour",
        id="files.notes.000000000001",
        source=Source(key="files.notes", kind="files", name="Notes"),
        state="running",
        live=live,
        fraction=fraction,
        stages=(StageProgress(name="write", state="running", unit="items", done=written, total=300),),
        items=ItemCounts(total=300, added=written),
        links=Links(self="/", items="/", events="/", temporal_ui=None),
    )
