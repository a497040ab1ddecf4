"""Reading an import only when it has changed."""

from __future__ import annotations

import asyncio
import time

from temporalio.client import Client

from tests.api.door import Door
from tests.api.scripted import progress_of, record_closed, submission_of, tell


async def test_what_the_caller_has_is_not_sent_again(door: Door, name: str) -> None:
    closed = submission_of(door.project, "zotero.moored.000000000001", name)
    await record_closed(door.pool, closed)
    path = f"/v1/projects/{door.project}/imports/{closed.import_id}"

    first = await door.http.get(path)
    tag = first.headers["etag"]
    answers = [
        await door.http.get(path, headers={"If-None-Match": known})
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*", '"other"')
    ]

    assert [answer.status_code for answer in answers] == [304, 304, 304, 304, 200]
    assert answers[0].content == b""
    assert answers[0].headers["etag"] == tag
    assert "retry-after" not in first.headers


async def test_a_worker_that_answers_again_changes_nothing(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    await door.until(begun, lambda view: bool(view["live"] and view["worker_seen_at"]))
    first = await door.http.get(begun["links"]["self"])

    again = await door.http.get(begun["links"]["self"], headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.headers["retry-after"]


async def test_a_wait_ends_with_the_change(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    tag = (await door.http.get(begun["links"]["self"])).headers["etag"]
    asked = asyncio.create_task(
        door.http.get(begun["links"]["self"], params={"wait": 10}, headers={"If-None-Match": tag}, timeout=15)
    )
    await asyncio.sleep(0.1)
    await tell(crew, begun, "show", progress_of(begun["id"], fraction=0.8))

    answer = await asked

    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


async def test_a_wait_without_a_change_ends_too(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    await door.until(begun, lambda view: bool(view["live"]))
    tag = (await door.http.get(begun["links"]["self"])).headers["etag"]

    known = await door.http.get(begun["links"]["self"], params={"wait": 0.3}, headers={"If-None-Match": tag})
    unknown = await door.http.get(begun["links"]["self"], params={"wait": 0.3})

    assert (known.status_code, unknown.status_code) == (304, 200)


async def test_nobody_waits_for_a_closed_import_or_for_what_is_news_to_them(
    door: Door, crew: Client, name: str
) -> None:
    closed = submission_of(door.project, "zotero.moored.000000000002", name)
    await record_closed(door.pool, closed)
    begun = await door.begin(name)
    started = time.monotonic()

    await door.get(f"/v1/projects/{door.project}/imports/{closed.import_id}", wait=60)
    stale = await door.http.get(begun["links"]["self"], params={"wait": 60}, headers={"If-None-Match": '"old"'})

    assert stale.status_code == 200
    assert time.monotonic() - started < 10
