"""Webhooks: who is to be told of what, and how a message is signed.

Messages follow the Standard Webhooks specification: `webhook-id`, `webhook-timestamp` and `webhook-signature`, an
HMAC-SHA256 over id, timestamp and body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from longshore.graph.db import Connection

Event = Literal["import.closed", "import.waiting"]
EVENTS: tuple[Event, ...] = get_args(Event)


@dataclass(frozen=True)
class Webhook:
    id: str
    url: str
    events: tuple[Event, ...]


async def add_webhook(connection: Connection, project: str, url: str, events: Sequence[Event]) -> Webhook:
    """Have a project's events sent to an address; the project must exist."""
    webhook = Webhook(secrets.token_hex(8), url, tuple(sorted(set(events))))
    await connection.execute(
        "insert into webhooks (project, webhook_id, url, events) values (%s, %s, %s, %s)",
        (project, webhook.id, url, list(webhook.events)),
    )
    return webhook


async def list_webhooks(connection: Connection, project: str, event: Event | None = None) -> list[Webhook]:
    """All of a project, or those that want an event; oldest first."""
    cursor = await connection.execute(
        "select webhook_id, url, events from webhooks where project = %(project)s "
        "and (%(event)s::text is null or %(event)s = any(events)) order by created_at, webhook_id",
        {"project": project, "event": event},
    )
    return [Webhook(row["webhook_id"], row["url"], tuple(row["events"])) for row in await cursor.fetchall()]


async def delete_webhook(connection: Connection, project: str, webhook_id: str) -> bool:
    """Whether there was one to delete."""
    cursor = await connection.execute(
        "delete from webhooks where project = %s and webhook_id = %s", (project, webhook_id)
    )
    return cursor.rowcount > 0


def signing_secret(installation_key: bytes, project: str, webhook_id: str) -> str:
    """The secret that a receiver checks signatures with: `whsec_` and base64, derived, never stored."""
    derived = hmac.digest(installation_key, f"webhook/{project}/{webhook_id}".encode(), hashlib.sha256)
    return "whsec_" + base64.b64encode(derived).decode()


def signed_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Headers that let the receiver tell who sent a message and that it is fresh.

    Args:
        timestamp: Seconds since 1970.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
        "content-type": "application/json",
    }
