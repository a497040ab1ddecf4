"""Who is told of a project's imports."""

from __future__ import annotations

import pytest

from longshore.graph.webhooks import signing_secret
from longshore.secret import installation_key
from tests.api.cargo import bring_in, entry
from tests.api.door import Door


async def test_a_webhook_is_made_listed_and_deleted(door: Door) -> None:
    await bring_in(door.pool, door.project, [entry("a", "On Tides")])
    path = f"/v1/projects/{door.project}/webhooks"

    made = await door.http.post(path, json={"url": "https://receiver.example/hook", "events": ["import.closed"]})
    every = await door.http.post(path, json={"url": "http://127.0.0.1:9/hook"})
    listed = await door.get(path)
    gone = await door.http.delete(f"{path}/{made.json()['id']}")
    again = await door.http.delete(f"{path}/{made.json()['id']}")

    assert made.status_code == 201
    secret = signing_secret(installation_key(door.settings), door.project, made.json()["id"])
    assert made.json()["secret"] == secret
    assert every.json()["events"] == ["import.closed", "import.waiting"]
    assert [webhook["url"] for webhook in listed["webhooks"]] == [
        "https://receiver.example/hook",
        "http://127.0.0.1:9/hook",
    ]
    assert all("secret" not in webhook for webhook in listed["webhooks"])
    assert (gone.status_code, again.status_code) == (204, 404)
    assert len((await door.get(path))["webhooks"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://receiver.example/"},
        {"url": "https://user:pass@receiver.example/"},
        {"url": f"https://receiver.example/{'a' * 2000}"},
        {"url": "https://receiver.example/", "events": []},
        {"url": "https://receiver.example/", "events": ["import.begun"]},
    ],
)
async def test_an_address_has_to_be_one(door: Door, body: dict[str, object]) -> None:
    answer = await door.http.post(f"/v1/projects/{door.project}/webhooks", json=body)

    assert answer.status_code == 422


async def test_a_project_that_is_not_there_tells_nobody(door: Door) -> None:
    answer = await door.http.post(f"/v1/projects/{door.project}/webhooks", json={"url": "https://receiver.example/"})

    assert answer.json()["code"] == "project_not_found"
