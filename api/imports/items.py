"""The items of an import, page by page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from api.imports.schemas import Item, ItemPage
from api.problems import Problem
from api.services import Services
from longshore.graph import catalog

ItemState = Literal["pending", "done", "unchanged", "skipped", "failed"]


async def page_of_items(
    services: Services, project: str, import_id: str, state: ItemState | None, size: int, token: str | None
) -> ItemPage:
    """Raises:
    Problem: 404 `import_not_found`; 422 `invalid_page_token`.
    """
    after = _position(token)
    async with services.connection() as connection:
        row = await catalog.find_import(connection, project, import_id)
        rows = await catalog.list_items(connection, project, row.import_id, state, after, size + 1) if row else []
    if row is None:
        await services.imports.find(project, import_id)
    more = len(rows) > size
    return ItemPage(
        items=[Item.model_validate(asdict(found)) for found in rows[:size]],
        next_page_token=str(rows[size - 1].ordinal) if more else None,
    )


def _position(token: str | None) -> int:
    if token is None:
        return -1
    if not token.isdecimal():
        raise Problem(422, "invalid_page_token", "This page token was not given by this API.", "Start without one.")
    return int(token)
