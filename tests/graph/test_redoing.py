"""Steps that are done again for what has not changed: on request, and not by an upgrade."""

from __future__ import annotations

from longshore.extraction.concepts import CValueExtractor
from longshore.graph import parts
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from tests.graph.conftest import PROJECT, Importer, entry

KEY = "zotero.shelf"
SHELF = [entry("A", "Container cranes at the harbour"), entry("B", "Container cranes and tidal engines")]
OLDER = "longshore-parsing=older"


async def digest(pool: Pool) -> dict[str, str]:
    async with pool.connection() as connection:
        return await graph_hash(connection, PROJECT)


async def test_an_upgraded_parser_reads_again_only_if_asked(pool: Pool, run_import: Importer) -> None:
    await run_import("one", SHELF, parser=OLDER)
    older = await digest(pool)
    counts = await run_import("two", SHELF)
    assert (counts["unchanged"], counts["changed"]) == (2, 0)
    assert await digest(pool) == older

    counts = await run_import("three", SHELF, reparse=True)
    assert (counts["unchanged"], counts["changed"]) == (0, 2)
    async with pool.connection() as connection:
        assert await parts.read_otherwise(connection, PROJECT, KEY, SHELF, OLDER) == {"A", "B"}
    counts = await run_import("four", SHELF, reparse=True)
    assert (counts["unchanged"], counts["changed"]) == (2, 0), "this parser has read them"


async def test_an_upgraded_extractor_takes_nothing_away(
    pool: Pool, run_import: Importer, extractor: CValueExtractor
) -> None:
    await run_import("one", SHELF)
    before = await digest(pool)
    async with pool.connection() as connection:
        await connection.execute("update extractions set extractor = 'older'")
    counts = await run_import("two", [*SHELF, entry("C", "Mooring lines")])
    assert (counts["added"], counts["unchanged"]) == (1, 2)
    await run_import("three", SHELF)
    assert await digest(pool) == before

    async with pool.connection() as connection:
        todo = await parts.extracted_otherwise(connection, PROJECT, KEY, extractor.name, 10)
        assert len(todo) == 2
        for part_id, passages in (await parts.unextracted(connection, PROJECT, todo, extractor.name)).items():
            mentions = extractor.extract(passages)
            await parts.store_mentions(connection, PROJECT, part_id, extractor.name, mentions)
        assert not await parts.extracted_otherwise(connection, PROJECT, KEY, extractor.name, 10)
