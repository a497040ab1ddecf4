"""Comparisons that nobody runs any more, and what was left of some."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.client import Client

from longshore.graph import comparisons, deletion
from longshore.graph.checking import EXAMPLES
from longshore.graph.comparisons import OpenComparison
from longshore.graph.db import Pool
from longshore.ids import comparison_workflow_id
from longshore.stack.doctor.engine import SETTLED_WITHIN, describe
from longshore.stack.doctor.finding import Finding


async def check_comparisons(client: Client, pool: Pool) -> list[Finding]:
    """Open comparisons beside the runs of Temporal, and spaces of variants beside the comparisons that they are of."""
    async with pool.connection() as connection:
        rows = await comparisons.open_comparisons(connection)
        left = await comparisons.spaces_without_comparison(connection)
    lost = [
        row
        for row in rows
        if datetime.now(UTC) - row.opened_at > SETTLED_WITHIN
        and not await _runs(client, comparison_workflow_id(row.project, row.comparison_id))
    ]
    spaces = [space for space in left if not await _runs(client, f"delete/{space}")]
    return [finding for finding in (_without_run(lost), _left_over(pool, spaces)) if finding]


async def _runs(client: Client, workflow_id: str) -> bool:
    last = await describe(client, workflow_id)
    return last is not None and last.status == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING


def _without_run(rows: list[OpenComparison]) -> Finding | None:
    if not rows:
        return None
    return Finding(
        code="comparisons_without_run",
        what="Comparisons are open in the database that do not run in Temporal.",
        why="They were ended from outside, or Temporal has lost them. They do not go on, and nothing of them can be "
        "promoted.",
        remedy="`longshore compare retry ID VARIANT` takes one up again: what was imported is found unchanged. "
        "`longshore compare drop ID` forgets it.",
        count=len(rows),
        examples=[
            f"{row.project}: {row.comparison_id}, since {row.opened_at:%Y-%m-%d %H:%M} UTC" for row in rows[:EXAMPLES]
        ],
    )


def _left_over(pool: Pool, spaces: list[str]) -> Finding | None:
    if not spaces:
        return None

    async def delete() -> str:
        for space in spaces:
            async with pool.connection() as connection:
                await deletion.begin_deletion(connection, space)
            async for _ in deletion.delete_rows(pool, space):
                pass
        return f"Deleted {len(spaces)} spaces of variants."

    return Finding(
        code="spaces_left_over",
        what="Graphs of variants are in the database whose comparison is forgotten.",
        why="Nobody sees them, nobody can promote or drop them, and they take space.",
        remedy="`longshore doctor --fix` deletes them, with what only they used.",
        count=len(spaces),
        examples=spaces[:EXAMPLES],
    ).mended_by(delete)
