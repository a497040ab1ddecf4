"""`DeleteProjectWorkflow`: stops what runs in a project, then deletes all of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from workflows import contracts
    from workflows.contracts import Deleted, DeleteProject
    from workflows.steps import run_step

_LOOK_EVERY = timedelta(seconds=2)
_LOOKS = 60
"""An import that was terminated never closes its record: it is waited for no longer than this."""


@workflow.defn(name="DeleteProjectWorkflow")
class DeleteProjectWorkflow:
    @workflow.run
    async def run(self, request: DeleteProject) -> Deleted:
        sources = await run_step(contracts.begin_deletion, request, summary="close the project")
        for source_key in sources:
            await self._stop(f"import/{request.project}/{source_key}")
        for _ in range(_LOOKS):
            if not await run_step(contracts.count_open_imports, request, summary="wait for what was running"):
                break
            await asyncio.sleep(_LOOK_EVERY.total_seconds())
        rows = await run_step(contracts.delete_rows, request, summary="delete the graph")
        blobs = await run_step(contracts.delete_blobs, request, summary="delete the files")
        return Deleted(rows=rows, blobs=blobs)

    async def _stop(self, workflow_id: str) -> None:
        try:
            await workflow.get_external_workflow_handle(workflow_id).cancel()
        except ApplicationError:
            return  # it does not run
