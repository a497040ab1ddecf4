"""An import that was ended from outside gets the closing record that its workflow could not write.

Temporal forgets how a run ended when its retention is over; the record is for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.imports.schemas import Import
from api.run import Run
from longshore.graph.catalog import ImportRow
from longshore.graph.db import Connection
from longshore.graph.records import abandon_pending, close_record, count_attachments, count_graph, count_items
from workflows.contracts import ClosingRecord, GraphCounts, ItemCounts, Progress

_LAST_STEPS = timedelta(seconds=30)
"""Steps that were under way when the run ended may still commit for so long."""
_FORGOTTEN = timedelta(days=1)
"""An import so old that no run knows of is no longer one that is just changing hands."""


def is_settled(run: Run | None, row: ImportRow) -> bool:
    """Whether nothing will happen any more to an import that does not run and has no record."""
    now = datetime.now(UTC)
    if run and run.import_id == row.import_id:
        return run.closed_at is not None and now - run.closed_at > _LAST_STEPS
    return now - row.opened_at > _FORGOTTEN


async def settle(connection: Connection, run: Run | None, row: ImportRow, ended: Import) -> None:
    """Write the record, unless somebody has. A run that is reset later writes its own over it."""
    cursor = await connection.execute(
        "select 1 from imports where project = %s and import_id = %s and outcome is null for update",
        (row.project, row.import_id),
    )
    if await cursor.fetchone() is None:
        return
    await abandon_pending(connection, row.project, row.import_id, "import_failed")
    counts = await count_items(connection, row.project, row.import_id)
    attachments = await count_attachments(connection, row.project, row.import_id)
    items = ItemCounts(**{name: counts[name] for name in ItemCounts.model_fields})
    closed_at = ended.closed_at or datetime.now(UTC)
    record = ClosingRecord(
        project=row.project,
        import_id=row.import_id,
        source_key=row.source_key,
        state=ended.state,
        reason=ended.reason,
        items=items,
        graph=GraphCounts(**await count_graph(connection, row.project)),
        progress=Progress(
            import_id=row.import_id,
            state=ended.state,
            fraction=1.0,
            stages=ended.stages,
            items=items,
            chunks=ended.chunks,
            started_at=row.opened_at,
            updated_at=closed_at,
        ),
        warnings=attachments["warnings"],
        attachments_failed=attachments["failed"],
        interruptions=ended.interruptions,
        started_at=row.opened_at,
        closed_at=closed_at,
    )
    run_id = run.run_id if run and run.import_id == row.import_id else ""
    await close_record(connection, row.project, row.import_id, run_id, row.aliases, record.model_dump(mode="json"))
