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
from workflows import imports
from workflows.contracts import BatchRef, StepOutcome
from workflows.imports import ImportWorkflow
from workflows.unloading import Unloading

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


class OneStepMore(Unloading):
    """A change such as must not be deployed: a timer before the relations are made."""

    async def _link(self) -> None:
        await asyncio.sleep(1)
        await super()._link()


class OneStepLess(Unloading):
    """A change such as must not be deployed: batches are not embedded any more."""

    async def _embed_batch(self, batch: BatchRef, summary: str) -> StepOutcome:
        return StepOutcome(items=0)


class AnotherOrder(Unloading):
    """A change such as must not be deployed: the relations are made before what has gone is retired."""

    async def _walk_batches(self) -> bool:
        await self._link()
        return await super()._walk_batches()


class Patched(Unloading):
    """The same change as the first, for what begins after it only."""

    async def _link(self) -> None:
        if workflow.patched("wait-before-linking"):
            await asyncio.sleep(1)
        await super()._link()


IMPORTS = [path for path in HISTORIES if not path.stem.startswith("variants")]


async def broken_by_recipe() -> set[str]:
    """The histories that do not replay."""
    replayer = Replayer(
        workflows=[ImportWorkflow], data_converter=pydantic_data_converter, workflow_runner=UnsandboxedWorkflowRunner()
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
async def test_a_change_of_commands_without_a_patch_is_found(
    changed: type[Unloading], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "Unloading", changed)
    assert await broken_by_recipe()


async def test_a_change_with_a_patch_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "Unloading", Patched)
    assert await broken_by_recipe() == set()


def test_every_step_of_the_recipe_is_in_a_recorded_history() -> None:
    """A step that is in none could be changed without anybody noticing."""
    recorded = set()
    for path in HISTORIES:
        events = json.loads(path.read_text())["events"]
        scheduled = [event.get("activityTaskScheduledEventAttributes") for event in events]
        recorded |= {attributes["activityType"]["name"] for attributes in scheduled if attributes}
    assert recorded >= STEPS
