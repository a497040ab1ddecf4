"""What has to be there before it can be read."""

from __future__ import annotations

from uuid import UUID

from api.problems import Problem
from longshore.graph import catalog
from longshore.graph.db import Connection


async def require_project(connection: Connection, project: str) -> None:
    """Raises:
    Problem: 404 `project_not_found`.
    """
    if not await catalog.project_exists(connection, project):
        raise Problem(
            404, "project_not_found", f"There is no project {project}.", "The first import into a project makes it."
        )


def node_not_found(project: str, node: UUID) -> Problem:
    return Problem(
        404,
        "node_not_found",
        f"Project {project} has no node or document {node}.",
        "What no document asserts any more leaves the graph: read it again.",
    )
