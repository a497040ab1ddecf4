"""Which pipeline a project has."""

from __future__ import annotations

from longshore.graph.db import Connection
from longshore.pipeline import Pipeline


async def pipeline_of(connection: Connection, project: str) -> Pipeline:
    """The project's own; the default for one that has none."""
    cursor = await connection.execute("select pipeline from projects where project = %s", (project,))
    row = await cursor.fetchone()
    return Pipeline.model_validate(row["pipeline"]) if row else Pipeline()
