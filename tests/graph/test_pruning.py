"""What was read of files that are needed no longer goes with them, and the graph does not change by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from longshore.blobs import BlobStore
from longshore.graph import collecting, records
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from tests.graph.conftest import PROJECT, Importer, attachment, entry

TIDES = entry("a", "On Tides", attachments=(attachment("tides come and go"),))
CRANES = entry("b", "On Cranes", attachments=(attachment("cranes lift what is heavy", path="files/2/b.txt"),))
FILES = ["tides come and go", "cranes lift what is heavy"]


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(str(tmp_path))


async def rows_dropped(pool: Pool, blobs: BlobStore) -> int:
    return sum([page.rows async for page in collecting.collect(pool, blobs, PROJECT, ())])


async def digests(pool: Pool) -> dict[str, str]:
    async with pool.connection() as connection:
        return await graph_hash(connection, PROJECT)


async def count(pool: Pool, table: str) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute(f"select count(*) as rows from {table}".encode())
        row = await cursor.fetchone()
    return int(row["rows"]) if row else 0


async def a_month_goes_by(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("update imports set closed_at = closed_at - interval '31 days'")


async def test_texts_and_versions_of_what_has_gone_go_when_it_cannot_be_undone(
    pool: Pool, blobs: BlobStore, run_import: Importer
) -> None:
    await run_import("first", [CRANES, TIDES], files=FILES)
    texts = await count(pool, "parts")
    await run_import("second", [TIDES], files=FILES)
    before = await digests(pool)

    at_once = await rows_dropped(pool, blobs)
    kept = await count(pool, "item_versions")
    await a_month_goes_by(pool)
    later = await rows_dropped(pool, blobs)

    assert (at_once, kept) == (1, 1), "the abstract, which an undo would read anew"
    assert later == 2, "the file's text, and the version"
    assert (texts, await count(pool, "parts"), await count(pool, "item_versions")) == (4, 2, 0)
    assert await digests(pool) == before


async def test_what_was_dropped_is_read_anew(pool: Pool, blobs: BlobStore, run_import: Importer) -> None:
    await run_import("first", [CRANES, TIDES], files=FILES)
    before = await digests(pool)
    await run_import("second", [TIDES], files=FILES)
    await a_month_goes_by(pool)
    await rows_dropped(pool, blobs)

    await run_import("third", [CRANES, TIDES], files=FILES)

    assert await digests(pool) == before


async def test_nothing_that_an_open_import_may_have_read_is_dropped(
    pool: Pool, blobs: BlobStore, run_import: Importer
) -> None:
    await run_import("first", [CRANES, TIDES], files=FILES)
    await run_import("second", [TIDES], files=FILES)
    submission = {"project": PROJECT, "import_id": "open", "source_key": "zotero.s", "kind": "zotero", "name": "s"}
    async with pool.connection() as connection:
        await records.open_record(connection, submission, "run")

    assert await rows_dropped(pool, blobs) == 0
    assert await count(pool, "parts") == 4
