"""Which imports are settled, and which are left alone, as Temporal tells of their runs."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import settling as activity
from activities.settling import SettlingActivities
from longshore.graph import catalog, settling, webhooks
from longshore.graph.catalog import ImportRow
from longshore.graph.db import Pool
from longshore.graph.records import open_record
from longshore.ids import workflow_id
from workflows.contracts import Submission, Watch

QUEUE = "adrift"
SOURCE = "zotero.shelf"
_numbers = itertools.count()


@workflow.defn(name="ImportWorkflow")
class Adrift:
    """An import that goes on until somebody ends it."""

    def __init__(self) -> None:
        self._rolling = False

    @workflow.run
    async def run(self, import_id: str) -> None:
        await workflow.wait_condition(lambda: self._rolling)
        workflow.continue_as_new(import_id, memo={"import_id": import_id})

    @workflow.signal
    def roll_over(self) -> None:
        self._rolling = True


class Sea:
    """A project of its own, whose imports are opened and ended by the test."""

    def __init__(self, client: Client, pool: Pool) -> None:
        self.client = client
        self.pool = pool
        self.project = f"sea-{next(_numbers)}"

    async def begin(self, import_id: str) -> WorkflowHandle[Any, Any]:
        handle = await self.client.start_workflow(
            Adrift.run,
            import_id,
            id=workflow_id(self.project, SOURCE),
            task_queue=QUEUE,
            memo={"import_id": import_id},
        )
        await self.open(import_id, handle.first_execution_run_id or "")
        return handle

    async def open(self, import_id: str, run_id: str) -> None:
        submission = Submission(
            project=self.project,
            import_id=import_id,
            source_key=SOURCE,
            kind="zotero",
            name="shelf",
            manifest="0" * 64,
            digest=import_id,
            submitted_at=datetime.now(UTC),
        )
        async with self.pool.connection() as connection:
            await open_record(connection, submission.model_dump(mode="json"), run_id)

    async def watch(self, seconds: float = 0.3) -> int:
        """What a worker does for an hour."""
        activities = SettlingActivities(self.pool, self.client)
        return await ActivityEnvironment().run(activities.settle_imports, Watch(seconds=seconds))

    async def lose(self) -> None:
        async with self.pool.connection() as connection:
            assert await settling.note_loss(connection, datetime.now(UTC)) == 1

    async def row(self, import_id: str) -> ImportRow:
        async with self.pool.connection() as connection:
            row = await catalog.find_import(connection, self.project, import_id)
        assert row is not None
        return row

    async def reason(self, import_id: str) -> str | None:
        """Of its record, if it is settled."""
        record = (await self.row(import_id)).record
        return record["reason"]["code"] if record else None


@pytest_asyncio.fixture(scope="module")
async def crew(client: Client) -> AsyncIterator[None]:
    async with Worker(client, task_queue=QUEUE, workflows=[Adrift], workflow_runner=UnsandboxedWorkflowRunner()):
        yield


@pytest.fixture
def sea(client: Client, pool: Pool, crew: None, monkeypatch: pytest.MonkeyPatch) -> Sea:
    monkeypatch.setattr(activity, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(settling, "LAST_STEPS", timedelta())
    return Sea(client, pool)


async def test_an_import_that_goes_on_is_left_alone(sea: Sea) -> None:
    handle = await sea.begin("zotero.shelf.a")

    assert await sea.watch() == 0
    assert await sea.reason("zotero.shelf.a") is None
    await handle.terminate()


async def test_steps_that_were_under_way_are_left_to_end(sea: Sea, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "LAST_STEPS", timedelta(hours=1))
    handle = await sea.begin("zotero.shelf.a")
    await handle.terminate()

    assert await sea.watch() == 0
    assert await sea.reason("zotero.shelf.a") is None


async def test_an_import_is_settled_while_a_later_one_of_its_source_runs(sea: Sea) -> None:
    first = await sea.begin("zotero.shelf.a")
    await first.terminate()
    second = await sea.begin("zotero.shelf.b")

    assert await sea.watch() == 1
    assert (await sea.reason("zotero.shelf.a"), await sea.reason("zotero.shelf.b")) == ("terminated", None)
    await second.terminate()


async def test_how_an_import_ended_is_found_although_its_history_was_rolled_over(sea: Sea) -> None:
    first = await sea.begin("zotero.shelf.a")
    await first.signal(Adrift.roll_over)
    rolled = sea.client.get_workflow_handle(first.id)
    while (await rolled.describe()).run_id == first.first_execution_run_id:
        pass
    goes_on = await sea.watch()
    await rolled.terminate()
    second = await sea.begin("zotero.shelf.b")

    assert goes_on == 0
    assert await sea.watch() == 1
    assert await sea.reason("zotero.shelf.a") == "terminated"
    await second.terminate()


async def test_an_import_that_temporal_has_forgotten_is_settled_after_a_day(sea: Sea) -> None:
    await sea.open("zotero.shelf.a", "forgotten")
    young = await sea.watch()
    async with sea.pool.connection() as connection:
        await connection.execute("update imports set opened_at = opened_at - interval '25 hours'")

    assert young == 0
    assert await sea.watch() == 1
    assert await sea.reason("zotero.shelf.a") == "no_closing_record"


async def test_receivers_are_told_once_of_a_run_however_often_it_is_settled(sea: Sea) -> None:
    handle = await sea.begin("zotero.shelf.a")
    async with sea.pool.connection() as connection:
        await webhooks.add_webhook(connection, sea.project, "http://127.0.0.1:9/hook", ["import.closed"])
    await handle.terminate()

    settled = await sea.watch()
    async with sea.pool.connection() as connection:
        # As after a worker that was killed between telling and committing.
        await connection.execute("update imports set outcome = null, record = null, closed_at = null")
    again = await sea.watch()

    told = sea.client.get_workflow_handle(
        f"webhooks/{sea.project}/zotero.shelf.a/settled/{handle.first_execution_run_id}"
    )
    runs = [run async for run in sea.client.list_workflows(f"WorkflowId = '{told.id}'")]
    assert (settled, again, len(runs)) == (1, 1, 1)
    await told.terminate()


async def test_what_temporal_has_lost_is_settled_at_once_and_submitted_again(sea: Sea) -> None:
    await sea.open("zotero.shelf.a", "0b9c5a2e-0000-4000-8000-000000000000")
    before = await sea.watch()
    await sea.lose()

    assert (before, await sea.watch()) == (0, 1)
    record = (await sea.row("zotero.shelf.a")).record
    assert record is not None
    handle = sea.client.get_workflow_handle(workflow_id(sea.project, SOURCE))
    again = (await handle.describe()).memo_value
    assert record["reason"]["code"] == "engine_lost"
    assert await again("import_id") in record["reason"]["message"]
    assert (await again("submission"))["manifest"] == "0" * 64
    assert await sea.watch() == 0
    await handle.terminate()


async def test_what_is_only_said_to_be_lost_goes_on(sea: Sea) -> None:
    handle = await sea.begin("zotero.shelf.a")
    await sea.lose()

    assert await sea.watch() == 0
    await handle.terminate()
    assert await sea.watch() == 1
    assert await sea.reason("zotero.shelf.a") == "terminated"


async def test_what_was_imported_again_since_it_was_lost_is_not_submitted_again(sea: Sea) -> None:
    await sea.open("zotero.shelf.a", "0b9c5a2e-0000-4000-8000-000000000000")
    await sea.lose()
    newer = await sea.begin("zotero.shelf.b")

    assert await sea.watch() == 1
    record = (await sea.row("zotero.shelf.a")).record
    assert record is not None
    assert "Import the source again" in record["reason"]["message"]
    assert await (await newer.describe()).memo_value("import_id") == "zotero.shelf.b"
    await newer.terminate()
