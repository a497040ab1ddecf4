"""Histories that were recorded replay with the code as it is: a deploy does not stop what is running."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.imports import ImportWorkflow
from workflows.variants import VariantsWorkflow

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_recorded_history_replays(path: Path) -> None:
    replayer = Replayer(
        workflows=[ImportWorkflow, VariantsWorkflow],
        data_converter=pydantic_data_converter,
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows")
        ),
    )
    history = WorkflowHistory.from_json(path.stem, path.read_text())
    assert len(history.events) > 20
    await replayer.replay_workflow(history)


def test_histories_of_all_scenarios_are_there() -> None:
    assert len(HISTORIES) >= 7
