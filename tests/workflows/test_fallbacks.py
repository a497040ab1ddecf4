"""A fallback in the recipe of an import: when it is asked, and when the provider itself is."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from temporalio.client import Client

from tests.workflows.conftest import Start
from tests.workflows.harbour import READER, REQUESTS, SPARE, Dock, Handle, refused, start_import, submission
from tests.workflows.test_imports import progress_when, result
from workflows.contracts import Extraction, Submission
from workflows.imports import ImportWorkflow

ID = "zotero.shelf.a"
_ids = itertools.count()


@pytest.fixture
def start(skipping: Client) -> Start:
    """On the queue whose worker keeps nothing: each wait is replayed on every task."""

    async def started(submission: Submission, workflow_id: str) -> Handle:
        return await start_import(skipping, submission, f"{workflow_id}-{next(_ids)}", "uncached")

    return started


@pytest.fixture(autouse=True)
def provided(dock: Dock) -> None:
    spare = Extraction(provider=SPARE, max_answer_tokens=100, deadline_s=60)
    dock.extraction = Extraction(provider=READER, max_answer_tokens=100, deadline_s=60, fallback=spare)
    dock.batches = 3


@pytest.fixture
def passages(dock: Dock) -> int:
    """Of the batches, and one of the rest of the project."""
    return dock.batches * REQUESTS + 1


async def test_fallback_does_all_that_the_provider_will_not_do_soon(start: Start, dock: Dock, passages: int) -> None:
    dock.refusals.extend(refused(timedelta(days=9), "operator_action", True, lasting=True) for _ in range(99))
    dock.declined = {"0.1"}
    record = await result(await start(submission(ID), "import/shelf/stood-in"))
    assert record.state == "succeeded"
    done = passages - 1
    assert len(dock.stood_in) == done
    [told] = record.progress.fallbacks
    assert (told.provider, told.instead_of, told.code, told.passages) == (SPARE, READER, "operator_action", done)
    assert told.message == "The provider refuses."
    assert record.progress.cost == done
    [lacking] = record.progress.without_facts
    assert (lacking.provider, lacking.message, lacking.passages) == (SPARE, "The model declined.", 1)
    assert record.progress.warnings == 1


@pytest.mark.thorough
async def test_what_passes_soon_is_waited_for(start: Start, dock: Dock) -> None:
    dock.refusals.append(refused(timedelta(minutes=1), "provider_rate_limit"))
    record = await result(await start(submission(ID), "import/shelf/soon"))
    assert record.state == "succeeded"
    assert not dock.stood_in
    assert record.progress.fallbacks == ()


async def test_while_both_are_away_the_first_that_is_back_is_asked(start: Start, dock: Dock, passages: int) -> None:
    dock.refusals.extend(refused(timedelta(hours=2), lasting=True) for _ in range(2))
    dock.spare_refusals.extend(refused(timedelta(days=9), lasting=True) for _ in range(99))
    record = await result(await start(submission(ID, lanes=1), "import/shelf/both"))
    assert record.state == "succeeded"
    assert not dock.stood_in
    assert len(dock.answered) == passages
    assert dock.calls["extract_request"] < passages + 2 + 2 * REQUESTS, "nobody asks again and again"


async def test_wait_for_both_names_both_and_ends_when_somebody_says_so(start: Start, dock: Dock) -> None:
    dock.refusals.extend(refused(timedelta(days=400), "operator_action", True, lasting=True) for _ in range(9))
    dock.spare_refusals.extend(refused(timedelta(days=300), "operator_action", True, lasting=True) for _ in range(9))
    handle = await start(submission(ID, lanes=1), "import/shelf/neither")
    waiting = await progress_when(handle, "waiting")
    assert waiting.reason
    assert waiting.reason.message == "The provider refuses. Its fallback: The provider refuses."
    dock.spare_refusals.clear()
    await handle.signal(ImportWorkflow.resume, ID)
    assert (await result(handle)).state == "succeeded"
    assert dock.stood_in
