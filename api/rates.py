"""How many tasks a second Temporal hands out from a provider's queue, to all workers together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import temporalio.api.enums.v1 as enums
from temporalio.api.taskqueue.v1 import RateLimit, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, UpdateTaskQueueConfigRequest
from temporalio.client import Client

from api.reaching import reaching

_DEADLINE = timedelta(seconds=3)
_ACTIVITIES = enums.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY


@dataclass(frozen=True)
class Rate:
    rps: float | None
    """As it was set at run time; None where it never was, or was taken back."""
    pollers: int


class Rates:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def limit(self, queue: str, rps: float | None) -> None:
        """Set the rate, which Temporal keeps whatever restarts; None for the one that the workers ask for."""
        update = UpdateTaskQueueConfigRequest.RateLimitUpdate(
            rate_limit=None if rps is None else RateLimit(requests_per_second=rps), reason="longshore providers limit"
        )
        request = UpdateTaskQueueConfigRequest(
            namespace=self._client.namespace,
            identity="longshore",
            task_queue=queue,
            task_queue_type=_ACTIVITIES,
            update_queue_rate_limit=update,
        )
        with reaching():
            await self._client.workflow_service.update_task_queue_config(request, timeout=_DEADLINE)

    async def current(self, queue: str) -> Rate:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=_ACTIVITIES,
            report_config=True,
        )
        with reaching():
            answer = await self._client.workflow_service.describe_task_queue(request, retry=True, timeout=_DEADLINE)
        set_here = answer.config.queue_rate_limit
        rps = set_here.rate_limit.requests_per_second if set_here.HasField("rate_limit") else None
        return Rate(rps, len(answer.pollers))
