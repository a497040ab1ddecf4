"""`RescanWorkflow`: what a schedule starts, and which submits a source again like any caller."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import contracts
    from workflows.contracts import Rescan, Rescanned
    from workflows.steps import run_step


@workflow.defn(name="RescanWorkflow")
class RescanWorkflow:
    @workflow.run
    async def run(self, rescan: Rescan) -> Rescanned:
        return await run_step(contracts.submit_rescan, rescan, summary=f"submit {rescan.source_key} again")
