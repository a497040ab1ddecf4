"""The list of imports, as a stream and page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest
from temporalio.client import Client

from api.__main__ import Server
from longshore.graph.db import Pool
from tests.api.door import Door, eventually
from tests.api.scripted import Json, progress_of, record_closed, submission_of, tell
from tests.api.streaming import Frame, address, watching


def events_of(project: str) -> str:
    return f"/v1/projects/{project}/events"


async def until(frames: AsyncIterator[Frame], import_id: str, **holds: object) -> Json:
    """The import once it is told as such, by a snapshot or by a frame of its own."""
    async for frame in frames:
        views = frame.data["imports"] if frame.event == "snapshot" else [frame.data]
        for view in views:
            if view.get("id") == import_id and all(view[field] == value for field, value in holds.items()):
                found: Json = view
                return found
    raise AssertionError("the stream ended")


async def test_a_project_is_watched_from_the_first_import_to_its_end(
    server: Server, door: Door, crew: Client, name: str
) -> None:
    async with asyncio.timeout(20), watching(server, events_of(door.project)) as frames:
        first = await anext(frames)
        begun = await door.begin(name)
        await until(frames, begun["id"])
        await tell(crew, begun, "show", progress_of(begun["id"], fraction=0.7))
        await until(frames, begun["id"], fraction=0.7)
        await record_closed(door.pool, submission_of(door.project, begun["id"], name))
        await tell(crew, begun, "finish")
        closed = await until(frames, begun["id"], state="succeeded")

    assert (first.event, first.data["imports"]) == ("snapshot", [])
    assert int(first.retry or 0) >= 2000
    assert closed["fraction"] == 1.0


async def test_a_project_is_not_told_of_others_and_all_are_told_of_everything(
    server: Server, door: Door, crew: Client, name: str
) -> None:
    elsewhere = replace(door, project=f"{door.project}-elsewhere")
    async with (
        asyncio.timeout(20),
        watching(server, events_of(door.project)) as own,
        watching(server, "/v1/events") as everything,
    ):
        await anext(own)
        await anext(everything)
        other = await elsewhere.begin(f"Other {name}")
        await until(everything, other["id"], project=elsewhere.project)
        begun = await door.begin(name)
        frame = await anext(own)

    assert (frame.event, frame.data["id"]) == ("import", begun["id"])


async def test_a_list_can_be_read_once_and_ends_with_the_server(server: Server, door: Door, name: str) -> None:
    await record_closed(door.pool, submission_of(door.project, "zotero.board.000000000001", name))
    async with httpx2.AsyncClient(base_url=address(server)) as http:
        answer = await http.get(events_of(door.project), params={"until": "snapshot"})
    async with asyncio.timeout(10), watching(server, events_of(door.project)) as frames:
        await anext(frames)
        server.should_exit = True
        rest = [frame.event async for frame in frames]

    assert answer.text.count("event: ") == 1
    assert "zotero.board.000000000001" in answer.text
    assert set(rest) <= {"import"}


async def test_what_was_deleted_with_its_project_leaves_the_list(
    server: Server, door: Door, crew: Client, name: str
) -> None:
    deleted = "zotero.deleted.000000000001"
    await record_closed(door.pool, submission_of(door.project, deleted, name))
    async with asyncio.timeout(15), watching(server, events_of(door.project)) as frames:
        before = await anext(frames)
        begun = await door.begin(name)
        await until(frames, begun["id"])
        async with door.pool.connection() as connection:
            await connection.execute("delete from projects where project = %s", (door.project,))
        while (frame := await anext(frames)).event != "snapshot":
            pass

    assert [view["id"] for view in before.data["imports"]] == [deleted]
    assert [view["id"] for view in frame.data["imports"]] == [begun["id"]]


async def test_pages_lose_and_repeat_none(door: Door, crew: Client, name: str) -> None:
    begun = [await door.begin(f"{name} {number}") for number in range(3)]
    closed = [f"zotero.paged.00000000000{number}" for number in range(4)]
    for import_id in closed:
        await record_closed(door.pool, submission_of(door.project, import_id, name))
    path = f"/v1/projects/{door.project}/imports"

    async def all_there() -> Json | None:
        page = await door.get(path)
        return page if len(page["imports"]) == 7 else None

    await eventually(all_there)
    for size in (1, 2, 3, 4, 7, 100):
        found, token = [], None
        while True:
            page = await door.get(path, page_size=size, **({"page_token": token} if token else {}))
            assert len(page["imports"]) <= size
            found += [view["id"] for view in page["imports"]]
            token = page["next_page_token"]
            if token is None:
                break
        assert found == [view["id"] for view in reversed(begun)] + list(reversed(closed))


async def test_a_list_is_filtered_by_kind_and_state(door: Door, quay_pool: Pool, name: str) -> None:
    for number, (kind, state) in enumerate([("zotero", "failed"), ("zotero", "succeeded"), ("files", "failed")]):
        import_id = f"{kind}.{kind}-sorted.00000000000{number}"
        await record_closed(quay_pool, submission_of(door.project, import_id, name, kind=kind), state)  # type: ignore[arg-type]
    path = f"/v1/projects/{door.project}/imports"

    chosen = await door.get(path, kind="zotero", state="failed")

    assert [view["id"] for view in chosen["imports"]] == ["zotero.zotero-sorted.000000000000"]


@pytest.mark.parametrize("token", ["afloat", "W10", "WyJvcGVuIiwieCIsImEiLCJiIl0", "bnVsbA", "WyJzaHV0IiwyLDMsNF0"])
async def test_a_token_of_someone_else_is_refused(door: Door, token: str) -> None:
    problem = await door.get("/v1/imports", status=422, page_token=token)

    assert problem["code"] == "invalid_page_token"
