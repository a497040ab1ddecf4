"""Where an import stands, told by whoever knows: the workflow, its memo, Temporal, the store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from longshore.graph.db import Pool
from longshore.ids import workflow_id
from tests.api.door import Door, eventually, opened
from tests.api.scripted import NOW, crewed, progress_of, record_closed, record_opened, submission_of, tell
from workflows.contracts import Reason, StageProgress


async def test_a_running_import_shows_what_its_workflow_answers(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    shown = progress_of(begun["id"], fraction=0.37, warnings=2, interruptions=1, eta_range_s=(10.0, 20.0))
    await tell(crew, begun, "show", shown)

    view = await door.until(begun, lambda view: view["fraction"] == 0.37)

    assert view["live"] is True
    assert view["state"] == "running"
    assert view["reason"] is None
    assert view["stages"][0]["name"] == "parse"
    assert view["items"]["total"] == 10
    assert (view["warnings"], view["interruptions"], view["eta_range_s"]) == (2, 1, [10.0, 20.0])
    assert view["source"]["name"] == name
    assert view["created_at"]
    assert view["closed_at"] is None
    assert view["links"]["temporal_ui"].startswith("http://localhost:8233/namespaces/default/workflows/import%2F")


async def test_a_reason_to_wait_is_shown_with_its_end(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    reason = Reason(code="rate_limited", message="The provider asks for patience.", resume_at=NOW + timedelta(hours=1))
    await tell(crew, begun, "show", progress_of(begun["id"], "waiting", reason=reason))

    view = await door.until(begun, lambda view: view["state"] == "waiting")

    assert view["reason"]["code"] == "rate_limited"
    assert view["reason"]["resume_at"] == "2026-01-02T04:04:05Z"


async def test_steps_between_two_attempts_are_waiting_though_the_workflow_cannot_know(
    door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    await tell(crew, begun, "struggle")

    view = await door.until(begun, lambda view: view["last_error"] is not None)

    assert view["state"] == "waiting"
    assert view["reason"]["code"] == "retry_backoff"
    assert "the reef was hit" in view["reason"]["message"]
    assert view["reason"]["resume_at"] > view["last_error"]["at"]
    assert view["attempt"] == 2
    assert view["last_error"]["type"] == "Reef"


async def test_a_long_step_says_itself_how_far_it_has_come(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    stage = StageProgress(name="stage", state="running", unit="files")
    await tell(crew, begun, "show", progress_of(begun["id"], stages=(stage,)))
    await tell(crew, begun, "struggle", "stage_source")

    view = await door.until(begun, lambda view: view["last_error"] is not None)

    assert (view["stages"][0]["done"], view["stages"][0]["total"]) == (3, 9)


async def test_without_a_worker_the_last_snapshot_is_shown_as_such(
    unattended: WorkflowEnvironment, quay_url: str, quay_pool: Pool, tmp_path: Path, name: str
) -> None:
    address = unattended.client.service_client.config.target_host
    async with opened(quay_url, address, tmp_path, quay_pool) as door:
        async with crewed(unattended.client):
            begun = await door.begin(name)
            await tell(unattended.client, begun, "show", progress_of(begun["id"], fraction=0.55))
            await door.until(begun, lambda view: view["fraction"] == 0.55)

        view = await door.view(begun)

    assert view["live"] is False
    assert view["fraction"] == 0.55
    assert view["items"]["added"] == 4
    assert view["reason"]["code"] == "worker_unresponsive"


async def test_an_import_that_no_worker_ever_saw_waits_for_one(
    unattended: WorkflowEnvironment, quay_url: str, quay_pool: Pool, tmp_path: Path, name: str
) -> None:
    address = unattended.client.service_client.config.target_host
    async with opened(quay_url, address, tmp_path, quay_pool) as door:
        begun = await door.begin(name)
        queued = (await door.submit("newer cargo", name)).json()["import"]

        view = await door.view(begun)
        following = await door.view(queued)

    assert (view["state"], view["live"], view["reason"]["code"]) == ("queued", False, "no_worker")
    assert following["id"] == queued["id"]
    assert following["state"] == "queued"
    assert following["reason"]["code"] == "follow_up"
    assert following["source"]["name"] == name


async def test_a_follow_up_reads_queued_and_a_superseded_one_says_so(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    second = (await door.submit("newer cargo", name)).json()["import"]
    await door.until(begun, lambda view: view["follow_up"] == second["id"])
    third = (await door.submit("newest cargo", name)).json()["import"]
    await door.until(begun, lambda view: view["follow_up"] == third["id"])

    replaced, queued = await door.view(second), await door.view(third)

    assert (queued["state"], queued["reason"]["code"]) == ("queued", "follow_up")
    assert (replaced["state"], replaced["reason"]["code"]) == ("cancelled", "superseded")
    assert third["id"] in replaced["reason"]["message"]


async def test_the_id_of_an_equal_submission_shows_the_import_it_attached_to(
    door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    alias = f"{begun['source']['key']}.00000000aaaa"
    await tell(crew, begun, "show", progress_of(begun["id"], aliases=(alias,)))
    await door.until(begun, lambda view: view["fraction"] == 0.4)

    view = await door.get(f"/v1/projects/{door.project}/imports/{alias}")

    assert view["id"] == begun["id"]
    assert view["state"] == "running"


async def test_a_closed_import_is_its_record_whatever_runs_now(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    old, alias = (f"{begun['source']['key']}.00000000000{n}" for n in (1, 2))
    await record_closed(
        door.pool, submission_of(door.project, old, name), "partially_succeeded", aliases=(alias,), failed=1
    )

    view = await door.get(f"/v1/projects/{door.project}/imports/{old}")
    same = await door.get(f"/v1/projects/{door.project}/imports/{alias}")

    assert view == same
    assert (view["state"], view["fraction"], view["live"]) == ("partially_succeeded", 1.0, True)
    assert view["items"]["failed"] == 1
    assert view["graph"]["documents"] == 3
    assert not {"running", "waiting", "pending"} & {stage["state"] for stage in view["stages"]}
    assert view["closed_at"] == "2026-01-02T03:05:05Z"
    assert (await door.view(begun))["state"] == "running"


async def test_a_terminated_import_has_failed(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    await record_opened(door.pool, submission_of(door.project, begun["id"], name))
    await door.until(begun, lambda view: view["state"] == "running")
    await crew.get_workflow_handle(workflow_id(door.project, begun["source"]["key"])).terminate()

    view = await door.view(begun)

    assert (view["state"], view["reason"]["code"], view["fraction"]) == ("failed", "terminated", 1.0)
    assert view["closed_at"]


async def test_one_that_was_terminated_before_it_was_opened_is_not_forgotten(
    door: Door, crew: Client, name: str
) -> None:
    begun = await door.begin(name)
    await crew.get_workflow_handle(workflow_id(door.project, begun["source"]["key"])).terminate()

    assert (await door.view(begun))["reason"]["code"] == "terminated"


async def test_an_open_record_whose_source_is_imported_anew_has_failed(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    lost = f"{begun['source']['key']}.000000000009"
    await record_opened(door.pool, submission_of(door.project, lost, name))

    view = await door.get(f"/v1/projects/{door.project}/imports/{lost}")

    assert (view["state"], view["reason"]["code"]) == ("failed", "no_closing_record")


async def test_without_temporal_the_store_answers(door_without_temporal: Door, name: str) -> None:
    door = door_without_temporal
    open_id, closed_id = "zotero.dry-dock.000000000001", "zotero.dry-dock.000000000002"
    await record_opened(door.pool, submission_of(door.project, open_id, name))
    await record_closed(door.pool, submission_of(door.project, closed_id, name))
    async with door.pool.connection() as connection:
        await connection.execute(
            "insert into import_items (project, import_id, ordinal, item_key, title, change, state) "
            "select %s, %s, n, 'k' || n, 't', 'added', case when n < 4 then 'done' else 'pending' end "
            "from generate_series(0, 9) n",
            (door.project, open_id),
        )

    view = await door.get(f"/v1/projects/{door.project}/imports/{open_id}")
    closed = await door.get(f"/v1/projects/{door.project}/imports/{closed_id}")
    listed = await door.get("/v1/imports", project=door.project)

    assert (view["state"], view["live"], view["reason"]["code"]) == ("waiting", False, "orchestrator_unavailable")
    assert (view["items"]["total"], view["items"]["added"]) == (10, 4)
    assert 0.3 < view["fraction"] < 0.5
    assert closed["state"] == "succeeded"
    assert {found["id"] for found in listed["imports"]} == {open_id, closed_id}
    await door.get(f"/v1/projects/{door.project}/imports/zotero.dry-dock.000000000003", status=503)


async def test_a_temporal_that_goes_away_is_told_soon(
    unattended: WorkflowEnvironment, quay_url: str, quay_pool: Pool, tmp_path: Path, name: str
) -> None:
    address = unattended.client.service_client.config.target_host
    async with opened(quay_url, address, tmp_path, quay_pool) as door:
        begun = await door.begin(name)
        await record_opened(door.pool, submission_of(door.project, begun["id"], name))
        await unattended.shutdown()

        answer = await door.http.get(begun["links"]["self"], timeout=8)

    assert answer.json()["reason"]["code"] == "orchestrator_unavailable"


async def test_the_list_merges_what_runs_and_what_has_closed(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    following = (await door.submit("newer cargo", name)).json()["import"]
    old = f"{begun['source']['key']}.000000000001"
    await record_closed(door.pool, submission_of(door.project, old, name))

    async def listed() -> dict[str, object] | None:
        found = {view["id"]: view["state"] for view in (await door.get("/v1/imports", project=door.project))["imports"]}
        return found if {begun["id"], following["id"], old} <= set(found) else None

    states = await eventually(listed)
    succeeded = (await door.get("/v1/imports", project=door.project, state="succeeded"))["imports"]
    elsewhere = (await door.get("/v1/imports", project="elsewhere"))["imports"]

    assert (states[begun["id"]], states[following["id"]], states[old]) == ("running", "queued", "succeeded")
    assert [view["id"] for view in succeeded] == [old]
    assert elsewhere == []
