"""What is told after somebody took things into their own hands, or when Temporal has forgotten."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment

from api.imports import waiting
from longshore.graph import catalog, settling
from longshore.graph.db import Pool
from longshore.ids import workflow_id
from tests.api.door import Door, opened
from tests.api.scripted import (
    Json,
    ScriptedImport,
    crewed,
    progress_of,
    record_closed,
    record_opened,
    submission_of,
    tell,
)

Handle = WorkflowHandle[ScriptedImport, list[str]]


def handle_of(client: Client, begun: Json) -> Handle:
    return client.get_workflow_handle_for(ScriptedImport.run, workflow_id(begun["project"], begun["source"]["key"]))


async def test_a_follow_up_that_was_superseded_is_told_while_the_newer_one_runs(
    door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    second = (await door.submit("newer cargo", name)).json()["import"]
    await door.until(begun, lambda view: view["follow_up"] == second["id"])
    third = (await door.submit("newest cargo", name)).json()["import"]
    await door.until(begun, lambda view: view["follow_up"] == third["id"])
    await record_closed(door.pool, submission_of(door.project, begun["id"], name))
    await tell(crew, begun, "finish")
    await door.until(third, lambda view: view["state"] == "running")

    replaced = await door.view(second)

    assert (replaced["state"], replaced["reason"]["code"]) == ("cancelled", "superseded")
    assert (await door.view(begun))["state"] == "succeeded"


async def test_a_follow_up_whose_turn_never_came_says_so(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    second = (await door.submit("newer cargo", name)).json()["import"]
    await door.until(begun, lambda view: view["follow_up"] == second["id"])
    await handle_of(crew, begun).terminate()

    left = await door.view(second)

    assert (left["state"], left["reason"]["code"]) == ("cancelled", "never_begun")
    assert begun["id"] in left["reason"]["message"]
    assert left["closed_at"]


async def test_a_workflow_cancelled_from_outside_is_over(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    await record_opened(door.pool, submission_of(door.project, begun["id"], name))
    await door.until(begun, lambda view: view["state"] == "running")
    await handle_of(crew, begun).cancel()

    view = await door.until(begun, lambda view: view["state"] != "running")

    assert (view["state"], view["reason"]["code"]) == ("failed", "cancelled_from_outside")


async def test_a_run_that_was_reset_is_under_way_again_whatever_its_record_says(
    door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    await door.until(begun, lambda view: view["state"] == "running")
    await record_closed(door.pool, submission_of(door.project, begun["id"], name))
    await tell(crew, begun, "finish")
    await door.until(begun, lambda view: view["state"] == "succeeded")
    await crew.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=crew.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle_of(crew, begun).id),
            reason="an operator wants it",
            workflow_task_finish_event_id=4,
            request_id="reset",
            reset_reapply_exclude_types=[1],  # type: ignore[list-item]
        )
    )

    view = await door.until(begun, lambda view: view["state"] == "running")

    assert view["fraction"] < 1
    assert view["closed_at"] is None


async def test_what_temporal_has_forgotten_the_store_remembers(door: Door, name: str) -> None:
    closed, lost = (submission_of(door.project, f"zotero.forgotten.00000000000{n}", name) for n in (1, 2))
    await record_closed(door.pool, closed, "partially_succeeded", failed=1)
    await record_opened(door.pool, lost)

    remembered = await door.get(f"/v1/projects/{door.project}/imports/{closed.import_id}")
    without = await door.get(f"/v1/projects/{door.project}/imports/{lost.import_id}")

    assert (remembered["state"], remembered["items"]["failed"]) == ("partially_succeeded", 1)
    assert (without["state"], without["reason"]["code"]) == ("failed", "no_closing_record")
    async with door.pool.connection() as connection:
        await settling.note_loss(connection, datetime.now(UTC))
    known_as_lost = await door.get(f"/v1/projects/{door.project}/imports/{lost.import_id}")
    assert (known_as_lost["state"], known_as_lost["reason"]["code"]) == ("waiting", "engine_lost")


async def test_how_a_terminated_import_ended_is_written_down_before_temporal_forgets(
    door: Door, crew: Client, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = await door.begin(name)
    await door.until(begun, lambda view: view["state"] == "running")
    await record_opened(door.pool, submission_of(door.project, begun["id"], name))
    async with door.pool.connection() as connection:
        await connection.execute(
            "insert into import_items (project, import_id, ordinal, item_key, title, change, state) "
            "select %s, %s, n, 'k' || n, 't', 'added', case when n < 2 then 'done' else 'pending' end "
            "from generate_series(0, 4) n",
            (door.project, begun["id"]),
        )
    await handle_of(crew, begun).terminate()
    await door.until(begun, lambda view: view["state"] == "failed")
    async with door.pool.connection() as connection:
        before = await catalog.find_import(connection, door.project, begun["id"])
    monkeypatch.setattr(settling, "LAST_STEPS", timedelta())

    told = await door.view(begun)
    again = await door.view(begun)

    assert before is not None
    assert before.record is None
    async with door.pool.connection() as connection:
        row = await catalog.find_import(connection, door.project, begun["id"])
    assert row is not None
    assert (row.outcome, again["state"], again["reason"]["code"]) == ("failed", "failed", "terminated")
    assert again["closed_at"] == told["closed_at"]
    assert (again["items"]["total"], again["items"]["added"], again["items"]["skipped"]) == (5, 2, 3)


async def test_the_absence_of_every_worker_is_told_with_when_the_last_was_heard_of(
    unattended: WorkflowEnvironment,
    quay_url: str,
    quay_pool: Pool,
    tmp_path: Path,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "_ABSENT", timedelta(seconds=1.5))
    address = unattended.client.service_client.config.target_host
    runtime = Runtime(telemetry=TelemetryConfig(), worker_heartbeat_interval=timedelta(seconds=1))
    beating = await Client.connect(address, runtime=runtime, data_converter=unattended.client.data_converter)
    async with opened(quay_url, address, tmp_path, quay_pool) as door:
        async with crewed(beating):
            begun = await door.begin(name)
            await tell(unattended.client, begun, "show", progress_of(begun["id"], fraction=0.55))
            with_worker = await door.until(begun, lambda view: view["fraction"] == 0.55)
            await asyncio.sleep(1.2)
        gone_at = datetime.now(UTC)
        alone = await door.until(begun, lambda view: bool(view["reason"] and view["reason"]["code"] == "no_worker"))
        status = await door.get("/v1/system/status")
        again = await door.view(begun)

    assert (with_worker["live"], with_worker["state"]) == (True, "running")
    assert (alone["live"], alone["state"], alone["fraction"]) == (False, "waiting", 0.55)
    seen_at = datetime.fromisoformat(alone["worker_seen_at"])
    assert gone_at - timedelta(seconds=3) <= seen_at <= gone_at + timedelta(seconds=1)
    assert f"{seen_at:%H:%M:%S} UTC" in alone["reason"]["message"]
    assert again == alone
    queue = next(worker for worker in status["workers"] if worker["queue"] == "imports")
    assert queue["last_seen_s"] > 1
