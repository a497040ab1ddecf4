"""Plans of imports that were not asked for yet: the engine makes them, and keeps each for as long as its retention."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.reaching import reaching
from workflows.contracts import WORKFLOW_QUEUE, Preview, Submission
from workflows.previewing import PreviewWorkflow

_DEADLINE = timedelta(seconds=3)
_GIVEN_UP_AFTER = timedelta(hours=6)


class PlanFailure(BaseModel):
    code: str
    message: str


class Plan(BaseModel):
    """What an import would do. Nothing of it is done, and nothing is held back for it."""

    id: str
    state: Literal["running", "ready", "failed"]
    preview: Preview | None = None
    failure: PlanFailure | None = None


class Plans:
    """Of all projects."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, submission: Submission) -> str:
        """Have an import planned; the plan's id."""
        plan = uuid.uuid4().hex
        with reaching():
            await self._client.start_workflow(
                PreviewWorkflow.run,
                submission,
                id=_workflow_id(submission.project, plan),
                task_queue=WORKFLOW_QUEUE,
                execution_timeout=_GIVEN_UP_AFTER,
                static_summary=f"plan {submission.name}",
                rpc_timeout=_DEADLINE,
            )
        return plan

    async def find(self, project: str, plan: str, wait_s: float = 0) -> Plan | None:
        """A plan as it stands; None if the engine knows of none.

        Args:
            wait_s: For so many seconds the answer may wait for the plan to be ready.
        """
        handle = self._client.get_workflow_handle_for(PreviewWorkflow.run, _workflow_id(project, plan))
        try:
            with reaching():
                running = (await handle.describe(rpc_timeout=_DEADLINE)).status is WorkflowExecutionStatus.RUNNING
                if running and not wait_s:
                    return Plan(id=plan, state="running")
                return await _result(handle, plan, wait_s if running else _DEADLINE.total_seconds())
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise


async def _result(handle: WorkflowHandle[PreviewWorkflow, Preview], plan: str, wait_s: float) -> Plan:
    try:
        async with asyncio.timeout(wait_s):
            return Plan(id=plan, state="ready", preview=await handle.result())
    except TimeoutError:
        return Plan(id=plan, state="running")
    except WorkflowFailureError as error:
        return Plan(id=plan, state="failed", failure=_failure(error))


def _failure(error: WorkflowFailureError) -> PlanFailure:
    cause = error.cause.cause if isinstance(error.cause, ActivityError) else error.cause
    code = cause.type if isinstance(cause, ApplicationError) and cause.type else "ended"
    return PlanFailure(code=code, message=getattr(cause, "message", str(cause)))


def _workflow_id(project: str, plan: str) -> str:
    return f"plan/{project}/{plan}"
