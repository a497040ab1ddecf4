"""What Temporal says of the runs of imports, for sweeps: asked of the server, so that it needs no other worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError
from temporalio.api.common.v1 import Memo, WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest, ListWorkflowExecutionsRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistoryEventFilterType
from temporalio.service import RPCError, RPCStatusCode

from longshore.graph.catalog import ImportRow
from longshore.graph.settling import is_forgotten
from longshore.ids import workflow_id
from workflows.contracts import Progress
from workflows.endings import Ending

DEADLINE = timedelta(seconds=5)
_PAGE = 500
_RUNNING = "WorkflowType = 'ImportWorkflow' and ExecutionStatus = 'Running'"
_ENDED = {
    WorkflowExecutionStatus.CANCELED,
    WorkflowExecutionStatus.COMPLETED,
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT,
}

Value = TypeVar("Value")


@dataclass(frozen=True)
class RunningImport:
    """A run that goes on, from its memo."""

    workflow_id: str
    import_id: str | None
    submission: dict[str, Any] | None
    follow_up: dict[str, Any] | None
    """The submission that it keeps as the next, as far as the memo names it."""

    @property
    def project(self) -> str:
        return self.workflow_id.split("/")[1]


class Runs:
    """Reads the server's own messages: a status that the SDK does not know must not stop a sweep."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def running(self) -> AsyncIterator[RunningImport]:
        """Every running import; one that began or ended within the last moments may be missing or still be there."""
        request = ListWorkflowExecutionsRequest(namespace=self._client.namespace, page_size=_PAGE, query=_RUNNING)
        while True:
            page = await self._client.workflow_service.list_workflow_executions(request, retry=True, timeout=DEADLINE)
            for info in page.executions:
                yield RunningImport(
                    info.execution.workflow_id,
                    await self._memo(info.memo, "import_id", str),
                    await self._memo(info.memo, "submission", dict),
                    await self._memo(info.memo, "follow_up", dict),
                )
            if not page.next_page_token:
                return
            request.next_page_token = page.next_page_token

    async def ending(self, row: ImportRow) -> Ending | None:
        """How the run of an import ended that has no closing record; None while it goes on, or nobody can tell."""
        workflow = workflow_id(row.project, row.source_key)
        info = await self._describe(workflow, "")
        if info is not None and await self._memo(info.memo, "import_id", str) != row.import_id:
            # A later import of the source runs, or has run.
            info = await self._last_of_chain(workflow, row.run_id)
        if info is None and row.run_lost_at:
            return Ending(lost=True)
        if info is None:
            return Ending() if is_forgotten(row) else None
        if info.status not in [status.value for status in _ENDED]:
            return None
        snapshot = await self._memo(info.memo, "snapshot", Progress)
        return Ending(
            run_id=info.execution.run_id,
            status=WorkflowExecutionStatus(info.status),
            closed_at=info.close_time.ToDatetime(UTC),
            snapshot=snapshot if snapshot and snapshot.import_id == row.import_id else None,
        )

    async def _last_of_chain(self, workflow: str, run_id: str) -> WorkflowExecutionInfo | None:
        """The run with which a run's history, rolled over again and again, ended."""
        info = await self._describe(workflow, run_id) if run_id else None
        while info and info.status == WorkflowExecutionStatus.CONTINUED_AS_NEW.value:
            following = await self._continued_as(workflow, info.execution.run_id)
            info = await self._describe(workflow, following) if following else None
        return info

    async def _continued_as(self, workflow: str, run_id: str) -> str:
        handle = self._client.get_workflow_handle(workflow, run_id=run_id)
        only_last = WorkflowHistoryEventFilterType.CLOSE_EVENT
        async for event in handle.fetch_history_events(event_filter_type=only_last, rpc_timeout=DEADLINE):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
                return event.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        return ""

    async def _describe(self, workflow: str, run_id: str) -> WorkflowExecutionInfo | None:
        request = DescribeWorkflowExecutionRequest(
            namespace=self._client.namespace, execution=WorkflowExecution(workflow_id=workflow, run_id=run_id)
        )
        try:
            answer = await self._client.workflow_service.describe_workflow_execution(
                request, retry=True, timeout=DEADLINE
            )
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise
        return answer.workflow_execution_info

    async def _memo(self, memo: Memo, key: str, kind: type[Value]) -> Value | None:
        """A value that is absent, null, or from a version with another shape reads as None."""
        if key not in memo.fields:
            return None
        try:
            [value] = await self._client.data_converter.decode([memo.fields[key]], [kind | None])  # type: ignore[list-item]
        except (ValidationError, RuntimeError):
            return None
        return value if isinstance(value, kind) else None
