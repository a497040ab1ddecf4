"""Variants that are embedded by a provider: asked through its gate, and never twice for one passage."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from longshore.blobs import BlobStore
from longshore.dev.fake_provider import FakeProvider
from longshore.graph import comparisons
from longshore.ids import comparison_workflow_id, space_of
from longshore.sources.manifest import hash_files, scan, write_manifest
from tests.integration.pier import Pier, bibliography, providers_of
from workflows.contracts import WORKFLOW_QUEUE, DeleteProject, Submission
from workflows.contracts.comparisons import Board, Comparison, ComparisonInput, Promote, Questions, Retry, Variant
from workflows.deletion import DeleteProjectWorkflow
from workflows.variants import PromoteWorkflow, VariantsWorkflow

ITEMS = 10
VARIANTS = {"offline": "offline", "fake": "fake", "again": "fake"}


async def compare(pier: Pier, path: Path, **more: Any) -> tuple[Comparison, Board]:
    """Run the comparison, or take a variant of it up again."""
    blobs = BlobStore(str(pier.folder / "blobs"))
    files = hash_files(scan(path).files)
    await blobs.put_bytes(pier.project, path.read_bytes())
    submission = Submission(
        project=pier.project,
        import_id="bibliography.shelf.compared",
        source_key="bibliography.shelf",
        kind="bibliography",
        name="shelf",
        manifest=await blobs.put_bytes(pier.project, write_manifest(files)),
        digest="compared",
        submitted_at=datetime.now(UTC),
    )
    comparison = Comparison(
        project=pier.project,
        comparison_id="c1",
        submission=submission,
        variants=tuple(
            Variant(name=name, space=space_of(pier.project, "c1", number), embedder=embedder)
            for number, (name, embedder) in enumerate(VARIANTS.items())
        ),
        questions=Questions(each=5),
    )
    return comparison, await run(pier, comparison)


async def run(pier: Pier, comparison: Comparison, board: Board | None = None, retry: Retry | None = None) -> Board:
    handle: WorkflowHandle[VariantsWorkflow, Board] = await pier.client.start_workflow(
        VariantsWorkflow.run,
        ComparisonInput(comparison=comparison, board=board),
        id=comparison_workflow_id(pier.project, "c1"),
        task_queue=WORKFLOW_QUEUE,
        start_signal="retry" if retry else None,
        start_signal_args=[retry] if retry else [],
    )
    return await asyncio.wait_for(handle.result(), 60)


async def measures(pier: Pier) -> dict[str, dict[str, Any]]:
    async with pier.pool.connection() as connection:
        return await comparisons.read_measures(connection, pier.project, "c1")


async def one(pier: Pier, query: str) -> dict[str, Any]:
    async with pier.pool.connection() as connection:
        cursor = await connection.execute(query.encode())
        return await cursor.fetchone() or {}


async def test_whatever_is_equal_is_paid_for_once_whichever_variant_asks_and_how_often(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    async with pier.workers(providers_of(fake)):
        comparison, board = await compare(pier, bibliography(tmp_path / "library.bib", ITEMS))
        assert board.state == "succeeded", board
        found = await measures(pier)
        calls = len(fake.calls)
        retried = await run(pier, comparison, board, Retry(variant="fake", step="retrieval"))
    assert [step.attempt for step in retried.variants[1].steps] == [1, 2, 2, 2]
    assert len(fake.calls) == calls, "what was asked of a provider once is not asked of it again"
    assert await measures(pier) == found

    async with pier.pool.connection() as connection:
        questions = await comparisons.read_questions(connection, pier.project, "c1")
        cursor = await connection.execute("select distinct text from chunks")
        passages = {row["text"] for row in await cursor.fetchall()}
    kept = await one(
        pier,
        "select (select count(*) from embeddings where model = 'm@256') as vectors, "
        "(select count(*) from provider_usage where not answered) as open",
    )
    assert {name: found[name]["retrieval"]["model"] == "m@256" for name in VARIANTS} == {
        "offline": False,
        "fake": True,
        "again": True,
    }
    assert found["fake"]["retrieval"] == found["again"]["retrieval"]
    assert (len(passages), kept) == (ITEMS, {"vectors": ITEMS, "open": 0})
    asked = {question.text for question in questions}
    times = Counter(text for call in fake.calls for text in call.texts)
    for passage in passages:
        # Once as a passage, and some once more as a question.
        assert times[_shown(passage)] == 1 + (passage in asked), passage
    assert all(times[_shown(question)] == 1 for question in asked - passages)


@pytest.mark.thorough
async def test_variants_are_dropped_while_the_project_is_imported_into(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    """What the project uses stays, and is not paid for again; what only the dropped ones used goes."""
    async with pier.workers(providers_of(fake)):
        _, board = await compare(pier, bibliography(tmp_path / "shelf.bib", ITEMS))
        promote = Promote(project=pier.project, comparison_id="c1", variant="fake")
        await pier.client.execute_workflow(
            PromoteWorkflow.run, promote, id=f"promote/{pier.project}", task_queue=WORKFLOW_QUEUE
        )
        before = Counter(text for call in fake.calls for text in call.texts)
        spaces = [variant.space for variant in board.variants if variant.name != "fake"]
        drops = [
            pier.client.execute_workflow(
                DeleteProjectWorkflow.run, DeleteProject(project=space), id=f"delete/{space}", task_queue=WORKFLOW_QUEUE
            )
            for space in spaces
        ]
        importing = asyncio.ensure_future(pier.run(bibliography(tmp_path / "shelf.bib", ITEMS + 3)))
        await asyncio.gather(*drops)
        record = await importing
    assert (record.state, record.items.unchanged, record.items.added) == ("succeeded", ITEMS, 3)
    again = Counter(text for call in fake.calls for text in call.texts) - before
    assert (len(again), set(again.values())) == (3, {1})
    left = await one(
        pier,
        "select (select count(*) from chunks) as passages, (select count(*) from chunks where project like '%~%') "
        "as beside, (select count(*) from embeddings where model = 'm@256') as vectors, "
        "(select count(*) from embeddings where model <> 'm@256') as others, "
        "(select count(*) from comparison_vectors) as questions",
    )
    assert (left["passages"], left["beside"], left["vectors"], left["others"]) == (ITEMS + 3, 0, ITEMS + 3, 0)
    assert left["questions"] > 0
    async with pier.pool.connection() as connection:
        await comparisons.forget_comparison(connection, pier.project, "c1")
    assert (await one(pier, "select count(*) as questions from comparison_vectors"))["questions"] == 0


def _shown(text: str) -> str:
    """As the fake provider notes what it was sent."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
