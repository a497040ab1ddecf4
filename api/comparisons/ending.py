"""What becomes of comparisons when their project is deleted."""

from __future__ import annotations

from api.services import Services
from longshore.graph import comparisons

_LISTED = 1000


async def end_comparisons(services: Services, project: str) -> None:
    """Cancel those that run, and begin to delete the spaces of all."""
    async with services.connection() as connection:
        rows = await comparisons.list_comparisons(connection, project, _LISTED)
        spaces = await comparisons.spaces_of(connection, project)
    for row in rows:
        if row.outcome is None:
            await services.engine.comparisons.signal(project, row.comparison_id, "cancel")
    for space in spaces:
        await services.engine.delete_project(space)
