"""Documents of a really imported source: the list, and one with its passages."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio

from longshore.sources.model import Creator, Tag
from tests.api.cargo import attachment, bring_in, entry
from tests.api.door import Door
from tests.api.scripted import Json

STRANGER = "00000000-0000-0000-0000-000000000000"
TEXT = "Container cranes lift cargo from the ship to the quay. " * 60

KIM = Creator(role="author", family="홍", given="길동")
LIBRARY = [
    entry(
        "A",
        "Cranes of the harbour",
        year=2001,
        doi="10.1000/cranes",
        venue="Journal of Ports",
        tags=(Tag(name="Ports"),),
        collections=(("Shelf", "Inner"),),
        creators=(Creator(role="author", family="Example", given="Author"), Creator(role="editor", family="Red")),
        attachments=(attachment(TEXT, "files/1/cranes.txt"),),
        notes=("<p>Read the part on quays.</p>",),
    ),
    entry("B", "항만의 크레인", year=2020, creators=(KIM,), collections=(("Shelf",),)),
    entry("C", "a lower-case title", item_type="book", year=None),
    entry("D", "100%_certain\\tides", year=1999),
]


@pytest_asyncio.fixture
async def library(door: Door) -> Door:
    await bring_in(door.pool, door.project, LIBRARY, files=[TEXT])
    return door


async def listed(door: Door, **params: Any) -> list[str]:
    page = await door.get(f"/v1/projects/{door.project}/documents", **params)
    return [document["title"] for document in page["documents"]]


async def read(door: Door, title: str) -> Json:
    page = await door.get(f"/v1/projects/{door.project}/documents", q=title)
    (found,) = page["documents"]
    return await door.get(f"/v1/projects/{door.project}/documents/{found['id']}")


async def test_documents_are_listed_by_title(library: Door) -> None:
    assert await listed(library) == [
        "100%_certain\\tides",
        "a lower-case title",
        "Cranes of the harbour",
        "항만의 크레인",
    ]


async def test_a_listed_document_says_what_it_is(library: Door) -> None:
    page = await library.get(f"/v1/projects/{library.project}/documents", q="cranes")

    (cranes,) = page["documents"]
    assert cranes.pop("id")
    assert cranes == {
        "title": "Cranes of the harbour",
        "authors": ["Author Example"],
        "year": 2001,
        "kind": "journalArticle",
        "doi": "10.1000/cranes",
        "venue": "Journal of Ports",
    }


@pytest.mark.parametrize(
    ("params", "titles"),
    [
        ({"q": "HARBOUR cran"}, ["Cranes of the harbour"]),
        ({"q": "크레인"}, ["항만의 크레인"]),
        ({"q": "홍길동 항만"}, ["항만의 크레인"]),
        ({"q": "red cranes"}, ["Cranes of the harbour"]),
        ({"q": "100%_"}, ["100%_certain\\tides"]),
        ({"q": "%"}, ["100%_certain\\tides"]),
        ({"q": "c_r"}, []),
        ({"q": " "}, ["100%_certain\\tides", "a lower-case title", "Cranes of the harbour", "항만의 크레인"]),
        ({"kind": "book"}, ["a lower-case title"]),
        ({"year_from": 2001}, ["Cranes of the harbour", "항만의 크레인"]),
        ({"year_to": 2001}, ["100%_certain\\tides", "Cranes of the harbour"]),
        ({"collection": "shelf"}, ["Cranes of the harbour", "항만의 크레인"]),
        ({"collection": "Inner"}, ["Cranes of the harbour"]),
        ({"tag": "ports", "year_from": 2000}, ["Cranes of the harbour"]),
        ({"tag": "ports", "year_from": 2010}, []),
    ],
)
async def test_the_list_is_narrowed(library: Door, params: Json, titles: list[str]) -> None:
    assert await listed(library, **params) == titles


async def test_pages_lose_and_repeat_none(library: Door) -> None:
    path, titles, token = f"/v1/projects/{library.project}/documents", [], None
    while True:
        page = await library.get(path, page_size=1, **({"page_token": token} if token else {}))
        titles += [document["title"] for document in page["documents"]]
        token = page["next_page_token"]
        if token is None:
            break

    assert titles == await listed(library)


async def test_a_document_is_read_with_its_passages(library: Door) -> None:
    cranes = await read(library, "cranes")

    assert [part["kind"] for part in cranes["parts"]] == ["abstract", "note", "attachment"]
    file = cranes["parts"][2]
    assert file["label"] == "files/1/cranes.txt"
    assert file["characters"] == len(TEXT.strip()) or file["characters"] == len(TEXT)
    assert len(file["passages"]) > 1
    assert [passage["ordinal"] for passage in file["passages"]] == list(range(len(file["passages"])))
    for passage in file["passages"]:
        assert passage["text"] == TEXT[passage["start"] : passage["end"]]
    assert all(before["start"] < after["start"] for before, after in pairwise(file["passages"]))
    assert cranes["sources"] == [{"key": "zotero.shelf", "item": "A"}]
    assert cranes["metadata"]["venue"] == "Journal of Ports"
    assert [creator["role"] for creator in cranes["metadata"]["creators"]] == ["author", "editor"]
    assert cranes["metadata"]["publisher"] is None


async def test_a_korean_document(library: Door) -> None:
    document = await read(library, "항만")

    assert document["authors"] == ["홍길동"]
    assert "항만의 크레인" in document["parts"][0]["passages"][0]["text"]


async def test_a_document_of_two_sources_shows_its_text_once(library: Door) -> None:
    await bring_in(library.pool, library.project, [LIBRARY[0]], source_key="zotero.other", files=[TEXT])

    cranes = await read(library, "cranes")

    assert [source["key"] for source in cranes["sources"]] == ["zotero.other", "zotero.shelf"]
    assert [part["kind"] for part in cranes["parts"]] == ["abstract", "note", "attachment"]


async def test_its_id_is_that_of_its_node(library: Door) -> None:
    cranes = await read(library, "cranes")

    graph = await library.get(f"/v1/projects/{library.project}/nodes/{cranes['id']}/neighbours")

    kinds = {node["kind"] for node in graph["nodes"]}
    assert graph["nodes"][0]["name"] == cranes["title"]
    assert {"Document", "Author", "Venue", "Tag", "Collection"} <= kinds


async def test_what_is_not_there_is_not_found(library: Door) -> None:
    unknown = await library.get(f"/v1/projects/{library.project}/documents/{STRANGER}", 404)

    assert unknown["code"] == "document_not_found"
    assert (await library.get("/v1/projects/nowhere/documents", 404))["code"] == "project_not_found"
    await library.get(f"/v1/projects/nowhere/documents/{STRANGER}", 404)


@pytest.mark.parametrize(
    "token",
    ["afloat", "W10", "WyJhIiwgImIiXQ", "WyJhXHUwMDAwIiwgIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd", "é"],
)
async def test_a_token_of_someone_else_is_refused(library: Door, token: str) -> None:
    problem = await library.get(f"/v1/projects/{library.project}/documents", 422, page_token=token)

    assert problem["code"] == "invalid_page_token"


async def test_what_makes_no_sense_is_refused(library: Door) -> None:
    path = f"/v1/projects/{library.project}/documents"
    for params in ({"page_size": 0}, {"year_from": "x"}, {"year_to": 10**9}, {"q": "a\0"}, {"collection": ""}):
        assert (await library.get(path, 422, **params))["code"] == "invalid_request"
    assert (await library.get(f"{path}/cranes", 422))["code"] == "invalid_request"
