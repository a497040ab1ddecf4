"""What is done again and again, whoever imports: settling what was ended from outside, and collecting files.

Schedules of the engine start these workflows; the worker keeps them (worker/schedules.py).
"""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from workflows import contracts
    from workflows.contracts import Collect, Collected, Watch
    from workflows.steps import run_step

WATCH = timedelta(hours=1)


@workflow.defn(name="SettlingWorkflow")
class SettlingWorkflow:
    """Looks after imports for an hour within one activity: looking costs no history, so it can be done often."""

    @workflow.run
    async def run(self) -> int:
        """How many imports were settled."""
        end, settled = workflow.now() + WATCH, 0
        while (left := end - workflow.now()) > timedelta():
            # It returns early when its worker is stopped; another goes on.
            watch = Watch(seconds=left.total_seconds())
            settled += await run_step(contracts.settle_imports, watch, summary="settle what was ended from outside")
        return settled


@workflow.defn(name="CollectingWorkflow")
class CollectingWorkflow:
    @workflow.run
    async def run(self) -> Collected:
        return await run_step(contracts.collect_blobs, Collect(), summary="collect files that nothing needs")
