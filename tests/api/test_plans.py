"""Plans of imports that were not asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from tests.api.door import Door, eventually
from tests.api.scripted import Json
from workflows.contracts import PARSE_QUEUE, ItemCounts, Preview, Submission

MADE = Preview(
    items=ItemCounts(total=3, added=2, unchanged=1), files=2, bytes=2000, chunks=4, tokens=500, needs_approval=False
)


@activity.defn(name="preview_import")
async def preview(submission: Submission) -> Preview:
    if submission.name == "Wreck":
        raise ApplicationError("The export ends in the middle.", type="broken_library", non_retryable=True)
    return MADE


@pytest_asyncio.fixture
async def planners(crew: Client) -> AsyncIterator[None]:
    async with Worker(crew, task_queue=PARSE_QUEUE, activities=[preview]):
        yield


async def plan(door: Door, name: str) -> Json:
    source = {"kind": "zotero", "name": name, "manifest": await door.upload("cargo")}
    answer = await door.http.post(f"/v1/projects/{door.project}/plans", json={"source": source})
    assert answer.status_code == 202, answer.text
    assert answer.json()["state"] == "running"
    path = answer.headers["location"]

    async def ready() -> Json | None:
        found = await door.get(path, wait=5)
        return found if found["state"] != "running" else None

    return await eventually(ready, timedelta(seconds=30).total_seconds())


async def test_a_plan_is_told_once_it_is_ready_and_no_import_comes_of_it(door: Door, planners: None) -> None:
    found = await plan(door, "Shelf")
    assert (found["state"], found["preview"]) == ("ready", MADE.model_dump(mode="json"))
    assert (await door.get(f"/v1/projects/{door.project}/imports"))["imports"] == []


async def test_a_plan_that_cannot_be_made_says_why(door: Door, planners: None) -> None:
    found = await plan(door, "Wreck")
    assert found["state"] == "failed"
    assert found["failure"] == {"code": "broken_library", "message": "The export ends in the middle."}


async def test_a_plan_that_is_being_made_says_so(door: Door) -> None:
    source = {"kind": "git", "url": "https://example.org/harbour/cranes", "name": "Cranes"}
    made = await door.http.post(f"/v1/projects/{door.project}/plans", json={"source": source})
    assert (await door.get(made.headers["location"]))["state"] == "running"
    assert (await door.get(made.headers["location"], wait=0.2))["state"] == "running"


async def test_what_is_no_plan_or_cannot_be_planned_is_refused(door: Door) -> None:
    unknown = await door.http.get(f"/v1/projects/{door.project}/plans/{'0' * 32}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "plan_not_found")
    source = {"kind": "zotero", "name": "Shelf", "manifest": "0" * 64}
    refused = await door.http.post(f"/v1/projects/{door.project}/plans", json={"source": source})
    assert (refused.status_code, refused.json()["code"]) == (422, "manifest_missing")
