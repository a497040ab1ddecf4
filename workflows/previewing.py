"""`PreviewWorkflow`: what an import would do, without doing it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import contracts
    from workflows.contracts import Preview, Submission
    from workflows.steps import run_step


@workflow.defn(name="PreviewWorkflow")
class PreviewWorkflow:
    @workflow.run
    async def run(self, submission: Submission) -> Preview:
        return await run_step(contracts.preview_import, submission, summary=f"preview {submission.name}")
