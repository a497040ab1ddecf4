"""A project's sources: listed, named, removed."""

from __future__ import annotations

from temporalio.client import Client

from longshore.ids import workflow_id
from tests.api.cargo import attachment, bring_in, entry
from tests.api.door import Door
from tests.api.scripted import record_closed, submission_of


async def test_sources_are_listed_with_their_last_import(door: Door, crew: Client, name: str) -> None:
    closed = submission_of(door.project, "zotero.quay.000000000001", "Quay")
    await record_closed(door.pool, closed, "partially_succeeded", failed=1)
    begun = await door.begin(name)
    key = begun["source"]["key"]
    await record_closed(door.pool, submission_of(door.project, f"{key}.000000000001", name))

    sources = {source["key"]: source for source in (await door.get(f"{path(door)}"))["sources"]}

    assert sources["zotero.quay"]["last_import"] == {
        "id": closed.import_id,
        "state": "partially_succeeded",
        "closed_at": "2026-01-02T03:05:05Z",
    }
    assert (sources["zotero.quay"]["name"], sources["zotero.quay"]["kind"], sources["zotero.quay"]["items"]) == (
        "Quay",
        "zotero",
        0,
    )
    assert sources[key]["last_import"]["id"] == begun["id"]
    assert sources[key]["last_import"]["closed_at"] is None


async def test_a_source_is_renamed(door: Door) -> None:
    await bring_in(door.pool, door.project, [entry("a", "On Tides")])

    answer = await door.http.patch(f"{path(door)}/zotero.shelf", json={"name": "Tides"})
    unknown = await door.http.patch(f"{path(door)}/zotero.none", json={"name": "Tides"})

    assert (answer.json()["key"], answer.json()["name"], answer.json()["items"]) == ("zotero.shelf", "Tides", 1)
    assert unknown.json()["code"] == "source_not_found"


async def test_removing_a_source_is_an_import_that_retires_it(door: Door, crew: Client) -> None:
    shared, own = attachment("shared", "s.txt"), attachment("its own", "o.txt")
    both = entry("b", "On Winds", doi="10.1000/winds", attachments=(shared,))
    await bring_in(
        door.pool, door.project, [entry("a", "On Tides", attachments=(own,)), both], files=["shared", "its own"]
    )
    await bring_in(door.pool, door.project, [both], source_key="zotero.other", files=["shared"])

    would = await door.http.delete(f"{path(door)}/zotero.shelf", params={"dry_run": True})
    answer = await door.http.delete(f"{path(door)}/zotero.shelf")
    again = await door.http.delete(f"{path(door)}/zotero.shelf")
    unknown = await door.http.delete(f"{path(door)}/zotero.none")

    assert would.json() == {"items": 2, "documents": 1, "blobs": 1, "bytes": 7}
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["import"]["links"]["self"]
    assert again.json()["import"]["id"] == answer.json()["import"]["id"]
    assert unknown.json()["code"] == "source_not_found"
    run = await crew.get_workflow_handle(workflow_id(door.project, "zotero.shelf")).describe()
    assert (await run.memo())["submission"]["mode"] == "remove"


def path(door: Door) -> str:
    return f"/v1/projects/{door.project}/sources"
