"""A Temporal whose workflows follow the test's script, and what they are told."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from longshore.graph.db import Pool
from longshore.graph.records import close_record, open_record
from longshore.ids import workflow_id
from workflows.contracts import (
    WORKFLOW_QUEUE,
    ClosingRecord,
    DeleteProject,
    GraphCounts,
    ItemCounts,
    Progress,
    StageProgress,
    State,
    Submission,
)
from workflows.imports import ImportInput
from workflows.previewing import PreviewWorkflow
from workflows.showing import KIND_ATTRIBUTE, PROJECT_ATTRIBUTE, STATE_ATTRIBUTE

Json = dict[str, Any]
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def progress_of(import_id: str, state: State = "running", fraction: float = 0.4, **changes: Any) -> Progress:
    return Progress(
        import_id=import_id,
        state=state,
        fraction=fraction,
        stages=(StageProgress(name="parse", state="running", unit="items", done=4, total=10),),
        items=ItemCounts(total=10, added=4),
        chunks=40,
        started_at=NOW,
        updated_at=NOW,
    ).model_copy(update=changes)


@activity.defn(name="stumble")
async def stumble() -> None:
    raise ApplicationError("the reef was hit", type="Reef", next_retry_delay=timedelta(hours=1))


@activity.defn(name="stage_source")
async def haul() -> None:
    activity.heartbeat({"done": 3, "total": 9})
    await stumble()


@workflow.defn(name="ImportWorkflow")
class ScriptedImport:
    """Speaks the contract of `ImportWorkflow`; what it shows is what the test tells it."""

    @workflow.init
    def __init__(self, start: ImportInput) -> None:
        self._submission = start.submission
        self._progress = progress_of(start.submission.import_id, fraction=0.1)
        self._follow_up: Submission | None = None
        self._follow_up_aliases: tuple[str, ...] = ()
        self._over = False
        self._heard: list[str] = []

    @workflow.run
    async def run(self, start: ImportInput) -> list[str]:
        await workflow.wait_condition(lambda: self._over)
        if self._follow_up:
            following = self._follow_up
            memo = {"import_id": following.import_id, "digest": following.digest, "submission": following}
            workflow.continue_as_new(ImportInput(submission=following), memo=memo)
        return self._heard

    @workflow.signal
    def submit(self, submission: Submission) -> None:
        if submission.import_id == self._submission.import_id:
            return
        if submission.digest == self._submission.digest:
            self.show(self._progress.model_copy(update={"aliases": (*self._progress.aliases, submission.import_id)}))
        elif self._follow_up and submission.digest == self._follow_up.digest:
            if submission.import_id != self._follow_up.import_id:
                self._follow_up_aliases = (*self._follow_up_aliases, submission.import_id)
            self.show(self._progress)
        else:
            self._follow_up, self._follow_up_aliases = submission, ()
            self.show(self._progress.model_copy(update={"follow_up": submission.import_id}))

    @workflow.signal
    def show(self, progress: Progress) -> None:
        self._progress = progress
        following = None
        if self._follow_up:
            named = self._follow_up.model_dump(mode="json", include={"import_id", "digest", "submitted_at"})
            following = {**named, "aliases": list(self._follow_up_aliases)}
        workflow.upsert_memo({"snapshot": progress.model_dump(mode="json"), "follow_up": following})

    @workflow.signal
    async def struggle(self, step: str = "stumble") -> None:
        retry = RetryPolicy(maximum_attempts=9)
        await workflow.execute_activity(step, start_to_close_timeout=timedelta(hours=2), retry_policy=retry)

    @workflow.signal
    def finish(self) -> None:
        self._over = True

    @workflow.signal
    def pause(self, import_id: str) -> None:
        self._hear(f"pause {import_id}", "paused")

    @workflow.signal
    def resume(self, import_id: str) -> None:
        self._hear(f"resume {import_id}", "running")

    @workflow.signal
    def cancel(self, import_id: str) -> None:
        self._hear(f"cancel {import_id}", "cancelling")

    @workflow.signal
    def retry_failed(self, import_id: str) -> None:
        self._hear(f"retry_failed {import_id}", "running")

    @workflow.signal
    def approve_removals(self, import_id: str) -> None:
        self._hear(f"approve_removals {import_id}", "running")

    @workflow.query
    def progress(self) -> Progress:
        return self._progress

    def _hear(self, message: str, state: State) -> None:
        self._heard.append(message)
        self._progress = self._progress.model_copy(update={"state": state, "reason": None})


@workflow.defn(name="DeleteProjectWorkflow")
class ScriptedDeletion:
    def __init__(self) -> None:
        self._over = False

    @workflow.run
    async def run(self, request: DeleteProject) -> None:
        await workflow.wait_condition(lambda: self._over)

    @workflow.signal
    def finish(self) -> None:
        self._over = True


@asynccontextmanager
async def dev_server() -> AsyncIterator[WorkflowEnvironment]:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).parent / "temporal"),
        dev_server_log_level="never",
        data_converter=pydantic_data_converter,
        search_attributes=[STATE_ATTRIBUTE, KIND_ATTRIBUTE, PROJECT_ATTRIBUTE],
    ) as environment:
        yield environment


@asynccontextmanager
async def crewed(client: Client) -> AsyncIterator[None]:
    async with Worker(
        client,
        task_queue=WORKFLOW_QUEUE,
        workflows=[PreviewWorkflow, ScriptedDeletion, ScriptedImport],
        activities=[haul, stumble],
        workflow_runner=UnsandboxedWorkflowRunner(),
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    ):
        yield


async def tell(client: Client, begun: Json, signal: str, *args: Any) -> None:
    handle = client.get_workflow_handle(workflow_id(begun["project"], begun["source"]["key"]))
    await handle.signal(signal, args=list(args))


def submission_of(project: str, import_id: str, name: str, **changes: Any) -> Submission:
    return Submission(
        project=project,
        import_id=import_id,
        source_key=import_id.rsplit(".", 1)[0],
        kind="zotero",
        name=name,
        manifest="0" * 64,
        digest="d" * 64,
        submitted_at=NOW,
    ).model_copy(update=changes)


async def record_opened(pool: Pool, submission: Submission) -> None:
    async with pool.connection() as connection:
        await open_record(connection, submission.model_dump(mode="json"), run_id="run")


async def record_closed(
    pool: Pool, submission: Submission, state: State = "succeeded", aliases: tuple[str, ...] = (), failed: int = 0
) -> None:
    await record_opened(pool, submission)
    record = ClosingRecord(
        project=submission.project,
        import_id=submission.import_id,
        source_key=submission.source_key,
        state=state,
        items=ItemCounts(total=3 + failed, added=3, failed=failed),
        graph=GraphCounts(documents=3, chunks=9, nodes=5, edges=7),
        progress=progress_of(submission.import_id, state, 1.0),
        started_at=NOW,
        closed_at=NOW + timedelta(minutes=1),
    )
    async with pool.connection() as connection:
        await close_record(
            connection,
            submission.project,
            submission.import_id,
            "run",
            list(aliases),
            record.model_dump(mode="json"),
        )
