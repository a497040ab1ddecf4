"""Handing imports over: what starts, what attaches, what waits its turn, what is refused."""

from __future__ import annotations

import asyncio
import json

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from longshore.ids import workflow_id
from tests.api.door import Door, eventually
from tests.api.scripted import Json, record_closed, submission_of
from workflows.contracts import Submission


async def test_the_first_submission_starts(door: Door, scripted: WorkflowEnvironment, name: str) -> None:
    answer = await door.submit("cargo", name)

    begun = answer.json()["import"]
    assert answer.status_code == 202
    assert answer.json()["submission"] == "started"
    assert answer.headers["location"] == begun["links"]["self"]
    assert answer.headers["retry-after"]
    assert begun["state"] == "queued"
    source = {key: value for key, value in begun["source"].items() if value is not None}
    assert source == {"key": begun["id"].rsplit(".", 1)[0], "kind": "zotero", "name": name}
    handle = scripted.client.get_workflow_handle(workflow_id(door.project, begun["source"]["key"]))
    run = await handle.describe()
    assert await run.static_summary() == f"zotero: {name} into {door.project}"
    assert (await run.memo())["import_id"] == begun["id"]
    attributes = {pair.key.name: pair.value for pair in run.typed_search_attributes}
    assert (attributes["LongshoreKind"], attributes["LongshoreProject"]) == ("zotero", door.project)
    assert "LongshoreState" in attributes


async def test_an_equal_submission_attaches(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)

    answer = await door.submit("cargo", name)

    assert answer.status_code == 200
    assert answer.json()["submission"] == "attached"
    assert answer.json()["import"]["id"] == begun["id"]
    assert answer.json()["import"]["state"] == "running"


async def test_a_different_one_is_queued_with_an_id_of_its_own(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)

    answer = await door.submit("newer cargo", name)

    queued = answer.json()["import"]
    assert answer.status_code == 202
    assert answer.json()["submission"] == "queued"
    assert queued["id"] != begun["id"]
    assert queued["state"] == "queued"
    assert queued["reason"]["code"] == "follow_up"
    assert begun["id"] in queued["reason"]["message"]


async def test_other_options_are_another_submission(door: Door, crew: Client, name: str) -> None:
    await door.begin(name)

    answer = await door.submit("cargo", name, options={"allow_removals": True})

    assert answer.json()["submission"] == "queued"


async def test_a_caller_may_ask_to_be_refused_instead(door: Door, crew: Client, name: str) -> None:
    first = await door.submit("cargo", name, on_conflict="refuse")
    refused = await door.submit("newer cargo", name, on_conflict="refuse")
    equal = await door.submit("cargo", name, on_conflict="refuse")

    assert first.json()["submission"] == "started"
    assert refused.status_code == 409
    assert refused.json()["code"] == "import_running"
    assert refused.json()["blocking_import"] == first.json()["import"]["id"]
    assert refused.json()["links"]["self"] == first.json()["import"]["links"]["self"]
    assert equal.json()["submission"] == "attached"


async def test_of_many_at_once_exactly_one_starts(door: Door, crew: Client, name: str) -> None:
    answers = await asyncio.gather(*(door.submit("cargo", name) for _ in range(50)))

    ids = {answer.json()["import"]["id"] for answer in answers}
    assert len(ids) == 1
    assert {answer.status_code for answer in answers} <= {200, 202}


async def test_a_key_makes_a_submission_repeatable(door: Door, crew: Client, name: str) -> None:
    key = {"Idempotency-Key": "voyage-1"}
    first = await door.submit("cargo", name, key)
    again = await door.submit("cargo", name, key)
    other = await door.submit("newer cargo", name, key)

    assert again.json()["import"]["id"] == first.json()["import"]["id"]
    assert again.json()["submission"] == "attached"
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"


async def test_a_key_names_one_request_whatever_the_source(door: Door, crew: Client, name: str) -> None:
    key = {"Idempotency-Key": "voyage-4"}
    begun = (await door.submit("cargo", name, key)).json()["import"]

    async def listed() -> Json | None:
        page = await door.get("/v1/imports", project=door.project)
        return page if page["imports"] else None

    await eventually(listed)
    while_it_runs = await door.submit("cargo", f"{name} other", key)
    memo = await (await _workflow(door, begun["source"]["key"])).describe()
    submission = Submission.model_validate((await memo.memo())["submission"])
    await record_closed(door.pool, submission)
    await (await _workflow(door, begun["source"]["key"])).terminate()
    once_it_closed = await door.submit("cargo", f"{name} other", key)

    assert submission.idempotency_key == "voyage-4"
    for refused in (while_it_runs, once_it_closed):
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


async def test_an_equal_one_under_a_key_of_its_own_is_remembered(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    key = {"Idempotency-Key": "voyage-5"}
    attached = await door.submit("cargo", name, key)
    again = await door.submit("cargo", name, key)

    assert attached.json()["submission"] == "attached"
    assert "idempotency-replayed" not in attached.headers
    assert again.json()["import"]["id"] == begun["id"]
    assert again.headers["idempotency-replayed"] == "true"


async def test_one_equal_to_what_waits_attaches_to_it(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(name)
    waiting = (await door.submit("newer cargo", name)).json()["import"]
    await door.until(begun, lambda view: view["follow_up"] == waiting["id"])

    answer = await door.submit("newer cargo", name)
    keyed = await door.submit("newer cargo", name, {"Idempotency-Key": "voyage-6"})

    for attached in (answer, keyed):
        assert attached.status_code == 200
        assert attached.json()["submission"] == "attached"
        assert attached.json()["import"]["id"] == waiting["id"]
        assert attached.json()["import"]["state"] == "queued"
    assert (await door.view(waiting))["created_at"] == waiting["created_at"]


async def test_a_request_can_be_checked_without_being_made(door: Door, name: str) -> None:
    manifest = await door.upload("cargo")
    body = {"source": {"kind": "zotero", "name": name, "manifest": manifest}}
    path = f"/v1/projects/{door.project}/imports"

    answer = await door.http.post(path, json=body, params={"validate_only": True})
    body["source"]["manifest"] = "e" * 64
    refused = await door.http.post(path, json=body, params={"validate_only": True})

    assert answer.status_code == 200
    assert (answer.json()["valid"], answer.json()["files"], answer.json()["bytes"]) == (True, 1, 5)
    assert answer.json()["source"]["known"] is False
    assert refused.json()["code"] == "manifest_missing"
    assert (await door.get(path))["imports"] == []


async def test_a_key_answers_a_closed_import_too(door: Door, name: str) -> None:
    key = {"Idempotency-Key": "voyage-2"}
    begun = (await door.submit("cargo", name, key)).json()["import"]
    run = (await _workflow(door, begun["source"]["key"])).describe()
    memo = await (await run).memo()
    await record_closed(door.pool, submission_of(door.project, begun["id"], name, digest=memo["digest"]))
    await (await _workflow(door, begun["source"]["key"])).terminate()

    again = await door.submit("cargo", name, key)

    assert again.status_code == 200
    assert again.json()["import"]["id"] == begun["id"]
    assert again.json()["import"]["state"] == "succeeded"


async def test_a_manifest_has_to_be_complete(door: Door, name: str) -> None:
    lines = [json.dumps({"path": f"files/{n}.pdf", "sha256": f"{n:064}", "size": 1}) for n in range(7)]
    manifest = await door.put("\n".join(lines).encode())

    answer = await door.hand_over(name, manifest)

    assert answer.status_code == 422
    assert answer.json()["code"] == "manifest_incomplete"
    assert "7 of the 7 files" in answer.json()["detail"]
    assert answer.json()["missing"] == [f"files/{n}.pdf" for n in range(5)]


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "manifest_invalid"), (b"{}", "manifest_invalid"), (b"not json", "manifest_invalid")]
)
async def test_a_manifest_has_to_be_one(door: Door, name: str, content: bytes, code: str) -> None:
    manifest = await door.put(content)
    answer = await door.hand_over(name, manifest)

    assert answer.status_code == 422
    assert answer.json()["code"] == code


async def test_a_manifest_has_to_be_there(door: Door, name: str) -> None:
    answer = await door.hand_over(name, "e" * 64)

    assert answer.status_code == 422
    assert answer.json()["code"] == "manifest_missing"


async def test_a_name_needs_a_letter_or_digit(door: Door) -> None:
    answer = await door.submit("cargo", "…")

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_name"


async def test_a_korean_name_makes_a_key_that_can_be_asked_for(door: Door, crew: Client, name: str) -> None:
    begun = await door.begin(f"부산항 {name}")

    assert (await door.view(begun))["source"]["name"] == f"부산항 {name}"


async def test_a_name_of_another_kind_of_source_is_refused(door: Door, name: str) -> None:
    key = name.lower().replace(" ", "-")
    await record_closed(door.pool, submission_of(door.project, f"files.{key}.000000000001", name, kind="files"))

    answer = await door.submit("cargo", name)

    assert answer.status_code == 409
    assert answer.json()["code"] == "source_kind_conflict"


async def test_without_temporal_nothing_is_taken(door_without_temporal: Door, name: str) -> None:
    answer = await door_without_temporal.submit("cargo", name)

    assert answer.status_code == 503
    assert answer.json()["code"] == "orchestrator_unavailable"
    assert int(answer.headers["retry-after"]) > 0


async def _workflow(door: Door, source_key: str):  # type: ignore[no-untyped-def]
    client = await Client.connect(str(door.settings.temporal_address))
    return client.get_workflow_handle(workflow_id(door.project, source_key))


async def test_a_key_knows_a_submission_that_still_waits_its_turn(door: Door, crew: Client, name: str) -> None:
    await door.begin(name)
    key = {"Idempotency-Key": "voyage-3"}
    first = await door.submit("newer cargo", name, key)

    again = await door.submit("newer cargo", name, key)
    other = await door.submit("newest cargo", name, key)

    assert first.json()["submission"] == "queued"
    assert again.json()["import"]["id"] == first.json()["import"]["id"]
    assert other.status_code == 422
