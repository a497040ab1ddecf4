"""The door's view of Temporal: every call has a deadline, and an engine that is down is an error of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import temporalio.api.enums.v1 as enums
from temporalio.api.history.v1 import WorkflowExecutionSignaledEventAttributes
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, ListWorkersRequest
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RetryConfig, RPCError, RPCStatusCode

from api.comparisons.engine import ComparisonEngine
from api.plans import Plans
from api.rates import Rates
from api.reaching import answered, reaching, told
from api.run import Run, read_run
from api.schedules import Schedules
from longshore.histories.codec import data_converter
from longshore.histories.keyring import Keyring
from longshore.ids import is_space, workflow_id
from longshore.settings import Settings
from workflows.contracts import WORKFLOW_QUEUE, DeleteProject, Progress, Submission
from workflows.deletion import DeleteProjectWorkflow
from workflows.endings import tell_of_ending
from workflows.showing import PROJECT_ATTRIBUTE
from workflows.submitting import start_import

WORKFLOW_TYPE = "ImportWorkflow"
_DELETION_TYPE = "DeleteProjectWorkflow"
_DELETION_PREFIX = "delete/"

_DEADLINE = timedelta(seconds=3)
_QUERY_DEADLINE = timedelta(seconds=2)
_RUNS_READ = 10
_WORKERS_READ = 1000
_BRIEF_RETRIES = RetryConfig(max_interval_millis=400, max_elapsed_time_millis=1200, max_retries=3)
"""A caller is told within about a second that Temporal is down; the default keeps it waiting for ten."""


@dataclass(frozen=True)
class Poller:
    identity: str
    seen_at: datetime
    last_seen_s: float
    """Seconds since it last asked for work; one that waits for work may be silent for up to a minute."""


@dataclass(frozen=True)
class Signalled:
    """A submission found among the signals of a run; `handled` if a worker has seen it."""

    submission: Submission
    handled: bool


class Engine:
    def __init__(self, client: Client, address: str, ui: str | None) -> None:
        self._client = client
        self._comparisons = ComparisonEngine(client)
        self._plans = Plans(client)
        self._schedules = Schedules(client)
        self._rates = Rates(client)
        self.address = address
        self.ui = ui
        self._last_beats: dict[str, datetime] = {}
        """By queue; Temporal forgets a worker some time after it fell silent."""

    @classmethod
    async def connect(cls, settings: Settings, keyring: Keyring) -> Engine:
        """An engine whose first call makes the connection, so that this one never fails."""
        address = settings.temporal_address or "127.0.0.1:7233"
        client = await Client.connect(
            address,
            namespace=settings.temporal_namespace,
            data_converter=data_converter(keyring),
            retry_config=_BRIEF_RETRIES,
            connect_timeout=_DEADLINE,
            lazy=True,
        )
        return cls(client, address, settings.temporal_ui)

    @property
    def comparisons(self) -> ComparisonEngine:
        return self._comparisons

    @property
    def plans(self) -> Plans:
        return self._plans

    @property
    def rates(self) -> Rates:
        return self._rates

    @property
    def schedules(self) -> Schedules:
        return self._schedules

    def ui_link(self, project: str, source_key: str) -> str | None:
        if self.ui is None:
            return None
        workflow = quote(workflow_id(project, source_key), safe="")
        return f"{self.ui.rstrip('/')}/namespaces/{self._client.namespace}/workflows/{workflow}"

    async def describe(self, project: str, source_key: str) -> Run | None:
        """The newest run of a source, or None if Temporal knows of none. Needs no worker."""
        handle = self._client.get_workflow_handle(workflow_id(project, source_key))
        try:
            with reaching():
                return await read_run(await handle.describe(rpc_timeout=_DEADLINE))
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def progress(self, project: str, source_key: str) -> Progress | None:
        """What the running workflow answers; None if no worker answers in time."""
        handle = self._client.get_workflow_handle(workflow_id(project, source_key))
        return await answered(handle.query("progress", result_type=Progress, rpc_timeout=_QUERY_DEADLINE))

    async def submit(self, submission: Submission, *, alone: bool) -> bool:
        """Hand a submission over; from here on it is never lost.

        Args:
            alone: Only if no import of the source is running.

        Returns:
            False if it was to be alone and is not.
        """
        id_ = workflow_id(submission.project, submission.source_key)
        with reaching():
            return await start_import(self._client, submission, workflow_id=id_, alone=alone, deadline=_DEADLINE)

    async def signal(self, project: str, source_key: str, name: str, import_id: str) -> bool:
        """Send a message to the running import of a source; False if none runs."""
        handle = self._client.get_workflow_handle(workflow_id(project, source_key))
        return await told(handle.signal(name, import_id, rpc_timeout=_DEADLINE))

    async def tell_of_ending(self, record: Mapping[str, Any], run_id: str) -> None:
        """Have the receivers of webhooks told how an import ended that could not tell them itself."""
        with reaching():
            await tell_of_ending(self._client, record, run_id, _DEADLINE)

    async def running(self, project: str | None) -> AsyncIterator[Run]:
        """Every running import, of one project or of all; not those of comparisons, which show them themselves."""
        query = f"WorkflowType = '{WORKFLOW_TYPE}' and ExecutionStatus = 'Running'"
        if project is not None:
            query += f" and {PROJECT_ATTRIBUTE.name} = '{project}'"
        with reaching():
            async for execution in self._client.list_workflows(query, rpc_timeout=_DEADLINE):
                run = await read_run(execution)
                if not is_space(run.project):
                    yield run

    async def delete_project(self, project: str) -> None:
        """Begin to delete a project, or the space of a variant, if that has not begun; from here on it will be done."""
        with reaching():
            await self._client.start_workflow(
                DeleteProjectWorkflow.run,
                DeleteProject(project=project),
                id=f"{_DELETION_PREFIX}{project}",
                task_queue=WORKFLOW_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"delete project {project}",
                rpc_timeout=_DEADLINE,
            )

    async def deleting(self) -> set[str]:
        """Projects whose deletion is under way."""
        query = f"WorkflowType = '{_DELETION_TYPE}' and ExecutionStatus = 'Running'"
        with reaching():
            found = self._client.list_workflows(query, rpc_timeout=_DEADLINE)
            return {execution.id.removeprefix(_DELETION_PREFIX) async for execution in found}

    async def signalled(self, run: Run, import_id: str) -> Signalled | None:
        """A submission that reached this run or one of those that it continues, read from their histories."""
        run_id, newest = run.run_id, True
        for _ in range(_RUNS_READ):
            signalled, before = await self._signalled_in(run.workflow_id, run_id, import_id)
            if signalled:
                return signalled if newest else replace(signalled, handled=True)
            if not before:
                return None
            run_id, newest = before, False
        return None

    async def _signalled_in(self, workflow: str, run_id: str, import_id: str) -> tuple[Signalled | None, str]:
        """A submission among the signals of one run, and the id of the run before it, if there was one."""
        found: Submission | None = None
        handled, before = False, ""
        handle = self._client.get_workflow_handle(workflow, run_id=run_id)
        try:
            with reaching():
                async for event in handle.fetch_history_events(rpc_timeout=_DEADLINE):
                    if event.HasField("workflow_execution_started_event_attributes"):
                        before = event.workflow_execution_started_event_attributes.continued_execution_run_id
                    elif event.HasField("workflow_execution_signaled_event_attributes"):
                        submission = await self._submission_in(event.workflow_execution_signaled_event_attributes)
                        if submission and submission.import_id == import_id:
                            found, handled = submission, False
                    elif event.event_type == enums.EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                        handled = True
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:  # its retention is over
                raise
        return (Signalled(found, handled) if found else None), before

    async def _submission_in(self, signal: WorkflowExecutionSignaledEventAttributes) -> Submission | None:
        if signal.signal_name != "submit":
            return None
        [submission] = await self._client.data_converter.decode(signal.input.payloads, [Submission])
        return submission if isinstance(submission, Submission) else None

    async def pollers(self, queue: str) -> list[Poller]:
        """Who has asked this queue for work within the last minutes."""
        kind = (
            enums.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
            if queue == WORKFLOW_QUEUE
            else enums.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
        )
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
        )
        with reaching():
            answer = await self._client.workflow_service.describe_task_queue(request, retry=True, timeout=_DEADLINE)
        now = datetime.now(UTC)
        seen = [(poller.identity, poller.last_access_time.ToDatetime(UTC)) for poller in answer.pollers]
        return [Poller(identity, seen_at, (now - seen_at).total_seconds()) for identity, seen_at in seen]

    async def worker_seen_at(self, queue: str) -> datetime | None:
        """When a worker of this queue was last heard of.

        By its heartbeats. Only where there never were any, by its asking for work: the requests of a worker that was
        frozen stay open, and look as if it were alive.
        """
        beats = await self.heartbeats(queue)
        if beats:
            self._last_beats[queue] = max(beats)
        elif queue not in self._last_beats:
            return max((poller.seen_at for poller in await self.pollers(queue)), default=None)
        return self._last_beats[queue]

    async def heartbeats(self, queue: str) -> list[datetime]:
        """Of the workers that Temporal still lists; none from a server that keeps no such list."""
        request = ListWorkersRequest(
            namespace=self._client.namespace, page_size=_WORKERS_READ, query=f"TaskQueue = '{queue}'"
        )
        try:
            with reaching():
                answer = await self._client.workflow_service.list_workers(request, retry=True, timeout=_DEADLINE)
        except RPCError as error:
            if error.status in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED):
                return []
            raise
        return [worker.worker_heartbeat.heartbeat_time.ToDatetime(UTC) for worker in answer.workers_info]

    async def check(self) -> None:
        """Raises:
        EngineUnavailable: Temporal does not answer.
        """
        with reaching():
            await self._client.count_workflows(f"WorkflowType = '{WORKFLOW_TYPE}'", rpc_timeout=_DEADLINE)
