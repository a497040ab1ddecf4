"""Sources that are imported again by themselves: by the clock, and when somebody pushes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import httpx2
import pytest
from temporalio.client import Client

from longshore.graph.records import open_record
from tests.api.door import Door

KEY = "git.cranes"
REPOSITORY = {"url": "https://example.org/harbour/cranes", "ref": None}


async def known_source(door: Door, **repository: Any) -> str:
    """A repository that was imported once; where its schedule is."""
    async with door.pool.connection() as connection:
        submission = {
            "project": door.project,
            "import_id": f"{KEY}.000000000001",
            "source_key": KEY,
            "kind": "git",
            "name": "Cranes",
            "manifest": "",
            "repository": {**REPOSITORY, **repository},
            "digest": "first",
            "submitted_at": "2026-01-02T03:04:05Z",
        }
        await open_record(connection, submission, "run")
    return f"/v1/projects/{door.project}/sources/{KEY}"


async def test_a_schedule_is_kept_shown_replaced_and_ended(door: Door) -> None:
    source = await known_source(door)
    path = f"{source}/schedule"
    assert (await door.http.get(path)).json()["code"] == "schedule_not_found"

    made = await door.http.put(path, json={"every_s": 3600})
    assert made.status_code == 200, made.text
    assert made.json()["next_at"]

    replaced = await door.http.put(path, json={"cron": "0 3 * * *", "time_zone": "Asia/Seoul"})
    shown = (await door.http.get(path)).json()
    assert replaced.json() == shown
    assert (shown["every_s"], shown["cron"], shown["time_zone"]) == (None, "0 3 * * *", "Asia/Seoul")
    assert "T18:00:00" in shown["next_at"]

    assert (await door.http.delete(path)).status_code == 204
    assert (await door.http.get(path)).status_code == 404
    assert (await door.http.delete(path)).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"every_s": 3600, "cron": "0 3 * * *"}, "invalid_request"),
        ({"every_s": 1}, "invalid_request"),
        ({"cron": "99 99 * * *"}, "invalid_schedule"),
        ({"cron": "0 3 * * *", "time_zone": "Atlantis/Capital"}, "invalid_schedule"),
    ],
)
async def test_what_is_no_schedule_is_refused(door: Door, body: dict[str, Any], code: str) -> None:
    source = await known_source(door)
    answer = await door.http.put(f"{source}/schedule", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (await door.http.get(f"{source}/schedule")).status_code == 404


async def test_only_a_known_source_can_have_one(door: Door) -> None:
    answer = await door.http.put(f"/v1/projects/{door.project}/sources/git.none/schedule", json={"every_s": 60})
    assert (answer.status_code, answer.json()["code"]) == (404, "source_not_found")


async def test_without_temporal_there_is_no_schedule(door_without_temporal: Door) -> None:
    source = await known_source(door_without_temporal)
    answer = await door_without_temporal.http.put(f"{source}/schedule", json={"every_s": 3600})
    assert answer.status_code == 503


async def hooked(door: Door, **repository: Any) -> tuple[str, str]:
    shown = (await door.http.get(f"{await known_source(door, **repository)}/hook")).json()
    return shown["path"], shown["secret"]


def push(branch: str = "trunk", after: str = "a" * 40) -> dict[str, Any]:
    return {"ref": f"refs/heads/{branch}", "after": after, "repository": {"default_branch": "trunk"}}


async def deliver(door: Door, hook: tuple[str, str], told: Any, delivery: str) -> httpx2.Response:
    path, secret = hook
    body = json.dumps(told).encode()
    signature = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    headers = {"x-hub-signature-256": f"sha256={signature}", "x-github-delivery": delivery}
    return await door.http.post(path, content=body, headers=headers)


async def test_a_push_is_imported_once_however_often_it_is_told(door: Door, crew: Client) -> None:
    hook = await hooked(door)
    first = (await deliver(door, hook, push(), "d1")).json()
    assert first["outcome"] == "started"
    again = await asyncio.gather(*(deliver(door, hook, push(), "d1") for _ in range(5)))
    assert {answer.json()["import_id"] for answer in again} == {first["import_id"]}


async def test_a_push_while_an_older_one_is_read_is_read_after_it(door: Door, crew: Client) -> None:
    hook = await hooked(door)
    first = (await deliver(door, hook, push(), "d1")).json()
    second = (await deliver(door, hook, push(after="b" * 40), "d2")).json()
    assert second["outcome"] == "queued"
    assert second["import_id"] != first["import_id"]


@pytest.mark.parametrize(
    ("told", "ref"),
    [
        (push("side"), None),
        (push("trunk"), "v2"),
        (push("trunk", after="0" * 40), None),
        ({"zen": "Keep it logically awesome."}, None),
        ([], None),
        ("push", None),
        ({"ref": 1, "after": 2}, None),
    ],
)
async def test_what_moves_nothing_that_is_read_is_ignored(door: Door, told: Any, ref: str | None) -> None:
    answer = await deliver(door, await hooked(door, ref=ref), told, "d1")
    assert answer.json() == {"outcome": "ignored", "import_id": None}


async def test_the_token_of_gitlab_will_do(door: Door, crew: Client) -> None:
    path, secret = await hooked(door)
    told = {"ref": "refs/heads/trunk", "after": "a" * 40, "project": {"default_branch": "trunk"}}
    headers = {"x-gitlab-token": secret, "x-gitlab-event-uuid": "d1"}
    assert (await door.http.post(path, json=told, headers=headers)).json()["outcome"] == "started"


@pytest.mark.parametrize(
    "headers", [{}, {"x-hub-signature-256": "sha256=00"}, {"x-gitlab-token": "guess"}, {"x-gitea-signature": "ä"}]
)
async def test_who_does_not_know_the_secret_starts_nothing(door: Door, headers: dict[str, str]) -> None:
    path, _ = await hooked(door)
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await door.http.post(path, json=push(), headers=encoded)
    assert (answer.status_code, answer.json()["code"]) == (401, "hook_not_signed")
