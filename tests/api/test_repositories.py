"""Git repositories as the API takes them: named and not uploaded."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from tests.api.door import Door

URL = "https://example.org/harbour/cranes"


async def submit(door: Door, path: str = "imports", **source: Any) -> httpx2.Response:
    return await door.http.post(
        f"/v1/projects/{door.project}/{path}", json={"source": {"kind": "git", "url": URL, **source}}
    )


async def test_a_repository_is_named_by_its_url(door: Door, crew: Client) -> None:
    answer = await submit(door, url=f"{URL}.git/", ref="v2", include=["docs/"])
    assert answer.status_code == 202, answer.text
    source = answer.json()["import"]["source"]
    assert source["key"] == "git.example-org-harbour-cranes"
    assert source["name"] == "example.org/harbour/cranes"
    assert source["repository"] == {
        "url": f"{URL}.git",
        "ref": "v2",
        "include": ["docs/"],
        "exclude": [],
        "credential": None,
    }


async def test_a_second_click_attaches_and_another_branch_waits(door: Door, crew: Client) -> None:
    first = (await submit(door)).json()
    again = (await submit(door)).json()
    assert (again["submission"], again["import"]["id"]) == ("attached", first["import"]["id"])
    other = (await submit(door, ref="next")).json()
    assert (other["submission"], other["import"]["source"]["key"]) == ("queued", first["import"]["source"]["key"])


async def test_it_can_be_checked_without_being_fetched(door: Door) -> None:
    answer = await door.http.post(
        f"/v1/projects/{door.project}/imports?validate_only=true", json={"source": {"kind": "git", "url": URL}}
    )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["files"], answer.json()["source"]["known"]) == (None, False)


@pytest.mark.parametrize(
    "source",
    [
        {"url": "https://user:secret@example.org/o/r"},
        {"url": "git@example.org:o/r.git"},
        {"url": "ext::sh -c id"},
        {"url": "--upload-pack=id"},
    ],
)
async def test_a_url_that_is_not_taken_is_refused_at_once(door: Door, source: dict[str, str]) -> None:
    answer = await submit(door, **source)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_repository_url")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "source",
    [
        {"ref": "-x"},
        {"ref": "a b"},
        {"ref": ""},
        {"include": ["a\nb"]},
        {"credential": "env:PATH"},
        {"manifest": "0" * 64, "url": None},
    ],
)
async def test_what_cannot_be_meant_is_refused_at_once(door: Door, source: dict[str, Any]) -> None:
    assert (await submit(door, **source)).status_code == 422
