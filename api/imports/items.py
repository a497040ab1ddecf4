"""The items of an import, page by page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Depends, Query

from api.imports.pages import invalid_token
from api.imports.schemas import Attachment, Item, ItemPage
from api.services import Services
from longshore.codes import CODES, ItemCode, listed
from longshore.graph import catalog
from longshore.graph.catalog import ItemChoice, ItemRow

ItemState = Literal["pending", "done", "unchanged", "skipped", "failed"]
ItemChange = Literal["added", "changed", "unchanged", "duplicate", "removed"]

_LARGEST_ORDINAL = 2**31 - 1


def choice_of(
    state: Annotated[
        ItemState | None, Query(description="`failed` also lists items of which only a file failed.")
    ] = None,
    code: Annotated[ItemCode | None, Query(description="Of the item or of one of its files.")] = None,
    problems: Annotated[
        bool, Query(description="Only what failed, was skipped for a reason of its own, or has a file not read.")
    ] = False,
    change: Annotated[ItemChange | None, Query(description="What the import makes of it, or is to make of it.")] = None,
) -> ItemChoice:
    return ItemChoice(state, code, problems, change)


Choice = Annotated[ItemChoice, Depends(choice_of)]


async def page_of_items(
    services: Services, project: str, import_id: str, choice: ItemChoice, size: int, token: str | None
) -> ItemPage:
    """Raises:
    Problem: 404 `import_not_found`; 422 `invalid_page_token`.
    """
    after = _position(token)
    known = await stored_id(services, project, import_id)
    async with services.connection() as connection:
        rows = await catalog.list_items(connection, project, known, choice, after, size + 1) if known else []
    more = len(rows) > size
    return ItemPage(
        items=[item_of(row) for row in rows[:size]],
        next_page_token=str(rows[size - 1].ordinal) if more else None,
    )


async def stored_id(services: Services, project: str, import_id: str) -> str | None:
    """The id under which the store has the import; None while no worker has opened it.

    Raises:
        Problem: 404 `import_not_found`.
    """
    row = await services.imports.record(project, import_id)
    if row is None:
        await services.imports.find(project, import_id)
    return row.import_id if row else None


def item_of(row: ItemRow) -> Item:
    code = listed(row.code) if row.code else None
    files = [Attachment.model_validate({**file, "code": _code(file.get("code"))}) for file in row.attachments]
    blamed = code or next((file.code for file in files if file.code), None)
    return Item(
        **{**asdict(row), "code": code, "attachments": files},
        stage=CODES[blamed].stage if blamed else None,
    )


def _code(code: str | None) -> ItemCode | None:
    return listed(code) if code else None


def _position(token: str | None) -> int:
    if token is None:
        return -1
    if not (token.isascii() and token.isdecimal() and int(token) <= _LARGEST_ORDINAL):
        raise invalid_token()
    return int(token)
