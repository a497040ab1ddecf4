"""Comparisons through the API: the engine, the store and the measures are real, imports are short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.comparing import ComparingActivities
from activities.deletion import DeletionActivities
from longshore.blobs import BlobStore
from longshore.embedding.choosing import Embedders
from longshore.embedding.static import StaticEmbedder
from longshore.extraction.concepts import CValueExtractor
from longshore.graph.db import Pool
from tests.api.cargo import bring_in, entry
from tests.api.door import Door, eventually, opened
from tests.api.scripted import Json, record_closed, submission_of
from tests.workflows.yard import QuickImport
from workflows.contracts import GRAPH_QUEUE, TERMINAL, WORKFLOW_QUEUE, State, Submission
from workflows.deletion import DeleteProjectWorkflow
from workflows.variants import PromoteWorkflow, VariantsWorkflow

SHELF = [
    entry("A", "Cranes of the old harbour", abstract="Cranes lift what the ship has brought to the harbour at night."),
    entry("B", "Sourdough baking at home", abstract="Wild yeast makes the sourdough rise slowly in a warm kitchen."),
    entry("C", "항만 크레인의 하역 작업 기록", abstract="항만 크레인은 배에서 컨테이너를 들어 올린다."),
]
GIVEN = '{"question": "what lifts at night", "document": "Cranes of the old harbour"}\n'


class Crew:
    """Imports what the test says. Variants are named by their numbers."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.broken: set[str] = set()
        """Cannot be imported."""
        self.held: set[str] = set()
        """Are being imported until they are let go, or cancelled."""

    @activity.defn(name="bring_in")
    async def bring_in(self, submission: Submission) -> State:
        variant = submission.project.rpartition("-")[2]
        if variant in self.broken:
            return "failed"
        while variant in self.held:
            activity.heartbeat()
            await asyncio.sleep(0.02)
        await bring_in(self.pool, submission.project, SHELF, submission.source_key)
        return "succeeded"


@pytest.fixture(scope="module")
def crews() -> list[Crew]:
    return []


@pytest_asyncio.fixture
async def manned(
    quay_url: str, quay_pool: Pool, unattended: WorkflowEnvironment, tmp_path: Path, crews: list[Crew]
) -> AsyncIterator[Door]:
    crew = Crew(quay_pool)
    crews[:] = [crew]
    blobs = BlobStore(str(tmp_path / "blobs"))
    comparing = ComparingActivities(quay_pool, blobs, CValueExtractor(), Embedders(StaticEmbedder()))
    deletion = DeletionActivities(quay_pool, blobs)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            Worker(
                unattended.client,
                task_queue=WORKFLOW_QUEUE,
                workflows=[VariantsWorkflow, PromoteWorkflow, DeleteProjectWorkflow, QuickImport],
                workflow_runner=UnsandboxedWorkflowRunner(),
            )
        )
        await stack.enter_async_context(
            Worker(
                unattended.client,
                task_queue=GRAPH_QUEUE,
                activities=[
                    crew.bring_in,
                    comparing.open_comparison,
                    comparing.open_space,
                    comparing.draw_questions,
                    comparing.measure_retrieval,
                    comparing.measure_structure,
                    comparing.measure_cost,
                    comparing.close_comparison,
                    comparing.promote_variant,
                    deletion.begin_deletion,
                    deletion.count_open_imports,
                    deletion.delete_rows,
                    deletion.delete_blobs,
                ],
                max_heartbeat_throttle_interval=timedelta(seconds=0.2),
            )
        )
        address = unattended.client.service_client.config.target_host
        yield await stack.enter_async_context(opened(quay_url, address, tmp_path, quay_pool))


async def request(door: Door, *variants: Json, **more: object) -> Json:
    source = {"kind": "zotero", "name": "Logbook", "manifest": await door.upload("cargo")}
    return {"source": source, "variants": list(variants), **more}


async def until_closed(door: Door, path: str) -> Json:
    async def look() -> Json | None:
        view = await door.get(path)
        return view if view["state"] in TERMINAL else None

    return await eventually(look, 40)


async def test_comparison_is_run_shown_retried_promoted_and_dropped(manned: Door, crews: list[Crew]) -> None:
    door = manned
    path = f"/v1/projects/{door.project}/comparisons"
    crews[0].broken = {"1"}
    given = await door.put(GIVEN.encode())
    body = await request(door, {"name": "usual"}, {"name": "short", "passage": 400}, questions={"given": given})
    started = await door.http.post(path, json=body)
    assert started.status_code == 202, started.text
    location = started.headers["location"]

    closed = await until_closed(door, location)
    assert (closed["state"], closed["fraction"], closed["live"]) == ("partially_succeeded", 1, True)
    usual, short = closed["variants"]
    assert (usual["state"], short["state"]) == ("succeeded", "failed")
    assert (short["settings"]["passage"], short["steps"][0]["reason"]["code"]) == (400, "import_failed")
    asked = {(group["kind"], group["language"]): group for group in usual["measures"]["retrieval"]["groups"]}
    assert asked.keys() >= {("given", "en"), ("title", "en"), ("title", "ko")}
    assert asked["given", "en"]["measures"]["recall_10"] == {"value": 1, "low": 1, "high": 1}
    assert usual["measures"]["structure"]["documents"] == 3
    assert usual["measures"]["cost"]["chunks"] == 3

    assert [entry["id"] for entry in (await door.get(path))["comparisons"]] == [closed["id"]]
    assert (await door.get("/v1/imports", project=door.project))["imports"] == []
    assert door.project in [project["project"] for project in (await door.get("/v1/projects"))["projects"]]
    assert not any("~" in project["project"] for project in (await door.get("/v1/projects"))["projects"])

    refused = await door.http.post(f"{location}:promote", json={"variant": "short"})
    assert (refused.status_code, refused.json()["code"]) == (409, "promotion_refused")
    assert "another one has been promoted. `longshore compare show`" in refused.json()["detail"]
    crews[0].broken = set()
    retried = await door.http.post(f"{location}:retry", json={"variant": "short"})
    assert retried.status_code == 202, retried.text
    closed = await until_closed(door, location)
    assert [variant["state"] for variant in closed["variants"]] == ["succeeded", "succeeded"]
    assert [step["attempt"] for step in closed["variants"][0]["steps"]] == [1, 1, 1, 1]

    promoted = await door.http.post(f"{location}:promote", json={"variant": "short"})
    assert (promoted.status_code, promoted.json()["promoted"]) == (200, "short")
    found = await door.get(f"/v1/projects/{door.project}/search", q="wild yeast")
    assert found["results"][0]["title"] == "Sourdough baking at home"

    assert (await door.http.delete(location)).status_code == 204
    assert (await door.http.get(location)).json()["code"] == "comparison_not_found"

    async def gone() -> Json | None:
        beside = (f"{door.project}~",)
        async with door.pool.connection() as connection:
            cursor = await connection.execute("select from projects where starts_with(project, %s)", beside)
            return None if await cursor.fetchone() else {"gone": True}

    await eventually(gone)
    found = await door.get(f"/v1/projects/{door.project}/search", q="wild yeast")
    assert found["results"][0]["title"] == "Sourdough baking at home"


async def held_at_second(door: Door, crew: Crew, **more: object) -> str:
    """Where the comparison is to be found: its first variant is done, its second one is being imported."""
    crew.held = {"1"}
    body = await request(door, {"name": "done"}, {"name": "held"}, **more)
    location: str = (await door.http.post(f"/v1/projects/{door.project}/comparisons", json=body)).headers["location"]
    await until(door, location, ["succeeded", "running"])
    return location


async def until(door: Door, location: str, states: list[str], **more: object) -> Json:
    async def look() -> Json | None:
        view = await door.get(location)
        found = [variant["state"] for variant in view["variants"]]
        return view if found == states and all(view[name] == value for name, value in more.items()) else None

    return await eventually(look, 40)


def steps_of(view: Json, variant: int, what: str) -> list[object]:
    return [step[what] for step in view["variants"][variant]["steps"]]


async def test_paused_comparison_begins_no_step_until_it_is_resumed(manned: Door, crews: list[Crew]) -> None:
    location = await held_at_second(manned, crews[0])
    paused = await manned.http.post(f"{location}:pause")
    assert (paused.status_code, paused.json()["state"]) == (202, "paused")
    crews[0].held = set()

    async def imported() -> Json | None:
        view = await manned.get(location)
        return view if steps_of(view, 1, "state")[0] == "done" else None

    view = await eventually(imported)
    assert (view["state"], steps_of(view, 1, "state")[1:]) == ("paused", ["pending"] * 3)
    resumed = await manned.http.post(f"{location}:resume")
    assert (resumed.status_code, resumed.json()["state"]) == (202, "running")
    assert (await until_closed(manned, location))["state"] == "succeeded"


async def test_cancelled_comparison_keeps_what_was_done(manned: Door, crews: list[Crew]) -> None:
    location = await held_at_second(manned, crews[0])
    assert (await manned.http.post(f"{location}:cancel")).status_code == 202
    closed = await until_closed(manned, location)
    assert closed["state"] == "partially_succeeded"
    assert [variant["state"] for variant in closed["variants"]] == ["succeeded", "cancelled"]
    promoted = await manned.http.post(f"{location}:promote", json={"variant": "done"})
    assert (promoted.status_code, promoted.json()["promoted"]) == (200, "done")


async def test_step_that_is_late_fails_its_variant(manned: Door, crews: list[Crew]) -> None:
    crews[0].held = {"0"}
    body = await request(manned, {"name": "held"}, step_deadline_s=1)
    started = await manned.http.post(f"/v1/projects/{manned.project}/comparisons", json=body)
    closed = await until_closed(manned, started.headers["location"])
    assert (closed["state"], closed["variants"][0]["steps"][0]["reason"]["code"]) == ("failed", "deadline")


async def test_comparison_that_was_ended_from_outside_is_taken_up_where_it_stood(
    manned: Door, crews: list[Crew], unattended: WorkflowEnvironment
) -> None:
    location = await held_at_second(manned, crews[0])
    run = unattended.client.get_workflow_handle(f"comparison/{manned.project}/{location.rpartition('/')[2]}")
    await run.terminate("by an operator")
    lost = await until(manned, location, ["succeeded", "failed"], state="failed")
    assert (steps_of(lost, 1, "state")[0], lost["variants"][1]["steps"][0]["reason"]["code"]) == (
        "failed",
        "terminated",
    )
    assert (await manned.http.post(f"{location}:cancel")).json()["code"] == "state_conflict"
    crews[0].held = set()

    async def taken_up() -> Json | None:
        """The import that was cancelled with it ends a little later."""
        await manned.http.post(f"{location}:retry", json={"variant": "held"})
        closed = await until_closed(manned, location)
        return closed if closed["state"] == "succeeded" else None

    closed = await eventually(taken_up, 40)
    assert steps_of(closed, 0, "attempt") == [1, 1, 1, 1]
    assert steps_of(closed, 1, "state") == ["done"] * 4


async def test_what_does_not_apply_is_refused(manned: Door) -> None:
    door = manned
    path = f"/v1/projects/{door.project}/comparisons"
    for body, code in (
        (await request(door, {"name": "a"}, {"name": "a"}), "invalid_request"),
        (await request(door), "invalid_request"),
        (await request(door, {"name": "a", "passage": 1}), "invalid_request"),
        (await request(door, {"name": "a", "colour": 1}), "invalid_request"),
        (await request(door, {"name": "a"}, questions={"given": "0" * 64}), "blob_missing"),
    ):
        answer = await door.http.post(path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await door.http.get(f"{path}/c0")).status_code == 404
    assert (await door.http.get(path)).json()["code"] == "project_not_found"
    location = (await door.http.post(path, json=await request(door, {"name": "a"}))).headers["location"]
    await until_closed(door, location)
    for action, payload in (("pause", None), ("cancel", None), ("resume", None)):
        answer = await door.http.post(f"{location}:{action}", json=payload)
        assert (answer.status_code, answer.json()["code"]) == (409, "state_conflict")
    answer = await door.http.post(f"{location}:retry", json={"variant": "b"})
    assert (answer.status_code, answer.json()["code"]) == (404, "variant_not_found")


async def test_source_of_the_project_is_compared_as_its_newest_import_read_it(manned: Door) -> None:
    door = manned
    path = f"/v1/projects/{door.project}/comparisons"
    manifest = await door.upload("cargo")
    await record_closed(door.pool, submission_of(door.project, "zotero.shelf.1", "Shelf", manifest=manifest))
    await record_closed(door.pool, submission_of(door.project, "zotero.gone.1", "Gone"))
    body: Json = {"source": {"kind": "known", "key": "zotero.shelf"}, "variants": [{"name": "usual"}, {"name": "b"}]}
    started = await door.http.post(path, json=body)
    assert (started.status_code, started.json()["source"], started.json()["name"]) == (202, "zotero.shelf", "Shelf")
    closed = await until_closed(door, started.headers["location"])
    assert [variant["state"] for variant in closed["variants"]] == ["succeeded", "succeeded"]
    for key, status, code in (("zotero.none", 404, "source_not_found"), ("zotero.gone", 422, "manifest_missing")):
        refused = await door.http.post(path, json={**body, "source": {"kind": "known", "key": key}})
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    for part in ("embedder", "extractor"):
        refused = await door.http.post(path, json={**body, "variants": [{"name": "a"}, {"name": "b", part: "nobody"}]})
        assert (refused.status_code, refused.json()["code"]) == (422, f"{part}_unknown")
        assert [error["pointer"] for error in refused.json()["errors"]] == [f"/body/variants/1/{part}"]


async def test_without_an_engine_no_comparison_is_taken(door_without_temporal: Door) -> None:
    lone = door_without_temporal
    body = await request(lone, {"name": "usual"})
    answer = await lone.http.post(f"/v1/projects/{lone.project}/comparisons", json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "orchestrator_unavailable")
