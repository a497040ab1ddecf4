"""Importing a source again by a schedule."""

from __future__ import annotations

from temporalio import activity

from workflows.contracts.message import Message


class Rescan(Message):
    """Submit a source again as it was submitted the last time."""

    project: str
    source_key: str


class Rescanned(Message):
    import_id: str | None
    """None where the source is there no more."""


@activity.defn
async def submit_rescan(rescan: Rescan) -> Rescanned: ...
