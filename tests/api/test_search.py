"""Hybrid search, in English and Korean, over what the project can see."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from longshore.embedding.static import StaticEmbedder
from longshore.graph import keys
from longshore.graph.assertions import asserted_by
from longshore.graph.db import Pool
from longshore.graph.parts import PartRef, store_parsed, store_vectors
from longshore.parsing.model import Chunk, Parsed
from longshore.sources.model import Item, Tag
from tests.api.door import Door
from tests.api.scripted import Json

TEXTS = {
    "Harbours": [
        "Container cranes lift cargo from the ship to the quay within minutes.",
        "The tide tables of the estuary are printed once a year.",
        "The ships of the line were the largest of the fleet.",
    ],
    "Graphs": [
        "A knowledge graph stores entities and the relations between them.",
        "The nearest neighbours of a vector are found with a navigable small world.",
        "The results of the experiment are shown in the table.",
    ],
    "지식 그래프": [
        "지식그래프는 개체와 개체 사이의 관계를 저장한다.",
        "항만의 크레인은 컨테이너를 배에서 부두로 옮긴다.",
        "책을 읽는 사람이 줄어들고 있다.",
    ],
}


@pytest.fixture(scope="session")
def embedder() -> StaticEmbedder:
    return StaticEmbedder()


async def store(
    pool: Pool,
    embedder: StaticEmbedder,
    project: str,
    title: str,
    texts: list[str],
    kind: str = "journalArticle",
    year: int = 2020,
) -> UUID:
    """A document with these passages and their vectors."""
    document = keys.document_id(f"{project} {title}")
    part = PartRef(keys.part_id(title, "file", "1"), "attachment", "files/a.pdf", "0" * 64, None)
    chunks = tuple(
        Chunk(start=n * 100, end=n * 100 + len(text), page=n + 1, lines=(n, n + 2), heading=f"Part {n}", text=text)
        for n, text in enumerate(texts)
    )
    creators = [
        {"role": "author", "family": "Kim", "given": "A."},
        {"role": "author", "family": "홍", "given": "길동"},
        {"role": "editor", "family": "Lee", "given": "B."},
    ]
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s) on conflict do nothing", (project,))
        await connection.execute(
            "insert into sources (project, source_key, kind, name) values (%s, 'zotero.s', 'zotero', 's') "
            "on conflict do nothing",
            (project,),
        )
        await store_parsed(connection, project, part, Parsed(chunks=chunks))
        await connection.execute(
            "insert into documents (project, document_id, identity, kind, title, year, metadata) "
            "values (%s, %s, %s, %s, %s, %s, %s)",
            (project, document, title, kind, title, year, json.dumps({"creators": creators})),
        )
        await connection.execute(
            "insert into items (project, source_key, item_key, document_id, content_hash, payload, import_id) "
            "values (%s, 'zotero.s', %s, %s, '', '{}', '')",
            (project, title, document),
        )
        await connection.execute(
            "insert into document_parts (project, source_key, item_key, part_id, document_id, kind, label) "
            "values (%s, 'zotero.s', %s, %s, %s, 'attachment', 'files/a.pdf')",
            (project, title, part.part_id, document),
        )
        hashes = [keys.text_hash(text) for text in texts]
        await store_vectors(connection, embedder.model, hashes, embedder.embed(texts))
    return document


@pytest_asyncio.fixture
async def library(door: Door, embedder: StaticEmbedder) -> Door:
    for title, texts in TEXTS.items():
        await store(door.pool, embedder, door.project, title, texts)
    return door


@pytest_asyncio.fixture
async def sorted_library(door: Door, embedder: StaticEmbedder) -> Door:
    """The library with kinds, years, tags and nested collections."""
    shelf, inner = ("Shelf",), ("Shelf", "Inner")
    facts: dict[str, tuple[str, int, tuple[str, ...], tuple[str, ...]]] = {
        "Harbours": ("journalArticle", 2019, ("ports", "항만"), shelf),
        "Graphs": ("book", 2020, (), inner),
        "지식 그래프": ("journalArticle", 2021, ("항만",), ("Other",)),
    }
    for title, (kind, year, tags, collection) in facts.items():
        document = await store(door.pool, embedder, door.project, title, TEXTS[title], kind, year)
        item = Item(key=title, kind="entry", tags=tuple(Tag(name=tag) for tag in tags), collections=(collection,))
        asserted = asserted_by(item, document)
        async with door.pool.connection() as connection, connection.cursor() as writer:
            await writer.executemany(
                "insert into nodes (project, node_id, kind, key, name) values (%s, %s, %s, %s, %s) "
                "on conflict do nothing",
                [(door.project, node.id, node.kind, node.key, node.name) for node in asserted.nodes],
            )
            await writer.executemany(
                "insert into edges (project, edge_id, kind, source_id, target_id) values (%s, %s, %s, %s, %s) "
                "on conflict do nothing",
                [(door.project, edge.id, edge.kind, edge.source, edge.target) for edge in asserted.edges],
            )
    return door


async def found(door: Door, query: str, limit: int = 10, project: str | None = None, **filters: Any) -> list[Json]:
    path = f"/v1/projects/{project or door.project}/search"
    results: list[Json] = (await door.get(path, q=query, limit=limit, **filters))["results"]
    return results


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("cranes that lift cargo", TEXTS["Harbours"][0]),
        ("entities and relations of a knowledge graph", TEXTS["Graphs"][0]),
        ("the tide tables", TEXTS["Harbours"][1]),
        ("지식그래프", TEXTS["지식 그래프"][0]),
        ("컨테이너를 옮기는 크레인", TEXTS["지식 그래프"][1]),
        ("책", TEXTS["지식 그래프"][2]),
    ],
)
async def test_the_passage_asked_for_comes_first(library: Door, query: str, best: str) -> None:
    assert (await found(library, query))[0]["text"] == best


async def test_a_result_says_where_it_stands(library: Door) -> None:
    first = (await found(library, "navigable small world"))[0]

    assert first["title"] == "Graphs"
    assert first["authors"] == ["A. Kim", "홍길동"]
    assert (first["year"], first["item_type"], first["page"]) == (2020, "journalArticle", 2)
    assert (first["heading"], first["first_line"], first["last_line"]) == ("Part 1", 1, 3)
    assert (first["start"], first["end"]) == (100, 100 + len(TEXTS["Graphs"][1]))
    assert first["document_id"] == str(keys.document_id(f"{library.project} Graphs"))


async def test_a_result_says_why_it_was_found(library: Door) -> None:
    both = (await found(library, "Cranes that lift cargo"))[0]["why"]
    meant = (await found(library, "freight vessels"))[0]["why"]

    assert both == {"words": ["cranes", "lift", "cargo"], "lexical_rank": 1, "vector_rank": 1}
    assert meant == {"words": [], "lexical_rank": None, "vector_rank": 1}


@pytest.mark.parametrize(
    ("query", "words"),
    [("컨테이너가 있는 크레인", ["컨테이너", "크레인"]), ("책", ["책"]), ("지식그래프와 graph", ["지식그래프"])],
)
async def test_matched_korean_words_read_as_they_are_written(library: Door, query: str, words: list[str]) -> None:
    assert (await found(library, query))[0]["why"]["words"] == words


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"kind": "book"}, {"Graphs"}),
        ({"kind": "journalArticle"}, {"Harbours", "지식 그래프"}),
        ({"year_from": 2021}, {"지식 그래프"}),
        ({"year_to": 2020}, {"Harbours", "Graphs"}),
        ({"year_from": 2020, "year_to": 2020, "kind": "book"}, {"Graphs"}),
        ({"tag": "항만"}, {"Harbours", "지식 그래프"}),
        ({"tag": "PORTS"}, {"Harbours"}),
        ({"collection": "Shelf"}, {"Graphs", "Harbours"}),
        ({"collection": "Inner"}, {"Graphs"}),
        ({"tag": "nobody's"}, set()),
    ],
)
async def test_filters_leave_only_documents_that_pass(sorted_library: Door, filters: Json, titles: set[str]) -> None:
    results = await found(sorted_library, "graph cargo 그래프 크레인 tables", limit=100, **filters)

    assert {result["title"] for result in results} == titles


async def test_a_text_of_two_documents_is_found_in_the_one_that_passes(library: Door, embedder: StaticEmbedder) -> None:
    await store(library.pool, embedder, library.project, "Reprint", [TEXTS["Harbours"][0]], kind="book", year=1990)

    results = await found(library, "cranes lift cargo", year_to=1999)

    assert [result["title"] for result in results] == ["Reprint"]


async def test_large_scopes_are_searched_through_the_approximate_index(
    library: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = await found(library, "freight vessels")
    monkeypatch.setattr("longshore.graph.ranking._EXACT", 0)

    assert (await found(library, "freight vessels"))[0] == exact[0]


async def test_filters_that_make_no_sense_are_refused(library: Door) -> None:
    path = f"/v1/projects/{library.project}/search"
    for params in ({"year_from": "now"}, {"kind": ""}, {"tag": "a\0b"}, {"q": "a\0b"}):
        assert (await library.get(path, 422, **{"q": "x", **params}))["code"] == "invalid_request"


async def test_a_passage_is_found_by_what_it_means_without_sharing_a_word(library: Door) -> None:
    results = await found(library, "freight vessels")

    assert results[0]["title"] == "Harbours"


async def test_scores_fall_and_the_limit_holds(library: Door) -> None:
    scores = [result["score"] for result in await found(library, "the ship and the graph")]

    assert scores == sorted(scores, reverse=True)
    assert len(await found(library, "the ship and the graph", limit=2)) == 2


async def test_the_same_passage_in_two_documents_is_a_result_of_each_but_once(
    library: Door, embedder: StaticEmbedder
) -> None:
    await store(library.pool, embedder, library.project, "Reprint", [TEXTS["Harbours"][0], TEXTS["Harbours"][0]])

    titles = [r["title"] for r in await found(library, "cranes lift cargo") if r["text"] == TEXTS["Harbours"][0]]

    assert sorted(titles) == ["Harbours", "Reprint"]


async def test_another_project_and_what_no_document_shows_stay_unseen(library: Door, embedder: StaticEmbedder) -> None:
    await store(library.pool, embedder, "elsewhere", "Secret", ["The cargo manifest of the night ship is sealed."])
    async with library.pool.connection() as connection:
        await connection.execute(
            "delete from document_parts where project = %s and item_key = 'Graphs'", (library.project,)
        )

    results = await found(library, "sealed cargo manifest and knowledge graph", limit=100)

    assert {result["title"] for result in results} == {"Harbours", "지식 그래프"}
    assert [r["title"] for r in await found(library, "sealed cargo manifest", project="elsewhere")] == ["Secret"]


@pytest.mark.parametrize("query", ["'; drop table chunks; --", "a & b | !c <-> (", "…", "!!!", ":*", "\\'"])
async def test_no_query_breaks_it(library: Door, query: str) -> None:
    await found(library, query)


async def test_the_digest_of_a_graph_changes_with_it(library: Door) -> None:
    path = f"/v1/projects/{library.project}/graph/hash"
    before = await library.get(path)
    async with library.pool.connection() as connection:
        await connection.execute(
            "update documents set year = 1999 where project = %s and title = 'Graphs'", (library.project,)
        )
    after = await library.get(path)

    changed = {name for name, digest in after["sets"].items() if digest != before["sets"][name]}
    assert changed == {"documents"}
    assert before["digest"] != after["digest"]
