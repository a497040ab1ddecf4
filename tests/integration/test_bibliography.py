"""A bibliography: imported, imported again, changed, renamed, and compared with a fresh import of what it became."""

from __future__ import annotations

from pathlib import Path
from typing import Any, LiteralString

import pytest

from longshore.graph.catalog import matching_source
from longshore.graph.db import open_pool
from longshore.ids import source_key
from longshore.sources.manifest import hash_files, item_keys, scan
from tests.integration.voyage import PROJECT, Voyage
from workflows.contracts import WORKFLOW_QUEUE, ClosingRecord, DeleteProject
from workflows.deletion import DeleteProjectWorkflow

CRANES = """@article{cranes,
  title = {Container Cranes}, author = {Author, One and {Harbour Board}}, year = 2001, journal = JH,
  doi = {10.5555/cranes}, keywords = {cranes, harbour}, file = {Full Text:papers/cranes.txt:text/plain},
  abstract = {Container cranes lift cargo from ships that wait at the harbour.}
}
"""
TIDES = """@inproceedings{tides, title = {Tidal Engines}, author = {Author, Two}, crossref = {proc},
  abstract = {Tidal engines measure the water level.}, file = {papers/gone.txt}}
"""
PROCEEDINGS = "@proceedings{proc, title = {Proceedings of the Harbour}, year = 2003, editor = {Editor, An}}\n"
BROKEN = "@book{broken, title = {Never closed, year = 2000\n"
MOORING = "@book{, title = {Mooring Lines}, author = {Author, Three}, year = 1999, publisher = {Press}}\n"
BERTHS = "@misc{berths, title = {Berths}, author = {Author, Four}, year = 2010}\n"
STRINGS = '@string{JH = "Journal of the Harbour"}\n'
PAPER = "The container cranes of this harbour lift two containers at once, and tidal engines tell them when.\n"


@pytest.fixture
def bibliography(tmp_path: Path) -> Path:
    path = tmp_path / "thesis" / "harbour.bib"
    (path.parent / "papers").mkdir(parents=True)
    (path.parent / "papers/cranes.txt").write_text(PAPER)
    (path.parent / "papers/unnamed.txt").write_text("Nobody cites this.\n")
    path.write_text(STRINGS + CRANES + TIDES + PROCEEDINGS + BROKEN + MOORING)
    return path


@pytest.mark.thorough
async def test_only_what_changed_is_touched_and_the_graph_is_that_of_a_fresh_import(
    voyage: Voyage, bibliography: Path
) -> None:
    voyage.start_worker()
    first = await imported(voyage, bibliography)
    assert (first.state, first.items.added, first.items.failed, first.items.total) == ("partially_succeeded", 4, 1, 5)
    assert (first.warnings, first.attachments_failed) == (1, 0), "the file that is not there"
    assert await outcome(voyage, first, "broken") == ("failed", "broken_record")
    assert await cited(voyage) == {"Container Cranes", "Tidal Engines", "Proceedings of the Harbour", "Mooring Lines"}

    again = await imported(voyage, bibliography)
    assert (again.items.added, again.items.changed, again.items.unchanged, again.items.failed) == (0, 0, 4, 1)

    changed_tides = TIDES.replace("measure the water level", "foretell the water level")
    bibliography.write_text(STRINGS + CRANES + changed_tides + PROCEEDINGS + BROKEN + BERTHS)
    changed = (await imported(voyage, bibliography)).items
    assert (changed.added, changed.changed, changed.removed, changed.unchanged) == (1, 1, 1, 2)

    renamed = bibliography.rename(bibliography.with_name("renamed.bib"))
    assert await looks_like(voyage, renamed) == source_key("bibliography", "harbour")

    incremental = await voyage.digests()
    await voyage.client.execute_workflow(
        DeleteProjectWorkflow.run, DeleteProject(project=PROJECT), id=f"delete/{PROJECT}", task_queue=WORKFLOW_QUEUE
    )
    fresh = await imported(voyage, renamed)
    assert fresh.items.added == 4
    assert await voyage.digests() == incremental


@pytest.mark.thorough
async def test_an_entry_that_broke_keeps_what_it_said_before(voyage: Voyage, bibliography: Path) -> None:
    voyage.start_worker()
    await imported(voyage, bibliography)
    before = await voyage.digests()
    bibliography.write_text(
        STRINGS + CRANES.replace("{Container Cranes}", "{Container Cranes") + TIDES + PROCEEDINGS + MOORING
    )
    record = await imported(voyage, bibliography)
    assert (record.items.failed, record.items.removed, record.items.unchanged) == (1, 0, 3)
    assert await voyage.digests() == before


async def imported(voyage: Voyage, path: Path) -> ClosingRecord:
    return await voyage.finish(await voyage.submit(path, "harbour"))


async def looks_like(voyage: Voyage, path: Path) -> str | None:
    """What the CLI is told when it asks whether a source is known under another name."""
    source = scan(path)
    keys = item_keys(source.kind, path, hash_files(source.files), 100)
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        match = await matching_source(connection, PROJECT, source.kind, keys)
    await pool.close()
    return match.key if match else None


async def outcome(voyage: Voyage, record: ClosingRecord, key: str) -> tuple[str, str]:
    rows = await fetched(
        voyage,
        "select state, code from import_items where project = %s and import_id = %s and item_key = %s",
        (PROJECT, record.import_id, key),
    )
    [row] = rows
    return row["state"], row["code"]


async def cited(voyage: Voyage) -> set[str]:
    return {row["title"] for row in await fetched(voyage, "select title from documents where project = %s", (PROJECT,))}


async def fetched(voyage: Voyage, query: LiteralString, parameters: tuple[str, ...]) -> list[dict[str, Any]]:
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        rows = await (await connection.execute(query, parameters)).fetchall()
    await pool.close()
    return rows
