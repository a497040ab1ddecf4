"""Deleting a project."""

from __future__ import annotations

from temporalio import activity

from workflows.contracts.message import Message


class DeleteProject(Message):
    project: str


class Deleted(Message):
    rows: int
    blobs: int


@activity.defn
async def begin_deletion(request: DeleteProject) -> list[str]: ...


@activity.defn
async def count_open_imports(request: DeleteProject) -> int: ...


@activity.defn
async def delete_rows(request: DeleteProject) -> int: ...


@activity.defn
async def delete_blobs(request: DeleteProject) -> int: ...
