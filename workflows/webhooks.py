"""`WebhooksWorkflow`: tells every receiver of one event, for as long as that takes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows import contracts
    from workflows.contracts import Delivery, Telling
    from workflows.steps import run_step

_GIVE_UP_AFTER = timedelta(days=3)
_ATTEMPT = timedelta(seconds=30)
_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5), backoff_coefficient=3.0, maximum_interval=timedelta(hours=2)
)


@workflow.defn(name="WebhooksWorkflow")
class WebhooksWorkflow:
    @workflow.run
    async def run(self, telling: Telling) -> int:
        """How many receivers were reached; the others were given up after three days."""
        receivers = await run_step(contracts.choose_webhooks, telling, summary=f"who hears of {telling.event}")
        reached = await asyncio.gather(*(self._deliver(telling, receiver) for receiver in receivers))
        return sum(reached)

    async def _deliver(self, telling: Telling, webhook_id: str) -> bool:
        try:
            await workflow.execute_activity(
                contracts.deliver_webhook,
                Delivery(telling=telling, webhook_id=webhook_id),
                task_queue=contracts.WEBHOOK_QUEUE,
                start_to_close_timeout=_ATTEMPT,
                schedule_to_close_timeout=_GIVE_UP_AFTER,
                retry_policy=_RETRY,
                summary=f"tell {webhook_id}",
            )
        except ActivityError:
            return False
        return True
