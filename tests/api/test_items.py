"""The items of an import."""

from __future__ import annotations

import csv
import io
import json

import pytest
import pytest_asyncio

from api.imports import exporting
from tests.api.door import Door
from tests.api.scripted import record_closed, submission_of

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
        (5, "f", "added", "done", None, [{**broken[0], "state": "missing", "code": "missing_file"}]),
        (6, "g", "added", "failed", "KeyError", []),
        (7, "h", "added", "skipped", "cancelled", []),
        (8, "i", "added", "skipped", "no_file", []),
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

    assert keys == list("abcdefghi")


async def test_failed_lists_items_with_a_failed_file_too(hold: Door) -> None:
    page = await hold.get(items_of(hold), state="failed")

    assert [item["key"] for item in page["items"]] == ["b", "c", "g"]
    assert page["items"][0]["attachments"][0]["code"] == "encrypted"
    assert [(item["code"], item["stage"]) for item in page["items"]] == [
        (None, "parse"),
        ("corrupt", "parse"),
        ("unexpected", None),
    ]


async def test_items_are_chosen_by_the_reason(hold: Door) -> None:
    async def keys(code: str) -> str:
        return "".join(item["key"] for item in (await hold.get(items_of(hold), code=code))["items"])

    assert [await keys(code) for code in ("encrypted", "corrupt", "unexpected", "cancelled")] == ["b", "c", "g", "h"]
    await hold.get(items_of(hold), status=422, code="KeyError")


async def test_problems_are_what_a_person_should_look_at(hold: Door) -> None:
    page = await hold.get(items_of(hold), problems=True)

    assert [item["key"] for item in page["items"]] == ["b", "c", "f", "g", "i"]


async def test_items_are_chosen_by_what_the_import_makes_of_them(hold: Door) -> None:
    page = await hold.get(items_of(hold), change="removed")

    assert [item["key"] for item in page["items"]] == ["e"]


async def test_all_items_can_be_had_as_lines(hold: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_ROWS", 2)
    answer = await hold.http.get(f"{items_of(hold)}.jsonl")
    failed = await hold.http.get(f"{items_of(hold)}.jsonl", params={"state": "failed"})
    unknown = await hold.http.get(f"{items_of(hold, 'zotero.hold.000000000009')}.jsonl")

    assert answer.headers["content-type"] == "application/jsonl"
    assert [json.loads(line)["key"] for line in answer.text.splitlines()] == list("abcdefghi")
    assert [json.loads(line)["key"] for line in failed.text.splitlines()] == list("bcg")
    assert unknown.status_code == 404


async def test_all_items_can_be_had_as_a_table_without_formulas(hold: Door) -> None:
    async with hold.pool.connection() as connection:
        await connection.execute(
            "update import_items set title = %s where project = %s and ordinal = 1", ('=1+1, "x"', hold.project)
        )

    answer = await hold.http.get(f"{items_of(hold)}.csv")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{IMPORT}.items.csv"
    assert [row["key"] for row in rows] == list("abcdefghi")
    assert rows[1]["title"] == '\'=1+1, "x"'
    assert (rows[1]["files_not_read"], rows[1]["problems"]) == ("1", "files/b.pdf: encrypted")


async def test_an_attached_id_lists_the_same(hold: Door) -> None:
    page = await hold.get(items_of(hold, "zotero.hold.000000000002"), state="unchanged")

    assert [item["key"] for item in page["items"]] == ["d"]


async def test_an_unknown_import_has_no_items_page(hold: Door) -> None:
    await hold.get(items_of(hold, "zotero.hold.000000000009"), status=404)
    await hold.get(f"/v1/projects/elsewhere/imports/{IMPORT}/items", status=404)


async def test_a_token_of_someone_else_is_refused(hold: Door) -> None:
    problem = await hold.get(items_of(hold), status=422, page_token="afloat")

    assert problem["code"] == "invalid_page_token"
