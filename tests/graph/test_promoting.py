"""What may be promoted, and what goes with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from longshore.embedding.static import MODEL, StaticEmbedder
from longshore.errors import LongshoreError
from longshore.graph import comparisons, promoting
from longshore.graph.db import Connection, Pool, see_one_state
from longshore.graph.filters import Filters
from longshore.graph.hashing import graph_hash
from longshore.graph.indexes import searched
from longshore.graph.ranking import Scope
from longshore.graph.search import search
from longshore.ids import space_of
from tests.graph.conftest import PROJECT, Importer, entry, until_somebody_waits

SPACE = space_of(PROJECT, "c1", 0)
SHELF = [entry("A", "Durable workflows in libraries"), entry("B", "Rate limits of providers")]
STAYS = {
    *("projects", "webhooks", "api_keys"),
    *("comparisons", "comparison_questions", "comparison_measures", "comparison_vectors"),
    *("unended_attempts", "suspects"),
}
"""Tables of which a project keeps its own rows: about what runs, and what is told of it."""


async def compared(pool: Pool, run_import: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison whose only variant was imported into its space."""
    request = {"project": PROJECT, "comparison_id": "c1", "submission": {"source_key": "zotero.shelf"}}
    async with pool.connection() as connection:
        await comparisons.open_comparison(connection, request)
        await comparisons.open_space(connection, SPACE, {"concepts": 4})
    monkeypatch.setattr("tests.graph.conftest.PROJECT", SPACE)
    await run_import("variant", SHELF)
    monkeypatch.undo()
    variants = [{"name": "few", "space": SPACE, "state": "succeeded"}]
    async with pool.connection() as connection:
        await comparisons.close_comparison(connection, {**request, "state": "succeeded", "variants": variants})


async def promote(pool: Pool, variant: str = "few") -> None:
    async with pool.connection() as connection:
        await promoting.promote(connection, PROJECT, "c1", variant)


async def refused(pool: Pool, variant: str = "few") -> str:
    with pytest.raises(LongshoreError) as caught:
        await promote(pool, variant)
    assert caught.value.code == "promotion_refused"
    return str(caught.value)


async def one(pool: Pool, query: str) -> dict[str, Any]:
    async with pool.connection() as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchone() or {}


async def test_project_that_served_something_else_serves_the_variant(
    pool: Pool, run_import: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_import("before", [SHELF[0], entry("C", "Gone with the next export")])
    await compared(pool, run_import, monkeypatch)
    async with pool.connection() as connection:
        expected = await graph_hash(connection, SPACE)
        assert await graph_hash(connection, PROJECT) != expected
    for _ in range(2):
        await promote(pool)
    async with pool.connection() as connection:
        assert await graph_hash(connection, PROJECT) == expected
    kept = await one(
        pool,
        "select (select array_agg(project) from projects) as projects, "
        "(select array_agg(import_id order by import_id) from imports) as imports, "
        "(select count(*) from imports where submission->>'project' <> project) as elsewhere, "
        "(select pipeline from projects) as pipeline, "
        "(select count(*) from embeddings e where not exists "
        "(select from chunks c where c.text_hash = e.text_hash)) as unused",
    )
    assert kept == {
        "projects": [PROJECT],
        "imports": ["before", "variant"],
        "elsewhere": 0,
        "pipeline": {"concepts": 4},
        "unused": 0,
    }
    assert "another one has been promoted" in await refused(pool, "other")


async def test_search_sees_the_project_before_or_after_and_never_between(
    pool: Pool, run_import: Importer, monkeypatch: pytest.MonkeyPatch, embedder: StaticEmbedder
) -> None:
    await run_import("before", [entry("C", "Gone with the next export")])
    await compared(pool, run_import, monkeypatch)

    async def titles(connection: Connection) -> list[str]:
        [vector] = embedder.embed(["export of durable workflows"])
        found = await search(connection, Scope(PROJECT, Filters()), "export of durable workflows", vector, MODEL, 10)
        return sorted({passage.title for passage in found})

    async with pool.connection() as connection:
        await see_one_state(connection)
        before = await searched(connection, PROJECT)
        await promote(pool)
        assert await searched(connection, PROJECT) == before
        assert await titles(connection) == ["Gone with the next export"]
    async with pool.connection() as connection:
        assert await titles(connection) == [item.title for item in SHELF]


async def test_project_with_another_source_is_left_as_it_is(
    pool: Pool, run_import: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_import("other", [entry("X", "Of another library")], source_key="zotero.other")
    await compared(pool, run_import, monkeypatch)
    assert "zotero.other" in await refused(pool)


async def test_project_in_which_an_import_runs_is_left_as_it_is(
    pool: Pool, run_import: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_import("before", SHELF)
    await compared(pool, run_import, monkeypatch)
    await one(pool, "update imports set outcome = null, closed_at = null where import_id = 'before' returning 1")
    assert "under way" in await refused(pool)


async def test_project_that_an_older_import_changed_since_the_comparison_began_is_left_as_it_is(
    pool: Pool, run_import: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await compared(pool, run_import, monkeypatch)
    await run_import("longer", [*SHELF, entry("D", "Brought by the longer import")])
    items = '{"items": {"added": 1, "changed": 0, "removed": 0}}'
    await one(
        pool,
        f"update imports i set record = i.record || '{items}', opened_at = c.opened_at - interval '1 minute' "
        "from comparisons c where import_id = 'longer' returning 1",
    )
    assert "changed since" in await refused(pool)
    await one(pool, "update imports set closed_at = opened_at where import_id = 'longer' returning 1")
    await promote(pool)


async def test_import_that_begins_meanwhile_waits_and_finds_what_was_promoted(
    pool: Pool, run_import: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run_import("before", [entry("C", "Gone with the next export")])
    await compared(pool, run_import, monkeypatch)
    async with pool.connection() as connection:
        await promoting.promote(connection, PROJECT, "c1", "few")
        importing = asyncio.ensure_future(run_import("after", [*SHELF, entry("D", "Come after the promotion")]))
        await until_somebody_waits(pool)
    counts = await importing
    assert (counts["unchanged"], counts["added"], counts["removed"]) == (2, 1, 0)


async def test_every_table_of_projects_is_taken_along_or_known_to_stay(pool: Pool) -> None:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select table_name from information_schema.columns join information_schema.tables "
            "using (table_schema, table_name) where column_name = 'project' and table_schema = current_schema() "
            "and table_type = 'BASE TABLE'"
        )
        tables = {row["table_name"] for row in await cursor.fetchall()}
    assert tables == {*promoting.OWNERS, *promoting.TEXTS, *promoting.FOLLOWERS} | (tables & STAYS)
