"""Comparisons as Temporal runs them: started, asked, told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import QueryRejectCondition, WorkflowIDConflictPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.problems import Problem
from api.reaching import answered, reaching, told
from longshore.ids import comparison_workflow_id
from workflows.contracts import WORKFLOW_QUEUE
from workflows.contracts.comparisons import Board, Comparison, ComparisonInput, Promote, Retry
from workflows.showing import attributes_of
from workflows.variants import PromoteWorkflow, VariantsWorkflow

_DEADLINE = timedelta(seconds=3)
_QUERY_DEADLINE = timedelta(seconds=2)
_PROMOTING_S = 25.0
"""How long a caller waits for a promotion; one that takes longer goes on without it."""


class ComparisonEngine:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, comparison: Comparison) -> None:
        """From here on it will be run."""
        await self._start(ComparisonInput(comparison=comparison), None)

    async def retry(self, comparison: Comparison, board: Board | None, request: Retry) -> None:
        """Tell the comparison that runs, or take it up again as its record has it."""
        await self._start(ComparisonInput(comparison=comparison, board=board), request)

    async def signal(self, project: str, comparison_id: str, name: str) -> bool:
        """False if it does not run."""
        return await told(self._handle(project, comparison_id).signal(name, rpc_timeout=_DEADLINE))

    async def board(self, project: str, comparison_id: str) -> Board | None:
        """What the running workflow answers; None if none runs, or no worker answers in time."""
        return await self._ask(project, comparison_id, QueryRejectCondition.NOT_OPEN)

    async def last_board(self, project: str, comparison_id: str) -> Board | None:
        """What the workflow answered last, whether it still runs or not; None if that cannot be told."""
        return await self._ask(project, comparison_id, None)

    async def _ask(self, project: str, comparison_id: str, reject: QueryRejectCondition | None) -> Board | None:
        handle = self._handle(project, comparison_id)
        return await answered(
            handle.query(VariantsWorkflow.board, reject_condition=reject, rpc_timeout=_QUERY_DEADLINE)
        )

    async def running(self, project: str, comparison_id: str) -> Comparison | None:
        """What the run was asked for that goes on; None if there is none. Needs no worker."""
        try:
            with reaching():
                described = await self._handle(project, comparison_id).describe(rpc_timeout=_DEADLINE)
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise
        if described.status is not WorkflowExecutionStatus.RUNNING:
            return None
        found: Comparison = await described.memo_value("comparison", type_hint=Comparison)
        return found

    async def promote(self, request: Promote) -> bool:
        """Have the project serve a variant. False if that takes longer than a caller waits; it goes on then.

        Raises:
            Problem: 409 `promotion_refused`, with what stands in the way.
        """
        try:
            with reaching():
                handle: WorkflowHandle[PromoteWorkflow, None] = await self._client.start_workflow(
                    PromoteWorkflow.run,
                    request,
                    id=f"promote/{request.project}/{request.comparison_id}",
                    task_queue=WORKFLOW_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    static_summary=f"promote {request.variant}",
                    rpc_timeout=_DEADLINE,
                )
                async with asyncio.timeout(_PROMOTING_S):
                    await handle.result()
        except TimeoutError:
            return False
        except WorkflowFailureError as error:
            cause = error.cause.cause if isinstance(error.cause, ActivityError) else error.cause
            if isinstance(cause, ApplicationError) and cause.type == "promotion_refused":
                raise Problem(409, "promotion_refused", f"It was not promoted: {cause.message}") from error
            raise
        return True

    async def _start(self, start: ComparisonInput, retry: Retry | None) -> None:
        comparison = start.comparison
        with reaching():
            await self._client.start_workflow(
                VariantsWorkflow.run,
                start,
                id=comparison_workflow_id(comparison.project, comparison.comparison_id),
                task_queue=WORKFLOW_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="retry" if retry else None,
                start_signal_args=[retry] if retry else [],
                memo={"comparison": comparison.model_dump(mode="json")},
                search_attributes=attributes_of(comparison.submission, "running"),
                static_summary=f"compare {len(comparison.variants)} variants",
                rpc_timeout=_DEADLINE,
            )

    def _handle(self, project: str, comparison_id: str) -> WorkflowHandle[VariantsWorkflow, Board]:
        return self._client.get_workflow_handle_for(
            VariantsWorkflow.run, comparison_workflow_id(project, comparison_id)
        )
