"""Imports without a run, runs without an import, and what Temporal lacks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.client import Client

from longshore.graph import catalog, records
from longshore.graph.db import Pool
from longshore.ids import workflow_id
from longshore.stack.doctor import engine
from longshore.stack.namespace import SEARCH_ATTRIBUTES
from worker.schedules import ensure_schedules, schedules

PROJECT = "doctored"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SETTLED_WITHIN", timedelta(seconds=-60))


async def opened(pool: Pool, source_key: str, run_id: str) -> None:
    submission = {"project": PROJECT, "import_id": f"{source_key}.1", "source_key": source_key, "kind": "zotero"}
    async with pool.connection() as connection:
        await records.open_record(connection, {**submission, "name": "shelf", "manifest": ""}, run_id)


async def begun(client: Client, source_key: str) -> str:
    """A run that nobody works on."""
    handle = await client.start_workflow(
        "ImportWorkflow", id=workflow_id(PROJECT, source_key), task_queue="nobody", request_eager_start=False
    )
    return handle.result_run_id or ""


async def test_every_open_import_has_a_run_and_every_run_an_import(client: Client, pool: Pool) -> None:
    ours = f"import/{PROJECT}/"

    async def found() -> dict[str, list[str]]:
        kinds = await engine.check_imports(client, pool)
        examples = {kind.code: [name for name in kind.examples if PROJECT in name] for kind in kinds}
        return {code: names for code, names in examples.items() if names}

    await opened(pool, "zotero.calm", await begun(client, "zotero.calm"))
    await opened(pool, "zotero.long", "0b9c5a2e-0000-4000-8000-000000000001")
    await begun(client, "zotero.long")
    assert await found() == {}, "one whose first run is forgotten goes on in another"
    await opened(pool, "zotero.lost", "0b9c5a2e-0000-4000-8000-000000000000")
    await opened(pool, "zotero.ended", await begun(client, "zotero.ended"))
    await client.get_workflow_handle(f"{ours}zotero.ended").terminate()
    await begun(client, "zotero.unopened")
    seen = await found()
    assert set(seen) == {"imports_without_run", "imports_not_settled", "runs_without_import"}
    assert "zotero.lost.1" in seen["imports_without_run"][0]
    assert "zotero.ended.1" in seen["imports_not_settled"][0]
    assert seen["runs_without_import"] == [f"{ours}zotero.unopened"]
    kinds = {kind.code: kind for kind in await engine.check_imports(client, pool)}
    mend = kinds["imports_without_run"].mend
    assert mend
    await mend()
    async with pool.connection() as connection:
        rows = await catalog.open_imports(connection, [PROJECT])
    assert [row.source_key for row in rows if row.run_lost_at] == ["zotero.lost"]
    for source in ("zotero.calm", "zotero.long", "zotero.unopened"):
        await client.get_workflow_handle(ours + source).terminate()


async def test_missing_and_paused_schedules_are_told(client: Client) -> None:
    assert set(engine.SCHEDULES) == set(schedules())

    async def found() -> dict[str, list[str]]:
        return {kind.code: kind.examples for kind in await engine.check_engine(client) if kind.code != "no_worker"}

    assert await found() == {"schedules_missing": list(engine.SCHEDULES)}
    await ensure_schedules(client)
    assert await found() == {}
    collecting = client.get_schedule_handle("longshore-collecting")
    await collecting.pause()
    assert await found() == {"schedules_paused": ["longshore-collecting"]}
    for name in engine.SCHEDULES:
        await client.get_schedule_handle(name).delete()
    async for run in client.list_workflows("WorkflowId starts_with 'sweep/' and ExecutionStatus = 'Running'"):
        await client.get_workflow_handle(run.id).terminate()


async def test_what_a_namespace_lacks_is_told_and_mended(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "RETENTION", timedelta(days=31))
    monkeypatch.setattr(engine, "SEARCH_ATTRIBUTES", (*SEARCH_ATTRIBUTES, "LongshoreNothing"))
    found = {finding.code: finding for finding in await engine.check_engine(client)}
    assert {"retention_short", "search_attributes_missing"} <= found.keys()
    assert found["search_attributes_missing"].examples == ["LongshoreNothing"]
    mend = found["retention_short"].mend
    assert mend
    await mend()
