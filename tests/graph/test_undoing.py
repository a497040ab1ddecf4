"""Taking back: an import undone, a source removed, a project deleted."""

from __future__ import annotations

from typing import Any

from longshore.graph import deletion
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from longshore.sources.model import Tag
from tests.graph.conftest import PROJECT, Importer, entry

FIRST = [
    entry("A", "Durable workflows in libraries", doi="10.5555/a", tags=(Tag(name="engines"),)),
    entry("B", "Rate limits of providers", doi="10.5555/b"),
    entry("C", "Archives of tidal engines", doi="10.5555/c"),
]
SECOND = [
    FIRST[0].model_copy(update={"tags": (Tag(name="motors"),), "abstract": "Another abstract altogether."}),
    FIRST[1],
    entry("D", "Catalogues of containers", doi="10.5555/d"),
]


async def digest(pool: Pool) -> dict[str, str]:
    async with pool.connection() as connection:
        return await graph_hash(connection, PROJECT)


async def counts(pool: Pool) -> dict[str, Any]:
    tables = ("documents", "items", "nodes", "edges", "provenance", "chunks", "embeddings", "imports", "projects")
    async with pool.connection() as connection:
        found = {}
        for table in tables:
            cursor = await connection.execute(f"select count(*) as rows from {table}".encode())
            row = await cursor.fetchone()
            found[table] = row["rows"] if row else None
        return found


async def test_undo_puts_back_what_was_changed_and_removed_and_takes_back_what_was_added(
    pool: Pool, run_import: Importer
) -> None:
    await run_import("one", FIRST)
    before = await digest(pool)
    await run_import("two", SECOND)
    assert await digest(pool) != before
    undone = await run_import("three", undo_of="two")
    assert (undone["changed"], undone["added"], undone["removed"]) == (1, 1, 1)
    assert await digest(pool) == before


async def test_undoing_the_first_import_leaves_nothing_of_it(pool: Pool, run_import: Importer) -> None:
    await run_import("one", FIRST)
    undone = await run_import("two", undo_of="one")
    assert undone["removed"] == len(FIRST)
    left = await counts(pool)
    assert left["documents"] == left["nodes"] == left["edges"] == left["provenance"] == 0


async def test_undo_leaves_what_a_later_import_has_changed(pool: Pool, run_import: Importer) -> None:
    await run_import("one", FIRST)
    await run_import("two", SECOND)
    latest = SECOND[0].model_copy(update={"abstract": "The latest word."})
    await run_import("three", [latest, *SECOND[1:]])
    await run_import("four", undo_of="two")
    async with pool.connection() as connection:
        cursor = await connection.execute("select metadata from documents where identity = 'doi:10.5555/a'")
        row = await cursor.fetchone()
    assert row is not None
    assert row["metadata"]["abstract"] == "The latest word."


async def test_undo_can_be_undone(pool: Pool, run_import: Importer) -> None:
    await run_import("one", FIRST)
    await run_import("two", SECOND)
    after = await digest(pool)
    await run_import("three", undo_of="two")
    await run_import("four", undo_of="three")
    assert await digest(pool) == after


async def test_removed_source_leaves_what_another_asserts(pool: Pool, run_import: Importer) -> None:
    await run_import("one", FIRST)
    alone = await digest(pool)
    await run_import("two", SECOND, source_key="zotero.other")
    await run_import("three", remove=True, source_key="zotero.other")
    assert await digest(pool) == alone


async def test_deleted_project_leaves_no_row(pool: Pool, run_import: Importer) -> None:
    await run_import("one", FIRST)
    await run_import("two", SECOND)
    async with pool.connection() as connection:
        assert await deletion.begin_deletion(connection, PROJECT) == ["zotero.shelf"]
    assert sum([rows async for rows in deletion.delete_rows(pool, PROJECT)]) > 0
    assert set((await counts(pool)).values()) == {0}
