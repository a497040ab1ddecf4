"""Files that no bibliography describes, beside entries and other files that are the same work."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from longshore.graph.loose import Front
from longshore.parsing.model import About, Person
from longshore.sources.model import Item
from tests.graph.conftest import PROJECT, Importer, attachment, entry

ONE, TWO, THREE = "Cranes that lift two containers", "Engines that measure the tide", "Mooring in heavy weather"
AUTHORS = (Person(family="Example", given="Author"),)
COPY = "The copy that lies beside its entry tells nothing of itself."
FRONTS = {
    "A first print of cranes.": Front(ONE.upper(), About(authors=AUTHORS, year=2020, doi="10.5555/one")),
    "A second print of cranes.": Front(ONE, About(doi="10.5555/one")),
    "A print of engines without a number.": Front(TWO, About(authors=AUTHORS, year=2021)),
    "A preprint of mooring.": Front(THREE, About(authors=AUTHORS, year=2022, arxiv="2201.00001")),
    "Another preprint of mooring.": Front(THREE, About(authors=AUTHORS, year=2022)),
}


def file(path: str, text: str) -> Item:
    return Item(key=path, kind="attachment", item_type="file", title=path, attachments=(attachment(text, path),))


SHELF = [
    entry("A", ONE, doi="10.5555/one", year=2020, attachments=(attachment(COPY),)),
    entry("B", TWO, url="https://example.org/engines", year=2021),
]
FOLDER = [
    file("cranes.pdf", "A first print of cranes."),
    file("copy.pdf", COPY),
    file("engines.pdf", "A print of engines without a number."),
    file("mooring.pdf", "A preprint of mooring."),
]
OTHER = [file("cranes2.pdf", "A second print of cranes."), file("mooring2.pdf", "Another preprint of mooring.")]
SOURCES = {"zotero.shelf": SHELF, "files.folder": FOLDER, "files.other": OTHER}
TEXTS = (COPY, *FRONTS)


@pytest.fixture
def bring(run_import: Importer) -> Importer:
    async def run(import_id: str, source_key: str, items: list[Item] | None = None, **options: Any) -> dict[str, int]:
        found = SOURCES[source_key] if items is None else items
        return await run_import(import_id, found, source_key=source_key, files=TEXTS, **{"fronts": FRONTS, **options})

    return run


async def digest(pool: Pool) -> dict[str, str]:
    async with pool.connection() as connection:
        return await graph_hash(connection, PROJECT)


async def documents(pool: Pool) -> dict[str, set[str]]:
    """Keys of the items of every document, by its title."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select d.title, array_agg(i.item_key) as keys from documents d join items i using (project, document_id) "
            "group by d.document_id, d.title"
        )
        return {row["title"]: set(row["keys"]) for row in await cursor.fetchall()}


async def changes(pool: Pool, import_id: str) -> dict[str, str]:
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select item_key, change from import_items where import_id = %s", (import_id,)
        )
        return {row["item_key"]: row["change"] for row in await cursor.fetchall()}


async def clear(pool: Pool) -> None:
    async with pool.connection() as connection:
        for table in ("items", "edges", "nodes", "provenance", "documents", "imports", "parts"):
            await connection.execute(f"delete from {table}".encode())


async def test_files_of_known_works_are_duplicates_and_say_so(pool: Pool, bring: Importer) -> None:
    await bring("one", "zotero.shelf")
    counts = await bring("two", "files.folder")
    assert (counts["added"], counts["duplicate"], counts["total"]) == (1, 3, 4)
    assert (await changes(pool, "two"))["mooring.pdf"] == "added"
    counts = await bring("three", "files.other")
    assert (counts["added"], counts["duplicate"]) == (0, 2)
    assert await documents(pool) == {
        ONE: {"A", "cranes.pdf", "copy.pdf", "cranes2.pdf"},
        TWO: {"B", "engines.pdf"},
        THREE: {"mooring.pdf", "mooring2.pdf"},
    }
    counts = await bring("four", "files.folder")
    assert (counts["unchanged"], counts["added"], counts["duplicate"]) == (4, 0, 0)


async def test_the_order_of_imports_leaves_no_trace(pool: Pool, bring: Importer) -> None:
    found = []
    for number, order in enumerate([*permutations(SOURCES)][::2]):
        await clear(pool)
        for source in order:
            await bring(f"{source}-{number}", source)
        assert set(await documents(pool)) == {ONE, TWO, THREE}
        found.append(await digest(pool))
    assert found[0] == found[1] == found[2]


async def test_a_file_outlives_its_entry_and_finds_it_again(pool: Pool, bring: Importer) -> None:
    await bring("one", "files.folder")
    alone = await digest(pool)
    await bring("two", "zotero.shelf")
    united = await digest(pool)
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select detail, d.title from import_items i join documents d using (project, document_id) "
            "where import_id = 'one' and item_key = 'copy.pdf'"
        )
        row = await cursor.fetchone()
    assert row == {"detail": "Another item is the same work; they are one document.", "title": ONE}

    await bring("three", "zotero.shelf", [], remove=True)
    assert len(await documents(pool)) == len(FOLDER)
    assert await digest(pool) == alone
    await bring("four", "zotero.shelf", [], undo_of="three")
    assert await digest(pool) == united


async def test_an_entry_goes_by_what_its_files_and_fields_say_besides(pool: Pool, bring: Importer) -> None:
    """One was catalogued as a web page, the other by the journal that it came to later."""
    page = entry("P", "A page", url="https://example.org/p", attachments=(attachment("A second print of cranes."),))
    article = entry("J", THREE, doi="10.5555/journal", arxiv="2201.00001")
    for number, order in enumerate((("zotero.shelf", "files.folder"), ("files.folder", "zotero.shelf"))):
        await clear(pool)
        brought = {"zotero.shelf": [page, article], "files.folder": [FOLDER[0], FOLDER[3]]}
        for source in order:
            await bring(f"{source}-{number}", source, brought[source])
        assert await documents(pool) == {"A page": {"P", "cranes.pdf"}, THREE: {"J", "mooring.pdf"}}
    known = entry("A", ONE, doi="10.5555/one", year=2020)
    await bring("three", "zotero.other", [known])
    assert (await documents(pool))[ONE] == {"A", "cranes.pdf"}, "an entry's own DOI goes before that of another's file"


async def test_two_prints_that_come_together_are_one_work_added_once(pool: Pool, bring: Importer) -> None:
    counts = await bring("one", "files.folder", [FOLDER[0], *OTHER, FOLDER[3]])
    assert (counts["added"], counts["duplicate"]) == (2, 2)
    assert await documents(pool) == {
        ONE.upper(): {"cranes.pdf", "cranes2.pdf"},
        THREE: {"mooring.pdf", "mooring2.pdf"},
    }
    counts = await bring("two", "files.folder", [OTHER[0]])
    assert (counts["unchanged"], counts["removed"]) == (1, 3)
    assert await documents(pool) == {ONE: {"cranes2.pdf"}}


async def test_files_read_again_by_a_newer_version_find_each_other(pool: Pool, bring: Importer) -> None:
    prints = [FOLDER[0], OTHER[0]]
    await bring("one", "files.folder", prints, parser="older", fronts={})
    assert len(await documents(pool)) == 2
    counts = await bring("two", "files.folder", prints)
    assert (counts["unchanged"], len(await documents(pool))) == (2, 2), "an upgrade does nothing by itself"
    counts = await bring("three", "files.folder", prints, reparse=True)
    assert (counts["changed"], await documents(pool)) == (2, {ONE.upper(): {"cranes.pdf", "cranes2.pdf"}})
    again = await digest(pool)
    await clear(pool)
    await bring("four", "files.folder", prints)
    assert await digest(pool) == again


async def test_a_copy_of_two_entries_is_neither(pool: Pool, bring: Importer) -> None:
    twin = entry("C", THREE, doi="10.5555/three", attachments=(attachment(COPY),))
    await bring("one", "zotero.shelf", [*SHELF, twin])
    await bring("two", "files.folder", [FOLDER[1]])
    assert (await documents(pool))["copy.pdf"] == {"copy.pdf"}


async def test_a_file_describes_its_document_where_no_entry_does(pool: Pool, bring: Importer) -> None:
    await bring("one", "files.folder")
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select title, year, doi, metadata->'creators' as creators, metadata->>'arxiv' as arxiv from documents "
            "where title in (%s, %s) order by title",
            (ONE.upper(), THREE),
        )
        rows = await cursor.fetchall()
        cursor = await connection.execute("select name from nodes where kind = 'Author'")
        assert await cursor.fetchall() == [{"name": "Example, Author"}]
    author = {"role": "author", "family": "Example", "given": "Author"}
    assert rows == [
        {"title": ONE.upper(), "year": 2020, "doi": "10.5555/one", "creators": [author], "arxiv": None},
        {"title": THREE, "year": 2022, "doi": None, "creators": [author], "arxiv": "2201.00001"},
    ]
