"""What an import would do."""

from __future__ import annotations

from temporalio import activity

from workflows.contracts.message import Message
from workflows.contracts.progress import ItemCounts
from workflows.contracts.submissions import Revision, Submission


class Sample(Message):
    """Some of the items that one thing is true of."""

    code: str
    count: int
    examples: tuple[str, ...] = ()


class Preview(Message):
    """What an import would do, as the source and the graph are now. Nothing of it was done."""

    revision: Revision | None = None
    items: ItemCounts
    """`total` leaves `removed` out; `skipped` are those that the source itself gives a reason to leave out."""
    files: int
    """To read, each content once."""
    bytes: int
    chunks: int
    tokens: int
    """In the chunks. Both are estimates, from the sizes of the files."""
    cost: float | None = None
    """Of these, by the prices of the providers that would be asked; None where none would be."""
    left_out: tuple[Sample, ...] = ()
    """By reason, also files that the source names and does not bring."""
    duplicates: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Some titles of each."""
    needs_approval: bool
    """It would wait for a yes, for it would remove much."""


@activity.defn
async def preview_import(submission: Submission) -> Preview: ...
