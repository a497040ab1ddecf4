"""Messages to a running import, and which state takes which."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from longshore.ids import workflow_id
from tests.api.door import Door
from tests.api.scripted import Json, progress_of, record_closed, submission_of, tell
from workflows.contracts import Reason, StageProgress

APPROVAL = Reason(code="awaiting_approval", message="This import would remove 30 items.")


async def act(door: Door, begun: Json, action: str, status: int = 202, **body: object) -> Json:
    answer = await door.http.post(f"{begun['links']['self']}:{action}", json=body or None)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


async def test_pause_resume_and_cancel_reach_the_workflow_with_the_id(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    states = [
        (await act(door, begun, action))["import"]["state"]
        for action in ("pause", "pause", "resume", "retry-failed", "cancel", "cancel")
    ]
    await tell(crew, begun, "finish")

    assert states == ["paused", "paused", "running", "running", "cancelling", "cancelling"]
    heard = await crew.get_workflow_handle(workflow_id(door.project, begun["source"]["key"])).result()
    messages = ("pause", "pause", "resume", "retry_failed", "cancel", "cancel")
    assert heard == [f"{message} {begun['id']}" for message in messages]


@pytest.mark.parametrize(
    ("state", "reason", "refused"),
    [
        ("running", None, ("resume", "approve")),
        ("paused", None, ("approve",)),
        ("waiting", APPROVAL, ("pause", "resume")),
        ("cancelling", None, ("pause", "resume", "retry-failed", "approve")),
    ],
)
async def test_a_state_that_does_not_allow_it_is_named(
    door: Door, crew: Client, name: str, state: str, reason: Reason | None, refused: tuple[str, ...]
) -> None:
    begun = await door.begin(name)
    await tell(crew, begun, "show", progress_of(begun["id"], state, fraction=0.3, reason=reason))  # type: ignore[arg-type]
    await door.until(begun, lambda view: view["fraction"] == 0.3)

    for action in refused:
        problem = await act(door, begun, action, 409)
        assert (problem["code"], problem["state"]) == ("state_conflict", state)
        assert state in problem["detail"]


async def test_removals_are_approved_only_when_they_wait_for_it(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    await tell(crew, begun, "show", progress_of(begun["id"], "waiting", reason=APPROVAL))
    await door.until(begun, lambda view: view["state"] == "waiting")

    answer = await act(door, begun, "approve")

    assert answer["import"]["state"] == "running"


async def test_the_id_of_an_older_import_steers_nothing(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    old = f"{begun['source']['key']}.000000000001"
    await record_closed(door.pool, submission_of(door.project, old, name))

    answer = await door.http.post(f"/v1/projects/{door.project}/imports/{old}:cancel")

    assert answer.status_code == 409
    assert answer.json()["state"] == "succeeded"
    assert (await door.view(begun))["state"] == "running"


async def test_a_follow_up_cannot_be_steered_before_it_begins(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    following = (await door.submit("newer cargo", name)).json()["import"]

    problem = await act(door, following, "cancel", 409)

    assert problem["state"] == "queued"
    assert (await door.view(begun))["state"] == "running"


async def test_retrying_a_closed_import_is_a_new_one_from_the_kept_files(door: Door, crew: Client, name: str) -> None:
    manifest = await door.upload("cargo")
    old = submission_of(door.project, "zotero.retried.000000000001", name, manifest=manifest)
    await record_closed(door.pool, old, "partially_succeeded", failed=2)

    answer = await door.http.post(f"/v1/projects/{door.project}/imports/{old.import_id}:retry-failed")
    again = await door.http.post(f"/v1/projects/{door.project}/imports/{old.import_id}:retry-failed")

    begun = answer.json()["import"]
    assert answer.status_code == 202
    assert begun["id"] != old.import_id
    assert again.json()["import"]["id"] == begun["id"]
    memo = await (await crew.get_workflow_handle(workflow_id(door.project, old.source_key)).describe()).memo()
    assert memo["submission"]["retry_of"] == old.import_id
    assert memo["submission"]["manifest"] == manifest


async def test_what_closes_takes_nothing_up_again(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    closing = (StageProgress(name="close", state="running", unit="imports", done=0, total=1),)
    await tell(crew, begun, "show", progress_of(begun["id"], fraction=0.9, stages=closing))
    await door.until(begun, lambda view: view["fraction"] == 0.9)

    problem = await act(door, begun, "retry-failed", 409)

    assert problem["code"] == "state_conflict"
    assert "once it has closed" in problem["hint"]


async def test_there_is_nothing_to_retry_where_nothing_failed(door: Door, name: str) -> None:
    old = submission_of(door.project, "zotero.sound.000000000001", name)
    await record_closed(door.pool, old)

    answer = await door.http.post(f"/v1/projects/{door.project}/imports/{old.import_id}:retry-failed")

    assert answer.status_code == 409
    assert answer.json()["code"] == "nothing_to_retry"


async def test_only_some_reasons_are_retried_where_something_failed_for_them(
    door: Door, crew: Client, name: str
) -> None:
    old = submission_of(door.project, "zotero.chosen.000000000001", name, manifest=await door.upload("cargo"))
    await record_closed(door.pool, old, "partially_succeeded", failed=1)
    async with door.pool.connection() as connection:
        await connection.execute(
            "insert into import_items (project, import_id, ordinal, item_key, title, change, state, code) "
            "values (%s, %s, 0, 'a', 't', 'added', 'failed', 'encrypted')",
            (door.project, old.import_id),
        )
    closed = await door.get(f"/v1/projects/{door.project}/imports/{old.import_id}")

    refused = await act(door, closed, "retry-failed", 409, codes=["corrupt"])
    unknown = await act(door, closed, "retry-failed", 422, codes=["KeyError"])
    begun = (await act(door, closed, "retry-failed", codes=["encrypted", "corrupt"]))["import"]
    running = await act(door, begun, "retry-failed", 409, codes=["encrypted"])

    assert (refused["code"], unknown["code"], running["code"]) == (
        "nothing_to_retry",
        "invalid_request",
        "state_conflict",
    )
    memo = await (await crew.get_workflow_handle(workflow_id(door.project, old.source_key)).describe()).memo()
    assert memo["submission"]["retry_codes"] == ["corrupt", "encrypted"]


async def test_a_closed_import_is_undone_by_a_new_one(door: Door, crew: Client, name: str) -> None:
    old = submission_of(door.project, "zotero.undone.000000000001", name)
    await record_closed(door.pool, old)
    closed = await door.get(f"/v1/projects/{door.project}/imports/{old.import_id}")

    begun = (await act(door, closed, "undo"))["import"]
    again = (await act(door, closed, "undo"))["import"]
    running = await act(door, begun, "undo", 409)

    assert begun["id"] != closed["id"]
    assert again["id"] == begun["id"]
    assert running["code"] == "state_conflict"
    memo = await (await crew.get_workflow_handle(workflow_id(door.project, old.source_key)).describe()).memo()
    assert (memo["submission"]["mode"], memo["submission"]["undo_of"]) == ("undo", old.import_id)


async def test_what_was_replaced_too_long_ago_cannot_be_put_back(door: Door, crew: Client, name: str) -> None:
    recent, old = (submission_of(door.project, f"zotero.replaced.00000000000{n}", name) for n in (1, 2))
    for submission, age in ((recent, timedelta(days=29)), (old, timedelta(days=31))):
        await record_closed(door.pool, submission)
        async with door.pool.connection() as connection:
            await connection.execute(
                "update imports set record = jsonb_set(jsonb_set(record, '{items,changed}', '1'), '{closed_at}', %s) "
                "where import_id = %s",
                (json.dumps((datetime.now(UTC) - age).isoformat()), submission.import_id),
            )
    views = [await door.get(f"/v1/projects/{door.project}/imports/{each.import_id}") for each in (recent, old)]

    refused = await act(door, views[1], "undo", 409)
    accepted = await act(door, views[0], "undo")

    assert refused["code"] == "nothing_to_undo"
    assert accepted["import"]["undo_of"] == recent.import_id


async def test_a_cancelled_import_is_undone_as_soon_as_it_has_closed(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)

    cancelled = (await act(door, begun, "cancel", undo=True))["import"]
    view = await door.until(begun, lambda view: bool(view["follow_up"]))

    assert cancelled["state"] == "cancelling"
    following = await door.get(f"/v1/projects/{door.project}/imports/{view['follow_up']}")
    assert (following["state"], following["reason"]["code"]) == ("queued", "follow_up")
    await tell(crew, begun, "finish")
    await door.until(following, lambda view: view["state"] == "running")
    memo = await (await crew.get_workflow_handle(workflow_id(door.project, begun["source"]["key"])).describe()).memo()
    assert (memo["submission"]["mode"], memo["submission"]["undo_of"]) == ("undo", begun["id"])


async def test_undoing_takes_nobodys_place(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    await door.submit("newer cargo", name)
    await door.until(begun, lambda view: bool(view["follow_up"]))

    problem = await act(door, begun, "cancel", 409, undo=True)

    assert problem["code"] == "follow_up_waiting"
    assert (await door.view(begun))["state"] == "running"
