"""Closing the record of an import whose run was ended from outside, so that it could not do so itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from longshore.graph import webhooks
from longshore.graph.catalog import ImportRow
from longshore.graph.db import Connection
from longshore.graph.records import abandon_pending, close_record, count_attachments, count_graph, count_items

LAST_STEPS = timedelta(seconds=10)
"""How long the steps that were under way when a run ended are left to end: they hear of it within some seconds."""
_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True)
class Left:
    """What an import has left in the store."""

    items: Mapping[str, int]
    attachments: Mapping[str, int]
    graph: Mapping[str, int]


Compose = Callable[[Left], Mapping[str, Any]]
Tell = Callable[[Mapping[str, Any]], Awaitable[None]]


async def note_loss(connection: Connection, lost_at: datetime) -> int:
    """Note of the imports that were open then that their runs may be gone with Temporal's database; how many."""
    cursor = await connection.execute(
        "update imports set run_lost_at = %(at)s where outcome is null and opened_at <= %(at)s "
        "and (run_lost_at is null or run_lost_at < %(at)s)",
        {"at": lost_at},
    )
    return cursor.rowcount


async def note_lost_run(connection: Connection, row: ImportRow) -> None:
    """Note of one import that Temporal does not know its run, for whoever has made sure of that."""
    await connection.execute(
        "update imports set run_lost_at = now() where project = %s and import_id = %s and outcome is null",
        (row.project, row.import_id),
    )


async def is_superseded(connection: Connection, row: ImportRow) -> bool:
    """Whether its source has been imported again since, so that it need not be."""
    cursor = await connection.execute(
        "select from imports where project = %s and source_key = %s and opened_at > %s limit 1",
        (row.project, row.source_key, row.opened_at),
    )
    return await cursor.fetchone() is not None


def is_forgotten(row: ImportRow) -> bool:
    """Whether an open import is so old that the engine, where it knows nothing of it, has forgotten it."""
    return datetime.now(UTC) - row.opened_at > _FORGOTTEN


async def settle(connection: Connection, row: ImportRow, run_id: str, compose: Compose, tell: Tell) -> bool:
    """Write the closing record, unless somebody has, in the caller's transaction.

    A step that comes too late finds nothing pending and changes nothing. A run that an operator resets later writes
    its own record over this one.

    Args:
        run_id: Of the run that ended, or empty.
        compose: Makes the record of what is left.
        tell: Has the receivers of webhooks told; called before the commit, perhaps again by a later attempt.

    Returns:
        Whether the record was written.
    """
    cursor = await connection.execute(
        "select from imports where project = %s and import_id = %s and outcome is null for update",
        (row.project, row.import_id),
    )
    if await cursor.fetchone() is None:
        return False
    await abandon_pending(connection, row.project, row.import_id, "import_failed")
    record = compose(
        Left(
            await count_items(connection, row.project, row.import_id),
            await count_attachments(connection, row.project, row.import_id),
            await count_graph(connection, row.project),
        )
    )
    await close_record(connection, row.project, row.import_id, run_id, row.aliases, record)
    if await webhooks.list_webhooks(connection, row.project, "import.closed"):
        await tell(record)
    return True
