"""A change of the recipe that would stop imports under way fails here, before it is deployed.

What is changed below is what somebody might change; with a patch the recorded histories replay.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from tests.workflows.test_replay import HISTORIES
from workflows.contracts import BatchRef, ClosingRecord, StepOutcome
from workflows.imports import ImportInput, ImportWorkflow

STEPS = {
    "open_import",
    "stage_source",
    "plan_import",
    "parse_batch",
    "extract_batch",
    "embed_batch",
    "write_batch",
    "fail_batch",
    "retire_batch",
    "requeue_failed",
    "plan_links",
    "link_batch",
    "close_import",
    "plan_embedding",
    "embed_request",
    "plan_extraction",
    "plan_extraction_rest",
    "extract_request",
    "give_up_passage",
}


@workflow.defn(name="ImportWorkflow")
class OneStepMore(ImportWorkflow):
    """A change such as must not be deployed: a timer before the relations are made."""

    @workflow.init
    def __init__(self, start: ImportInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ImportInput) -> ClosingRecord:
        return await super().run(start)

    async def _link(self) -> None:
        await asyncio.sleep(1)
        await super()._link()


@workflow.defn(name="ImportWorkflow")
class OneStepLess(ImportWorkflow):
    """A change such as must not be deployed: batches are not embedded any more."""

    @workflow.init
    def __init__(self, start: ImportInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ImportInput) -> ClosingRecord:
        return await super().run(start)

    async def _embed_batch(self, batch: BatchRef, summary: str) -> StepOutcome:
        return StepOutcome(items=0)


@workflow.defn(name="ImportWorkflow")
class AnotherOrder(ImportWorkflow):
    """A change such as must not be deployed: the relations are made before what has gone is retired."""

    @workflow.init
    def __init__(self, start: ImportInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ImportInput) -> ClosingRecord:
        return await super().run(start)

    async def _walk_batches(self) -> bool:
        await self._link()
        return await super()._walk_batches()


@workflow.defn(name="ImportWorkflow")
class Patched(ImportWorkflow):
    """The same change as the first, for what begins after it only."""

    @workflow.init
    def __init__(self, start: ImportInput) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: ImportInput) -> ClosingRecord:
        return await super().run(start)

    async def _link(self) -> None:
        if workflow.patched("wait-before-linking"):
            await asyncio.sleep(1)
        await super()._link()


IMPORTS = [path for path in HISTORIES if not path.stem.startswith("variants")]


async def broken_by(changed: type[ImportWorkflow]) -> set[str]:
    """The histories that do not replay with a changed recipe."""
    replayer = Replayer(
        workflows=[changed], data_converter=pydantic_data_converter, workflow_runner=UnsandboxedWorkflowRunner()
    )
    broken = set()
    for path in IMPORTS:
        history = WorkflowHistory.from_json(path.stem, path.read_text())
        replayed = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if replayed.replay_failure:
            assert isinstance(replayed.replay_failure, workflow.NondeterminismError)
            broken.add(path.stem)
    return broken


@pytest.mark.parametrize("changed", [OneStepMore, OneStepLess, AnotherOrder])
async def test_a_change_of_commands_without_a_patch_is_found(changed: type[ImportWorkflow]) -> None:
    assert await broken_by(changed)


async def test_a_change_with_a_patch_passes() -> None:
    assert await broken_by(Patched) == set()


def test_every_step_of_the_recipe_is_in_a_recorded_history() -> None:
    """A step that is in none could be changed without anybody noticing."""
    recorded = set()
    for path in HISTORIES:
        events = json.loads(path.read_text())["events"]
        scheduled = [event.get("activityTaskScheduledEventAttributes") for event in events]
        recorded |= {attributes["activityType"]["name"] for attributes in scheduled if attributes}
    assert recorded >= STEPS
