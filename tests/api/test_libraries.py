"""Libraries of zotero.org as the API takes them, and what is chosen of libraries."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from tests.api.door import Door


async def submit(door: Door, path: str = "imports", **source: Any) -> httpx2.Response:
    return await door.http.post(
        f"/v1/projects/{door.project}/{path}",
        json={"source": {"kind": "zotero-web", "library": "groups/456", **source}},
    )


async def test_a_library_is_named_by_its_number(door: Door, crew: Client) -> None:
    answer = await submit(door, collection="ABCD2345", credential="harbour", tags=["tides", "cranes", "tides"])
    assert answer.status_code == 202, answer.text
    source = answer.json()["import"]["source"]
    assert (source["key"], source["name"]) == ("zotero-web.groups-456", "groups/456")
    assert source["library"] == {"library": "groups/456", "collection": "ABCD2345", "credential": "harbour"}
    assert source["choice"] == {"collections": [], "tags": ["cranes", "tides"], "item_types": []}


async def test_another_choice_of_the_same_library_is_another_submission(door: Door, crew: Client) -> None:
    first = (await submit(door, tags=["tides", "cranes"])).json()
    same = (await submit(door, tags=["cranes", "tides"])).json()
    assert (same["submission"], same["import"]["id"]) == ("attached", first["import"]["id"])
    other = (await submit(door, item_types=["book"])).json()
    assert (other["submission"], other["import"]["source"]["key"]) == ("queued", first["import"]["source"]["key"])


async def test_items_of_an_export_are_chosen_and_files_have_none(door: Door, crew: Client, name: str) -> None:
    source = {"name": name, "manifest": await door.upload("cargo"), "collections": ["Harbour/Cranes"]}
    path = f"/v1/projects/{door.project}/imports"
    answer = await door.http.post(path, json={"source": {"kind": "zotero", **source}})
    assert answer.status_code == 202, answer.text
    assert answer.json()["import"]["source"]["choice"]["collections"] == ["Harbour/Cranes"]
    refused = await door.http.post(path, json={"source": {"kind": "files", **source}})
    assert refused.status_code == 422
    assert "cannot be chosen of a source of kind files" in refused.text


@pytest.mark.parametrize(
    "source",
    [
        {"library": "groups/0"},
        {"library": "groups/456/../7"},
        {"library": "https://www.zotero.org/groups/456"},
        {"collection": "Cranes"},
        {"credential": "env:HARBOUR_KEY"},
        {"tags": [""]},
        {"tags": ["a\nb"]},
    ],
)
async def test_what_cannot_be_meant_is_refused_at_once(door: Door, source: dict[str, Any]) -> None:
    assert (await submit(door, **source)).status_code == 422
