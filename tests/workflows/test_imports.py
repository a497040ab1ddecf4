"""The recipe of an import, with the engine real and the steps counted."""

from __future__ import annotations

import asyncio
import itertools

from temporalio.client import Client

from tests.workflows.conftest import Start
from tests.workflows.harbour import BATCH, Dock, Handle, submission
from workflows.contracts import ClosingRecord, ImportOptions, Progress
from workflows.imports import ImportWorkflow

_ids = itertools.count()


def workflow_id() -> str:
    return f"import/shelf/zotero.shelf-{next(_ids)}"


async def result(handle: Handle) -> ClosingRecord:
    return await asyncio.wait_for(handle.result(), 60)


async def progress_when(handle: Handle, state: str) -> Progress:
    deadline = asyncio.get_running_loop().time() + 30
    while True:
        progress = await handle.query(ImportWorkflow.progress)
        if progress.state == state:
            return progress
        assert asyncio.get_running_loop().time() < deadline, f"still {progress.state}"
        await asyncio.sleep(0.02)


async def test_every_batch_is_written_once_and_the_import_closes(start: Start, dock: Dock) -> None:
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    record = await result(handle)
    assert record.state == "succeeded"
    assert record.items.added == dock.batches * BATCH
    assert set(dock.written.values()) == {1}
    assert dock.calls["link_batch"] == 3


async def test_long_import_rolls_its_history_over_and_loses_nothing(start: Start, dock: Dock) -> None:
    dock.batches = 60
    handle = await start(submission("zotero.shelf.a", lanes=4), workflow_id())
    first_run = handle.first_execution_run_id or (await handle.describe()).run_id
    record = await result(handle)
    assert (await handle.describe()).run_id != first_run
    assert len(dock.written) == 60
    assert set(dock.written.values()) == {1}
    assert record.items.added == 60 * BATCH
    assert len(dock.closed) == 1


async def test_a_batch_that_a_worker_of_another_version_has_read_is_read_again(start: Start, dock: Dock) -> None:
    dock.read_otherwise = {1, 4}
    record = await result(await start(submission("zotero.shelf.a"), workflow_id()))
    assert record.state == "succeeded"
    assert set(dock.written.values()) == {1}
    assert (dock.calls["parse_batch"], dock.calls["embed_batch"]) == (dock.batches + 2, dock.batches + 2)
    assert record.progress.chunks == 10 * dock.batches
    assert all(
        stage.done == stage.total for stage in record.progress.stages if stage.name in ("parse", "embed", "write")
    )


async def test_broken_batch_is_recorded_and_the_others_go_on(start: Start, dock: Dock) -> None:
    dock.broken = {2}
    record = await result(await start(submission("zotero.shelf.a"), workflow_id()))
    assert record.state == "partially_succeeded"
    assert (record.items.failed, record.items.added) == (BATCH, 5 * BATCH)


async def test_failed_items_are_taken_up_again_on_request(start: Start, dock: Dock) -> None:
    dock.broken = {2}
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.retry_failed, "zotero.shelf.a")
    dock.gate.set()
    record = await result(handle)
    assert dock.calls["requeue_failed"] == 1
    assert record.state == "succeeded"
    assert record.items.added == 6 * BATCH


async def test_plan_that_is_refused_fails_the_import_with_its_reason(start: Start, dock: Dock) -> None:
    dock.refuse_to_plan = "empty_library"
    record = await result(await start(submission("zotero.shelf.a"), workflow_id()))
    assert record.state == "failed"
    assert record.reason is not None
    assert record.reason.code == "empty_library"


async def test_pause_stops_new_work_until_resumed(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch", 2)
    await handle.signal(ImportWorkflow.pause, "zotero.shelf.a")
    await progress_when(handle, "paused")
    dock.gate.set()
    await handle.signal(ImportWorkflow.pause, "zotero.shelf.other")
    assert dock.calls["extract_batch"] == 0
    assert (await handle.query(ImportWorkflow.progress)).state == "paused"
    await handle.signal(ImportWorkflow.resume, "zotero.shelf.a")
    assert (await result(handle)).state == "succeeded"


async def test_cancel_keeps_what_is_written_and_says_so(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch", 2)
    await handle.signal(ImportWorkflow.cancel, "zotero.shelf.a")
    record = await result(handle)
    assert record.state == "cancelled"
    assert dock.calls["write_batch"] == 0


async def test_cancel_is_heard_even_if_the_steps_under_way_are_deaf_to_it(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    dock.deaf = True
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch", 2)
    await handle.signal(ImportWorkflow.cancel, "zotero.shelf.a")
    await progress_when(handle, "cancelling")
    dock.gate.set()
    record = await result(handle)
    assert record.state == "cancelled"
    assert (dock.calls["parse_batch"], dock.calls["extract_batch"]) == (2, 0)


async def test_cancelling_by_the_engine_closes_the_record_too(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch", 2)
    await handle.cancel()
    assert (await result(handle)).state == "cancelled"
    assert dock.closed[0].cancelled


async def test_message_for_another_import_is_refused(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.new"), workflow_id())
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.cancel, "zotero.shelf.old")
    assert (await handle.query(ImportWorkflow.progress)).state == "running"
    dock.gate.set()
    assert (await result(handle)).state == "succeeded"


async def test_equal_submission_attaches(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    id_ = workflow_id()
    handle = await start(submission("zotero.shelf.a"), id_)
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.b"))
    progress = await handle.query(ImportWorkflow.progress)
    assert progress.aliases == ("zotero.shelf.b",)
    dock.gate.set()
    await result(handle)
    assert [request.import_id for request in dock.closed] == ["zotero.shelf.a"]
    assert dock.closed[0].aliases == ("zotero.shelf.b",)


async def test_equal_submission_follows_an_import_that_closes(start: Start, dock: Dock) -> None:
    dock.slow_to_close = True
    dock.batches = 1
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("write_batch")
    dock.gate.clear()
    await dock.until("close_import")
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.b"))
    dock.gate.set()
    await result(handle)
    assert [(request.import_id, request.aliases) for request in dock.closed] == [
        ("zotero.shelf.a", ()),
        ("zotero.shelf.b", ()),
    ]


async def test_newer_submission_follows_and_the_latest_wins(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.b", digest="d2"))
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.c", digest="d3"))
    assert (await handle.query(ImportWorkflow.progress)).follow_up == "zotero.shelf.c"
    dock.gate.set()
    await result(handle)
    assert [request.import_id for request in dock.closed] == ["zotero.shelf.a", "zotero.shelf.c"]


async def test_submission_equal_to_the_follow_up_attaches_to_it(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch")
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.b", digest="d2"))
    await handle.signal(ImportWorkflow.submit, submission("zotero.shelf.c", digest="d2"))
    dock.gate.set()
    await result(handle)
    assert [(request.import_id, request.aliases) for request in dock.closed] == [
        ("zotero.shelf.a", ()),
        ("zotero.shelf.b", ("zotero.shelf.c",)),
    ]


async def test_receivers_are_told_when_an_import_closes_even_if_they_are_down_for_long(
    start: Start, dock: Dock, skipping: Client
) -> None:
    dock.webhooks, dock.receiver_down_for = 2, 8
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await result(handle)
    children = [
        event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
        for event in (await handle.fetch_history()).events
        if event.HasField("child_workflow_execution_started_event_attributes")
    ]
    (child,) = children
    assert await asyncio.wait_for(skipping.get_workflow_handle(child).result(), 60) == 2
    assert sorted(dock.told) == [("import.closed", "0"), ("import.closed", "1")]


async def test_removal_of_much_waits_for_a_yes(start: Start, dock: Dock) -> None:
    dock.removed, dock.needs_approval = 90, True
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    progress = await progress_when(handle, "waiting")
    assert progress.reason is not None
    assert progress.reason.code == "awaiting_approval"
    assert progress.planned is not None
    assert progress.planned.needs_approval
    assert (progress.planned.items.removed, progress.items.removed) == (90, 0)
    assert dock.calls["parse_batch"] == dock.calls["retire_batch"] == 0
    await handle.signal(ImportWorkflow.approve, "zotero.shelf.a")
    record = await result(handle)
    assert record.items.removed == 90


async def test_an_import_that_was_told_to_ask_waits_for_a_yes(start: Start, dock: Dock) -> None:
    asking = ImportOptions(ask=True)
    handle = await start(submission("zotero.shelf.a").model_copy(update={"options": asking}), workflow_id())
    progress = await progress_when(handle, "waiting")
    assert progress.reason is not None
    assert progress.reason.code == "awaiting_approval"
    assert "add 24 items" in progress.reason.message
    assert dock.calls["parse_batch"] == 0
    await handle.signal(ImportWorkflow.approve, "zotero.shelf.a")
    assert (await result(handle)).items.added == 24


async def test_where_there_is_nothing_to_do_nobody_is_asked(start: Start, dock: Dock) -> None:
    dock.batches = 0
    asking = ImportOptions(ask=True)
    handle = await start(submission("zotero.shelf.a").model_copy(update={"options": asking}), workflow_id())
    assert (await result(handle)).state == "succeeded"


async def test_texts_of_unchanged_items_are_searched_again_only_if_asked(start: Start, dock: Dock) -> None:
    dock.batches, dock.extracted_otherwise = 0, 2 * BATCH + 1
    assert (await result(await start(submission("zotero.shelf.a"), workflow_id()))).state == "succeeded"
    assert (dock.calls["extract_again"], dock.calls["link_batch"]) == (0, 0)

    again = submission("zotero.shelf.b").model_copy(update={"options": ImportOptions(redo=("extract",))})
    record = await result(await start(again, workflow_id()))
    assert (dock.calls["extract_again"], dock.calls["extract_batch"]) == (4, 0)
    extract = next(stage for stage in record.progress.stages if stage.name == "extract")
    assert (extract.done, extract.total) == (9, 9)
    assert dock.calls["link_batch"] > 0, "the relations follow from what was found"


async def test_progress_never_falls_and_is_one_only_at_the_end(start: Start, dock: Dock) -> None:
    dock.batches = 20
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    fractions = [0.0]
    finished = asyncio.ensure_future(result(handle))
    while not finished.done():
        fractions.append((await handle.query(ImportWorkflow.progress)).fraction)
        await asyncio.sleep(0.1)
    assert fractions == sorted(fractions)
    assert finished.result().progress.fraction < 1
    assert (await handle.query(ImportWorkflow.progress)).fraction == 1


async def test_operators_see_state_in_search_attributes_and_details(start: Start, dock: Dock) -> None:
    dock.gate.clear()
    handle = await start(submission("zotero.shelf.a"), workflow_id())
    await dock.until("parse_batch")
    description = await handle.describe()
    assert description.search_attributes["LongshoreState"] == ["running"]
    memo = await description.memo()
    assert memo["snapshot"]["import_id"] == "zotero.shelf.a"
    dock.gate.set()
    await result(handle)
    assert (await handle.describe()).search_attributes["LongshoreState"] == ["succeeded"]
