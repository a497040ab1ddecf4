"""What contradicts itself in the store is found, and what is mended is whole again."""

from __future__ import annotations

from longshore.graph import checking
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from tests.graph.conftest import PROJECT, Importer, attachment, entry

TEXT = "Durable workflows and knowledge graphs are described in this file of the shelf."

PLANTED = {
    "items_left_pending": "update import_items set state = 'pending' where ordinal = 0",
    "documents_unasserted": "insert into documents values (%(project)s, gen_random_uuid(), 'doi:x', '', 'Stray', null, "
    "null, '{}')",
    "edges_dangling": "with edge as (insert into edges values (%(project)s, gen_random_uuid(), 'CITES', "
    "gen_random_uuid(), (select document_id from documents limit 1), null) returning *) "
    "insert into provenance select project, edge_id, target_id, 'link:citations' from edge",
    "provenance_dangling": "insert into provenance values (%(project)s, gen_random_uuid(), "
    "(select document_id from documents limit 1), 'link:nothing')",
    "graph_unasserted": "insert into nodes values (%(project)s, gen_random_uuid(), 'Tag', 'stray', 'stray')",
    "passages_without_vector": "delete from embeddings where text_hash = (select text_hash from chunks limit 1)",
    "vectors_of_wrong_size": "insert into embeddings select gen_random_uuid(), 'other', v::halfvec from "
    "unnest(array['[1,2,3]', '[1,2,4]', '[1,2]']) v",
    "vectors_without_direction": "insert into embeddings values (gen_random_uuid(), 'other', '[0,0,0]')",
    "deletions_unfinished": "update projects set deleting_at = now() - interval '2 hours'",
    "indexes_invalid": "update pg_index set indisvalid = false where indexrelid = 'documents_by_doi'::regclass",
    "texts_unshown": "insert into parts (project, part_id, sha256) values (%(project)s, gen_random_uuid(), 'abc')",
}


async def contradictions(pool: Pool) -> dict[str, checking.Contradiction]:
    async with pool.connection() as connection:
        return {found.code: found for found in await checking.find_contradictions(connection)}


async def test_every_contradiction_is_found_where_it_is_planted_and_nowhere_else(
    pool: Pool, run_import: Importer
) -> None:
    items = [entry(f"I{n}", f"Report {n} on harbour cranes", attachments=(attachment(TEXT),)) for n in range(3)]
    await run_import("one", items, files=[TEXT])
    assert await contradictions(pool) == {}
    for code, statement in PLANTED.items():
        async with pool.connection() as connection:
            await connection.execute(statement.encode(), {"project": PROJECT})
            found = {found.code: found for found in await checking.find_contradictions(connection)}
            assert set(found) == {code}
            assert found[code].count == 1
            assert len(found[code].examples) == 1
            await connection.rollback()
    assert await contradictions(pool) == {}


async def test_what_is_mended_is_as_it_was(pool: Pool, run_import: Importer) -> None:
    await run_import("one", [entry("A", "Alpha cranes"), entry("B", "Beta cranes")])
    async with pool.connection() as connection:
        before = await graph_hash(connection, PROJECT)
        for code in checking.MENDS:
            await connection.execute(PLANTED[code].encode(), {"project": PROJECT})
    assert checking.MENDS.keys() <= (await contradictions(pool)).keys()
    for _ in range(2):  # a mend can be run again
        for mend in checking.MENDS.values():
            async with pool.connection() as connection:
                await mend(connection)
    assert await contradictions(pool) == {}
    async with pool.connection() as connection:
        assert await graph_hash(connection, PROJECT) == before


async def test_an_import_that_runs_is_left_alone(pool: Pool, run_import: Importer) -> None:
    await run_import("one", [entry("A", "Alpha cranes")])
    async with pool.connection() as connection:
        await connection.execute("update imports set outcome = null, closed_at = null, record = null")
        await connection.execute(PLANTED["graph_unasserted"].encode(), {"project": PROJECT})
        await connection.execute(PLANTED["items_left_pending"].encode())
    assert await contradictions(pool) == {}
    async with pool.connection() as connection:
        assert await checking.sweep_graph(connection) == 0
