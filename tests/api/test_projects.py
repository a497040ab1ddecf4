"""Projects: listed, named, deleted."""

from __future__ import annotations

from temporalio.client import Client, WorkflowExecutionStatus

from tests.api.cargo import bring_in, entry
from tests.api.door import Door, eventually
from tests.api.scripted import Json


async def test_a_project_is_listed_with_what_it_holds(door: Door, crew: Client, name: str) -> None:
    await bring_in(door.pool, door.project, [entry("a", "On Tides"), entry("b", "On Winds")])
    await door.begin(name)

    async def running() -> Json | None:
        found = await door.get(f"/v1/projects/{door.project}")
        return found if found["running"] else None

    shown = await eventually(running)
    listed = await door.get("/v1/projects")

    assert (shown["project"], shown["name"], shown["deleting"]) == (door.project, door.project, False)
    assert (shown["documents"], shown["sources"], shown["running"]) == (2, 1, 1)
    assert door.project in [project["project"] for project in listed["projects"]]


async def test_a_name_changes_and_the_key_stays(door: Door) -> None:
    await bring_in(door.pool, door.project, [entry("a", "On Tides")])
    path = f"/v1/projects/{door.project}"

    answer = await door.http.patch(path, json={"name": "  부산항 도서관 "})
    refused = [await door.http.patch(path, json={"name": wrong}) for wrong in ("", "  ", "a\x00b", "a" * 201)]

    assert answer.json()["name"] == "부산항 도서관"
    assert (await door.get(path))["name"] == "부산항 도서관"
    assert [answer.status_code for answer in refused] == [422] * 4


async def test_what_is_not_there_cannot_be_named_or_deleted(door: Door) -> None:
    path = "/v1/projects/never-seen"
    answers = [
        await door.http.get(path),
        await door.http.patch(path, json={"name": "x"}),
        await door.http.delete(path),
        await door.http.delete(path, params={"dry_run": True}),
    ]

    assert [answer.json()["code"] for answer in answers] == ["project_not_found"] * 4


async def test_a_project_is_deleted_once_it_was_told_what_that_means(door: Door, crew: Client, name: str) -> None:
    await bring_in(door.pool, door.project, [entry("a", "On Tides")])
    await door.put(b"of a file")
    path = f"/v1/projects/{door.project}"

    would = await door.http.delete(path, params={"dry_run": True})
    unchanged = await door.get(path)
    answer = await door.http.delete(path)
    again = await door.http.delete(path)

    assert would.json() == {"documents": 1, "items": 1, "blobs": 1, "bytes": 9}
    assert unchanged["deleting"] is False
    for accepted in (answer, again):
        assert accepted.status_code == 202
        assert accepted.json()["deleting"] is True
        assert accepted.headers["location"] == path
    handle = crew.get_workflow_handle(f"delete/{door.project}")
    assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING
    await handle.signal("finish")


async def test_nothing_is_taken_for_a_project_that_is_being_deleted(door: Door, name: str) -> None:
    await bring_in(door.pool, door.project, [entry("a", "On Tides")])
    async with door.pool.connection() as connection:
        await connection.execute("update projects set deleting_at = now() where project = %s", (door.project,))

    answer = await door.submit("cargo", name)

    assert (answer.status_code, answer.json()["code"]) == (409, "project_deleting")
    assert (await door.get(f"/v1/projects/{door.project}"))["deleting"] is True


async def test_without_temporal_projects_are_still_listed(door_without_temporal: Door) -> None:
    door = door_without_temporal
    await bring_in(door.pool, door.project, [entry("a", "On Tides")])

    shown = await door.get(f"/v1/projects/{door.project}")
    answer = await door.http.delete(f"/v1/projects/{door.project}")

    assert (shown["documents"], shown["running"]) == (1, 0)
    assert (answer.status_code, answer.json()["code"]) == (503, "orchestrator_unavailable")
