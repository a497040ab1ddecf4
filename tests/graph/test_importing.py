"""What the store makes of one import after another."""

from __future__ import annotations

import random
from typing import Any

import pytest

from longshore.errors import LongshoreError
from longshore.graph import parts, planning, records, writing
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from longshore.parsing.model import ParseFailure
from longshore.parsing.version import parser_version
from longshore.sources.model import Attachment, Creator, Item, Tag
from tests.graph.conftest import PROJECT, Importer, attachment, entry

SHELF = [
    entry("A", "Durable workflows in libraries", doi="10.5555/a", tags=(Tag(name="engines"),), year=2020),
    entry("B", "Rate limits of providers", doi="10.5555/b", venue="Journal of Examples", year=2021),
    entry("C", "지식 그래프의 한국어 검색", collections=(("Reading", "Korean"),), year=2022),
]


async def digest(pool: Pool) -> dict[str, str]:
    async with pool.connection() as connection:
        return await graph_hash(connection, PROJECT)


async def rows(pool: Pool, query: str) -> list[dict[str, Any]]:
    async with pool.connection() as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchall()


async def test_first_import_adds_every_item(pool: Pool, run_import: Importer) -> None:
    counts = await run_import("one", SHELF)
    assert (counts["total"], counts["added"], counts["pending"]) == (3, 3, 0)
    titles = {row["title"] for row in await rows(pool, "select title from documents")}
    assert titles == {item.title for item in SHELF}


async def test_same_export_again_changes_nothing(pool: Pool, run_import: Importer) -> None:
    await run_import("one", SHELF)
    before = await digest(pool)
    counts = await run_import("two", SHELF)
    assert (counts["unchanged"], counts["added"], counts["changed"]) == (3, 0, 0)
    assert await digest(pool) == before


async def test_changed_item_replaces_what_it_said(pool: Pool, run_import: Importer) -> None:
    await run_import("one", SHELF)
    retagged = SHELF[0].model_copy(update={"tags": (Tag(name="motors"),)})
    counts = await run_import("two", [retagged, *SHELF[1:]])
    assert (counts["changed"], counts["unchanged"]) == (1, 2)
    assert [row["name"] for row in await rows(pool, "select name from nodes where kind = 'Tag'")] == ["motors"]


async def test_reimport_equals_fresh_import_of_the_new_export(pool: Pool, run_import: Importer) -> None:
    changed = SHELF[1].model_copy(update={"abstract": "Quotas are another matter.", "title": "Quotas"})
    added = entry("D", "Graph stores compared", doi="10.5555/d")
    await run_import("one", SHELF)
    counts = await run_import("two", [SHELF[0], changed, added])
    assert (counts["removed"], counts["changed"], counts["added"]) == (1, 1, 1)
    evolved = await digest(pool)
    async with pool.connection() as connection:
        await connection.execute("delete from items")
        for table in ("edges", "nodes", "provenance", "documents", "imports", "parts", "embeddings"):
            await connection.execute(f"delete from {table}".encode())
    await run_import("three", [SHELF[0], changed, added])
    assert await digest(pool) == evolved


async def test_removed_item_takes_only_its_own_word_with_it(pool: Pool, run_import: Importer) -> None:
    shared = {"doi": "10.5555/shared", "year": 2020}
    one = entry("A", "Shared work", tags=(Tag(name="mine"),), **shared)
    other = entry("Z", "Shared work", tags=(Tag(name="yours"),), **shared)
    await run_import("one", [one, SHELF[1]])
    counts = await run_import("two", [other], source_key="zotero.other")
    assert counts["duplicate"] == 1
    await run_import("three", [SHELF[1]])
    documents = {row["identity"] for row in await rows(pool, "select identity from documents")}
    assert documents == {"doi:10.5555/shared", "doi:10.5555/b"}
    assert [row["name"] for row in await rows(pool, "select name from nodes where kind = 'Tag'")] == ["yours"]


async def test_duplicate_within_a_source_is_one_document(pool: Pool, run_import: Importer) -> None:
    twin = entry("B2", "Rate limits of providers", doi="10.5555/b", year=2021)
    counts = await run_import("one", [*SHELF, twin])
    assert (counts["added"], counts["duplicate"], counts["total"]) == (3, 1, 4)
    assert len(await rows(pool, "select from documents")) == 3


async def test_batches_are_cut_by_number_and_by_bytes(pool: Pool, run_import: Importer, monkeypatch: Any) -> None:
    monkeypatch.setattr(planning, "BATCH_WORK", 4 * planning.WORK_PER_FILE)
    monkeypatch.setattr(planning, "BATCH_BYTES", 1000)
    texts = [f"{number} " * 20 for number in range(8)] + ["long " * 300, "longer " * 300, "short"]
    await run_import("one", [loose(f"{number:02}", text) for number, text in enumerate(texts)], files=texts)
    sizes = await rows(pool, "select count(*) as size from import_items group by batch order by batch")
    assert [row["size"] for row in sizes] == [4, 4, 1, 2]


async def test_order_of_batches_does_not_show(pool: Pool, run_import: Importer, monkeypatch: Any) -> None:
    items = [
        entry(
            f"K{number:03}", f"Work number {number} on archives", doi=f"10.5555/{number % 40}", year=2000 + number % 7
        )
        for number in range(80)
    ]
    await run_import("one", items)
    straight = await digest(pool)
    async with pool.connection() as connection:
        await connection.execute("delete from items")
        for table in ("edges", "nodes", "provenance", "documents", "imports", "parts", "embeddings"):
            await connection.execute(f"delete from {table}".encode())
    monkeypatch.setattr(planning, "BATCH_WORK", 7)
    shuffled = list(items)
    random.Random(7).shuffle(shuffled)
    await run_import("two", shuffled, order=lambda batches: list(reversed(batches)))
    assert await digest(pool) == straight


async def test_missing_file_keeps_its_last_text(pool: Pool, run_import: Importer) -> None:
    text = "The full text of the article, which is long enough to be found again."
    whole = SHELF[0].model_copy(update={"attachments": (attachment(text),)})
    await run_import("one", [whole], files=[text])
    before = await digest(pool)
    without = whole.attachments[0].model_copy(update={"sha256": None, "size": 0})
    counts = await run_import("two", [whole.model_copy(update={"attachments": (without,)})])
    assert counts["unchanged"] == 1
    assert await digest(pool) == before


async def test_file_that_could_not_be_read_is_told_of_again_by_the_same_export(
    pool: Pool, run_import: Importer
) -> None:
    absent = SHELF[0].model_copy(update={"attachments": (Attachment(path="files/1/gone.pdf", title="Full Text"),)})
    for name in ("one", "two", "three"):
        await run_import(name, [absent])
        async with pool.connection() as connection:
            assert (await records.count_attachments(connection, PROJECT, name))["warnings"] == 1


async def test_retry_takes_up_what_an_import_that_was_ended_early_did_not_reach(
    pool: Pool, run_import: Importer
) -> None:
    await run_import("one", SHELF)
    async with pool.connection() as connection:
        await connection.execute("update import_items set state = 'pending' where item_key = 'A'")
        await connection.execute("update import_items set state = 'skipped', code = 'cancelled' where item_key = 'B'")
        await connection.execute("delete from items where item_key in ('A', 'B')")
    counts = await run_import("two", retry_of="one")
    assert (counts["total"], counts["added"]) == (2, 2)


async def test_export_from_another_machine_is_the_same_library(pool: Pool, run_import: Importer) -> None:
    text = "The full text of the article, which Zotero keeps in a folder with a number of its own."
    here = SHELF[0].model_copy(update={"attachments": (attachment(text, "files/12/paper.txt"),)})
    there = SHELF[0].model_copy(update={"attachments": (attachment(text, "files/977/paper.txt"),)})
    await run_import("one", [here], files=[text])
    assert (await run_import("two", [there]))["unchanged"] == 1


async def test_metadata_is_that_of_the_first_origin_whoever_came_first(pool: Pool, run_import: Importer) -> None:
    early = entry("A", "A title", doi="10.5555/x", creators=(Creator(role="author", family="First"),))
    late = entry("B", "Another title", doi="10.5555/x", venue="Journal of Examples")
    await run_import("one", [late], source_key="zotero.b")
    await run_import("two", [early], source_key="zotero.a")
    (document,) = await rows(pool, "select title, metadata from documents")
    assert document["title"] == "A title"
    assert document["metadata"]["venue"] == "Journal of Examples"


async def test_second_attempt_of_a_write_changes_nothing(pool: Pool, run_import: Importer) -> None:
    await run_import("one", SHELF)
    before = await digest(pool)
    async with pool.connection() as connection:
        await writing.write_batch(connection, PROJECT, "one", "zotero.shelf", 0, parser_version)
        outcome = await writing.count_batch(connection, PROJECT, "one", 0)
    assert outcome["added"] == 3
    assert await digest(pool) == before


async def test_hash_tells_which_set_differs(pool: Pool, run_import: Importer) -> None:
    await run_import("one", SHELF)
    edits = {
        "chunks": "update chunks set start_offset = start_offset + 1",
        "vectors": "update embeddings set vector = ('[' || repeat('1,', 255) || '2]')::halfvec",
        "edges": "update edges set weight = coalesce(weight, 0) + 1",
        "provenance": "update provenance set origin = origin || 'x'",
        "documents": "update documents set year = 1900",
    }
    for name, edit in edits.items():
        before = await digest(pool)
        async with pool.connection() as connection:
            await connection.execute(edit.encode())
        after = await digest(pool)
        assert {set_ for set_ in before if before[set_] != after[set_]} == {name}


async def test_removal_of_much_asks_first() -> None:
    assert planning.needs_approval({"changed": 0, "unchanged": 10, "removed": 90})
    assert not planning.needs_approval({"changed": 0, "unchanged": 10, "removed": 20})
    assert not planning.needs_approval({"changed": 0, "unchanged": 1000, "removed": 30})


async def test_items_that_share_a_work_are_tied_not_merged(pool: Pool, run_import: Importer) -> None:
    creators = (Creator(role="author", family="Example"),)
    preprint = entry("P", "A long telling title of one work", arxiv="2001.00001", creators=creators)
    article = entry("Q", "A Long Telling Title of One Work", doi="10.5555/q", creators=creators)
    await run_import("one", [preprint, article])
    assert len(await rows(pool, "select from documents")) == 2
    assert len(await rows(pool, "select from edges where kind = 'SAME_AS'")) == 1


async def test_items_that_bring_one_file_are_tied_whatever_they_call_it(pool: Pool, run_import: Importer) -> None:
    text = "The full text of one article, which one calls a paper and another a preprint."
    paper = SHELF[0].model_copy(update={"attachments": (attachment(text, "files/1/paper.txt"),)})
    preprint = SHELF[1].model_copy(update={"attachments": (attachment(text, "files/2/preprint.md"),)})
    await run_import("one", [paper, preprint], files=[text])
    assert len(await rows(pool, "select from edges where kind = 'SAME_AS'")) == 1


def loose(key: str, text: str) -> Item:
    return Item(key=key, kind="attachment", title=f"{key}.txt", attachments=(attachment(text, f"files/{key}.txt"),))


async def test_similar_documents_are_tied_and_others_are_not(pool: Pool, run_import: Importer) -> None:
    texts = [
        "The harbour cranes unload containers from cargo ships at the dock every morning.",
        "Cargo ships wait at the dock while harbour cranes unload their containers.",
        "Sourdough bread needs flour, water, salt and a patient baker in a warm kitchen.",
    ]
    await run_import("one", [loose(str(number), text) for number, text in enumerate(texts)], files=texts)
    ties = await rows(
        pool,
        "select s.title as a, t.title as b from edges e join documents s on s.document_id = e.source_id "
        "join documents t on t.document_id = e.target_id where e.kind = 'SIMILAR_TO'",
    )
    assert {frozenset((row["a"], row["b"])) for row in ties} == {frozenset(("0.txt", "1.txt"))}


async def test_a_file_under_another_name_is_told_as_renamed(pool: Pool, run_import: Importer) -> None:
    texts = ["Tidal engines at the harbour.", "Container cranes at the harbour."]

    def file(path: str, text: str) -> Item:
        return Item(
            key=path, kind="attachment", item_type="attachment", title=path, attachments=(attachment(text, path),)
        )

    before = [file("a.txt", texts[0]), file("b.txt", texts[1]), file("copy.txt", texts[1])]
    await run_import("one", before, files=texts)
    after = [
        file("a.txt", texts[0]),
        file("moved/b.txt", texts[1]),
        file("moved/c.txt", texts[1]),
        file("z.txt", texts[1]),
    ]
    counts = await run_import("two", after, files=texts)
    assert (counts["renamed"], counts["removed"], counts["unchanged"]) == (2, 2, 1)
    told = await rows(pool, "select item_key, renamed_from from import_items where renamed_from is not null order by 1")
    assert [tuple(row.values()) for row in told] == [("moved/b.txt", "b.txt"), ("moved/c.txt", "copy.txt")]
    after_rename = await digest(pool)
    await run_import("three", after, files=texts)
    assert await digest(pool) == after_rename


async def test_a_file_that_could_not_be_read_is_read_by_a_retry(pool: Pool, run_import: Importer) -> None:
    text = "Container cranes lift cargo from ships that wait at the harbour."
    item = entry("A", "Cranes", attachments=(attachment(text),))
    [file] = [part for part in parts.parts_of(item, parser_version) if part.kind == "attachment"]
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (PROJECT,))
        await parts.store_failure(connection, PROJECT, file, ParseFailure("parser_timeout", "It took too long.", ""))
    await run_import("one", [item], files=[text])
    unread = 'select import_id from import_items where attachments @> \'[{"state": "failed"}]\''
    assert [row["import_id"] for row in await rows(pool, unread)] == ["one"]
    await run_import("two", retry_of="one", files=[text])
    assert [row["import_id"] for row in await rows(pool, unread)] == ["one"]
    assert await rows(pool, f"select 1 from chunks where text like '{text[:30]}%'")


async def test_texts_of_another_parser_are_not_taken_for_read(pool: Pool, run_import: Importer) -> None:
    await run_import("one", [entry("A", "Alpha cranes")])
    async with pool.connection() as connection:
        await connection.execute("update import_items set state = 'pending'")
        with pytest.raises(LongshoreError) as caught:
            await writing.write_batch(connection, PROJECT, "one", "zotero.shelf", 0, "a later parser")
    assert caught.value.code == "texts_unread"
