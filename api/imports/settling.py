"""An import that was ended from outside is settled when somebody looks at it, if the sweep has not done so before."""

from __future__ import annotations

from datetime import UTC, datetime

from api.engine import Engine
from api.run import Run
from longshore.graph import settling
from longshore.graph.catalog import ImportRow
from longshore.graph.db import Connection
from workflows.contracts import ImportRef
from workflows.endings import Ending, ended_record


def ending_of(run: Run | None, import_id: str) -> Ending:
    """What a run tells about the end of an import, if it is the import's own."""
    if run is None or run.import_id != import_id:
        return Ending()
    snapshot = run.snapshot if run.snapshot and run.snapshot.import_id == import_id else None
    return Ending(run.run_id, run.status, run.closed_at, snapshot)


def is_settled(run: Run | None, row: ImportRow) -> bool:
    """Whether nothing will happen any more to an import that does not run and has no record."""
    if run and run.import_id == row.import_id:
        return run.closed_at is not None and datetime.now(UTC) - run.closed_at > settling.LAST_STEPS
    return settling.is_forgotten(row)


async def settle(connection: Connection, engine: Engine, run: Run | None, row: ImportRow) -> None:
    """Write the record that the workflow could not write, and have the receivers of webhooks told."""
    ending = ending_of(run, row.import_id)
    ref = ImportRef(project=row.project, import_id=row.import_id, source_key=row.source_key)
    await settling.settle(
        connection,
        row,
        ending.run_id,
        lambda left: ended_record(ref, ending, row.opened_at, left.items, left.attachments, left.graph),
        lambda record: engine.tell_of_ending(record, ending.run_id),
    )
