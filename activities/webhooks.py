"""Telling a receiver of an event: one request an attempt, signed; the engine does the retrying."""

from __future__ import annotations

import asyncio
import json
import time

import httpx2
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.heartbeat import beating
from longshore.graph import webhooks
from longshore.graph.db import Pool
from workflows.contracts import Delivery, Telling

_DEADLINE_S = 15.0


class WebhookActivities:
    def __init__(self, pool: Pool, installation_key: bytes) -> None:
        self._pool = pool
        self._installation_key = installation_key

    @activity.defn(name="choose_webhooks")
    async def choose_webhooks(self, telling: Telling) -> list[str]:
        async with beating(), self._pool.connection() as connection:
            chosen = await webhooks.list_webhooks(connection, telling.project, telling.event)
        return [webhook.id for webhook in chosen]

    @activity.defn(name="deliver_webhook")
    async def deliver_webhook(self, delivery: Delivery) -> None:
        telling = delivery.telling
        async with self._pool.connection() as connection:
            known = await webhooks.list_webhooks(connection, telling.project, telling.event)
        receiver = next((webhook for webhook in known if webhook.id == delivery.webhook_id), None)
        if receiver is None:
            return  # it was deleted meanwhile
        secret = webhooks.signing_secret(self._installation_key, telling.project, receiver.id)
        body = json.dumps(
            {
                "type": telling.event,
                "project": telling.project,
                "import": telling.import_id,
                "data": telling.data.model_dump(mode="json"),
            },
            ensure_ascii=False,
        ).encode()
        message_id = f"{telling.import_id}.{telling.event}"
        headers = webhooks.signed_headers(secret, message_id, int(time.time()), body)
        status = await _post(receiver.url, body, headers)
        if status >= 300:
            raise _refused(f"the receiver answered {status}")


async def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer, whose body is not read."""
    try:
        async with (
            asyncio.timeout(_DEADLINE_S),
            httpx2.AsyncClient(follow_redirects=False, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            return response.status_code
    except (httpx2.HTTPError, TimeoutError, OSError) as error:
        raise _refused(f"the receiver cannot be reached: {type(error).__name__}") from error


def _refused(message: str) -> ApplicationError:
    return ApplicationError(message, type="webhook_refused", category=ApplicationErrorCategory.BENIGN)
