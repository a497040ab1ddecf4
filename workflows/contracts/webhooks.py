"""Telling those who asked to be told."""

from __future__ import annotations

from typing import Literal

from temporalio import activity

from workflows.contracts.message import Message
from workflows.contracts.progress import ClosingRecord, Progress


class Telling(Message):
    """An event of an import, for whoever asked to be told."""

    project: str
    import_id: str
    event: Literal["import.closed", "import.waiting"]
    data: Progress | ClosingRecord


class Delivery(Message):
    telling: Telling
    webhook_id: str


@activity.defn
async def choose_webhooks(telling: Telling) -> list[str]: ...


@activity.defn
async def deliver_webhook(delivery: Delivery) -> None: ...
