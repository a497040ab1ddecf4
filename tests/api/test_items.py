"""The items of an import."""

from __future__ import annotations

import json

import pytest_asyncio

from tests.api.conftest import Door, record_closed, submission_of

IMPORT = "zotero.hold.000000000001"


def items_of(door: Door, import_id: str = IMPORT) -> str:
    return f"/v1/projects/{door.project}/imports/{import_id}/items"


@pytest_asyncio.fixture
async def hold(door: Door) -> Door:
    await record_closed(door.pool, submission_of(door.project, IMPORT, "Hold"), aliases=("zotero.hold.000000000002",))
    broken = [{"path": "files/b.pdf", "title": "B", "state": "failed", "code": "encrypted", "detail": "locked"}]
    rows = [
        (0, "a", "added", "done", None, []),
        (1, "b", "added", "done", None, broken),
        (2, "c", "added", "failed", "corrupt", []),
        (3, "d", "unchanged", "unchanged", None, []),
        (4, "e", "removed", "done", None, []),
    ]
    async with door.pool.connection() as connection, connection.cursor() as cursor:
        await cursor.executemany(
            "insert into import_items (project, import_id, ordinal, item_key, title, change, state, code, attachments) "
            "values (%s, %s, %s, %s, 'Title', %s, %s, %s, %s)",
            [(door.project, IMPORT, *row[:-1], json.dumps(row[-1])) for row in rows],
        )
    return door


async def test_items_come_in_pages_that_lose_and_repeat_none(hold: Door) -> None:
    keys, token = [], None
    while True:
        page = await hold.get(items_of(hold), page_size=2, **({"page_token": token} if token else {}))
        keys += [item["key"] for item in page["items"]]
        token = page["next_page_token"]
        if token is None:
            break

    assert keys == ["a", "b", "c", "d", "e"]


async def test_failed_lists_items_with_a_failed_file_too(hold: Door) -> None:
    page = await hold.get(items_of(hold), state="failed")

    assert [item["key"] for item in page["items"]] == ["b", "c"]
    assert page["items"][0]["attachments"][0]["code"] == "encrypted"
    assert page["items"][1]["code"] == "corrupt"


async def test_an_attached_id_lists_the_same(hold: Door) -> None:
    page = await hold.get(items_of(hold, "zotero.hold.000000000002"), state="unchanged")

    assert [item["key"] for item in page["items"]] == ["d"]


async def test_an_unknown_import_has_no_items_page(hold: Door) -> None:
    await hold.get(items_of(hold, "zotero.hold.000000000009"), status=404)
    await hold.get(f"/v1/projects/elsewhere/imports/{IMPORT}/items", status=404)


async def test_a_token_of_someone_else_is_refused(hold: Door) -> None:
    problem = await hold.get(items_of(hold), status=422, page_token="afloat")

    assert problem["code"] == "invalid_page_token"
