"""All items of an import as a file, read from the store while it is sent."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from urllib.parse import quote

from fastapi.responses import StreamingResponse

from api.imports.items import item_of, stored_id
from api.imports.schemas import Item
from api.services import Services
from longshore.graph import catalog
from longshore.graph.catalog import ItemChoice

_ROWS = 1000
_COLUMNS = (
    "key",
    "title",
    "change",
    "state",
    "stage",
    "code",
    "detail",
    "attempts",
    "files",
    "files_not_read",
    "problems",
    "document_id",
    "renamed_from",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Encode = Callable[[Sequence[Item]], str]


async def as_csv(services: Services, project: str, import_id: str, choice: ItemChoice) -> StreamingResponse:
    """Raises:
    Problem: 404 `import_not_found`.
    """
    return await _file(services, project, import_id, choice, "csv", "text/csv; charset=utf-8", _csv_rows)


async def as_json_lines(services: Services, project: str, import_id: str, choice: ItemChoice) -> StreamingResponse:
    """Raises:
    Problem: 404 `import_not_found`.
    """
    return await _file(services, project, import_id, choice, "jsonl", "application/jsonl", _json_lines)


async def _file(
    services: Services, project: str, import_id: str, choice: ItemChoice, suffix: str, media_type: str, encode: Encode
) -> StreamingResponse:
    known = await stored_id(services, project, import_id)
    pages = _pages(services, project, known, choice)
    # CPython's anext() fails where its default is a tuple (SystemError in 3.11).
    first: Sequence[Item] = await anext(pages, [])
    head = _csv_line(_COLUMNS) if suffix == "csv" else ""
    name = quote(f"{import_id}.items.{suffix}")
    return StreamingResponse(
        _encoded(head, first, pages, encode),
        media_type=media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-cache"},
    )


async def _encoded(
    head: str, first: Sequence[Item], rest: AsyncIterator[list[Item]], encode: Encode
) -> AsyncIterator[str]:
    yield head + encode(first)
    async for page in rest:
        yield encode(page)


async def _pages(
    services: Services, project: str, import_id: str | None, choice: ItemChoice
) -> AsyncIterator[list[Item]]:
    """A connection is held for one page only: who reads slowly keeps none from others."""
    after = -1
    while import_id:
        async with services.connection() as connection:
            rows = await catalog.list_items(connection, project, import_id, choice, after, _ROWS)
        if rows:
            yield [item_of(row) for row in rows]
        if len(rows) < _ROWS:
            return
        after = rows[-1].ordinal


def _json_lines(items: Sequence[Item]) -> str:
    return "".join(item.model_dump_json() + "\n" for item in items)


def _csv_rows(items: Sequence[Item]) -> str:
    return "".join(_csv_line(_cells(item)) for item in items)


def _cells(item: Item) -> list[str]:
    unread = [file for file in item.attachments if file.state != "read"]
    problems = "; ".join(f"{file.path or file.title}: {file.code or file.state}" for file in unread)
    counts = (str(item.attempts), str(len(item.attachments)), str(len(unread)))
    stage, code = item.stage or "", item.code or ""
    document = str(item.document_id or "")
    named = (item.key, item.title, item.change, item.state, stage, code, item.detail or "")
    return [*named, *counts, problems, document, item.renamed_from or ""]


def _csv_line(cells: Sequence[str]) -> str:
    """Titles come from strangers: none of them may be a formula in a spreadsheet."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)
    return buffer.getvalue()
