"""Writers that overlap: each waits where it must, and none loses its work."""

from __future__ import annotations

import asyncio

from longshore.graph import planning, records, writing
from longshore.graph.db import Pool
from longshore.parsing.version import parser_version
from longshore.sources.model import Tag
from tests.graph.conftest import PROJECT, Importer, entry


async def wait_until_blocked(pool: Pool) -> None:
    deadline = asyncio.get_running_loop().time() + 20
    while asyncio.get_running_loop().time() < deadline:
        async with pool.connection() as connection:
            cursor = await connection.execute("select from pg_locks where not granted")
            if await cursor.fetchall():
                return
    raise AssertionError("nobody waits")


async def test_document_removed_by_one_and_asserted_by_another_at_once_stays(pool: Pool, run_import: Importer) -> None:
    shared = {"doi": "10.5555/shared"}
    await run_import("one", [entry("A", "A shared work", **shared)])
    later = entry("Z", "A shared work", tags=(Tag(name="late"),), **shared)
    await run_import("two", [later], source_key="zotero.other")
    async with pool.connection() as connection:
        await connection.execute("delete from items where source_key = 'zotero.other'")
        await connection.execute("update import_items set state = 'pending' where import_id = 'two'")
        await connection.execute(
            "insert into imports (project, import_id, source_key, submission, run_id) "
            "values (%s, 'three', 'zotero.shelf', '{}', 'run')",
            (PROJECT,),
        )
        await connection.execute(
            "insert into import_items (project, import_id, ordinal, item_key, title, change, batch, state) "
            "values (%s, 'three', 0, 'A', '', 'removed', 0, 'pending')",
            (PROJECT,),
        )

    async def assert_again() -> None:
        async with pool.connection() as connection:
            await writing.write_batch(connection, PROJECT, "two", "zotero.other", 0, parser_version)

    async with pool.connection() as connection, connection.transaction():
        await writing.retire_batch(connection, PROJECT, "three", "zotero.shelf", 0)
        other = asyncio.create_task(assert_again())
        await wait_until_blocked(pool)
    await other
    async with pool.connection() as connection:
        cursor = await connection.execute("select title from documents where identity = 'doi:10.5555/shared'")
        assert [row["title"] for row in await cursor.fetchall()] == ["A shared work"]


async def test_many_imports_of_overlapping_items_end_without_deadlock(pool: Pool, run_import: Importer) -> None:
    items = [
        entry(
            f"K{number:02}", f"Overlapping work {number}", doi=f"10.5555/{number}", tags=(Tag(name=f"t{number % 5}"),)
        )
        for number in range(30)
    ]
    shifted = [[*items[start:], *items[:start]] for start in range(0, 24, 4)]
    counts = await asyncio.gather(
        *(run_import(f"i{index}", rows, source_key=f"zotero.s{index}") for index, rows in enumerate(shifted))
    )
    assert all(count["added"] + count["duplicate"] == len(items) for count in counts)
    async with pool.connection() as connection:
        cursor = await connection.execute("select count(*) as documents from documents")
        row = await cursor.fetchone()
    assert row is not None
    assert row["documents"] == len(items)


async def test_batches_that_retire_documents_which_are_tied_to_each_other_end_without_deadlock(
    pool: Pool, run_import: Importer
) -> None:
    await run_import("one", [entry(f"K{number:02}", f"Tied work {number}") for number in range(40)])
    async with pool.connection() as connection:
        await connection.execute(
            "insert into edges (project, edge_id, kind, source_id, target_id, weight) "
            "select %(project)s, gen_random_uuid(), 'SIMILAR_TO', a.document_id, b.document_id, 1 "
            "from documents a, documents b where a.document_id < b.document_id order by random()",
            {"project": PROJECT},
        )
        asked = {
            "project": PROJECT,
            "import_id": "two",
            "source_key": "zotero.shelf",
            "kind": "zotero",
            "name": "shelf",
        }
        await records.open_record(connection, asked, "run")
        await planning.record_removal(connection, PROJECT, "two", "zotero.shelf")
        await connection.execute("update import_items set batch = ordinal %% 4 where import_id = %s", ("two",))

    async def retire(batch: int) -> None:
        async with pool.connection() as connection:
            await writing.retire_batch(connection, PROJECT, "two", "zotero.shelf", batch)

    await asyncio.gather(*map(retire, range(4)))
    async with pool.connection() as connection:
        cursor = await connection.execute("select (select count(*) from edges) + (select count(*) from documents) as n")
        assert await cursor.fetchone() == {"n": 0}
