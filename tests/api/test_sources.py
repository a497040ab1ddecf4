"""Which known source an export is, told by its items."""

from __future__ import annotations

from typing import Any

import pytest

from longshore.graph import keys
from tests.api.door import Door
from tests.api.scripted import Json


async def know(door: Door, name: str, items: str, kind: str = "zotero", project: str | None = None) -> None:
    """A source that has an item for each letter."""
    project = project or door.project
    source = f"{kind}.{name.lower()}"
    document = keys.document_id("one for all")
    async with door.pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s) on conflict do nothing", (project,))
        await connection.execute(
            "insert into sources (project, source_key, kind, name) values (%s, %s, %s, %s)",
            (project, source, kind, name),
        )
        await connection.execute(
            "insert into documents (project, document_id, identity, kind, title, metadata) "
            "values (%s, %s, '', 'book', '', '{}') on conflict do nothing",
            (project, document),
        )
        async with connection.cursor() as cursor:
            await cursor.executemany(
                "insert into items (project, source_key, item_key, document_id, content_hash, payload, import_id) "
                "values (%s, %s, %s, %s, '', '{}', '')",
                [(project, source, item, document) for item in items],
            )


async def match(door: Door, items: str) -> Json | None:
    path = f"/v1/projects/{door.project}/sources:match"
    answer = await door.http.post(path, json={"kind": "zotero", "keys": list(items)})
    assert answer.status_code == 200, answer.text
    source: Json | None = answer.json()["source"]
    return source


async def test_the_source_that_has_half_of_the_items_is_found(door: Door) -> None:
    await know(door, "Tides", "abcdefgh")
    await know(door, "Winds", "xyz")

    assert await match(door, "abcd") == {"key": "zotero.tides", "kind": "zotero", "name": "Tides", "shared": 4, "of": 4}
    assert await match(door, "xy12") == {"key": "zotero.winds", "kind": "zotero", "name": "Winds", "shared": 2, "of": 4}


async def test_less_than_half_is_another_source(door: Door) -> None:
    await know(door, "Tides", "ab")

    assert await match(door, "ab123") is None


async def test_of_several_that_have_half_none_is_it(door: Door) -> None:
    await know(door, "Tides", "abcd")
    await know(door, "Winds", "abxy")

    assert await match(door, "abef") is None
    assert (await match(door, "abcde") or {})["name"] == "Tides"


async def test_a_key_that_is_given_twice_counts_once(door: Door) -> None:
    await know(door, "Tides", "a")

    assert await match(door, "aaabc") is None


async def test_other_kinds_and_projects_do_not_count(door: Door) -> None:
    await know(door, "Papers", "abc", kind="files")
    await know(door, "Tides", "abc", project=f"{door.project}-other")

    assert await match(door, "abc") is None


async def test_nothing_is_known_in_an_unknown_project_and_of_no_items(door: Door) -> None:
    assert await match(door, "abc") is None
    await know(door, "Tides", "abc")
    assert await match(door, "") is None


async def test_twenty_thousand_keys_are_compared_and_no_more(door: Door) -> None:
    await know(door, "Tides", "abc")
    path = f"/v1/projects/{door.project}/sources:match"
    many = [f"key-{number}" for number in range(20_000)]

    assert (await door.http.post(path, json={"kind": "zotero", "keys": many})).json() == {"source": None}
    refused = await door.http.post(path, json={"kind": "zotero", "keys": [*many, "one-more"]})

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("body", [{"kind": "zotero", "keys": ["a\0"]}, {"kind": "ships", "keys": []}, {"keys": ["a"]}])
async def test_what_cannot_be_a_source_is_refused(door: Door, body: dict[str, Any]) -> None:
    answer = await door.http.post(f"/v1/projects/{door.project}/sources:match", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
