"""Variants that are embedded by a provider: asked through its gate, and never twice for one passage."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from longshore.blobs import BlobStore
from longshore.dev.fake_provider import FakeProvider
from longshore.graph import comparisons
from longshore.ids import comparison_workflow_id, space_of
from longshore.sources.manifest import hash_files, scan, write_manifest
from tests.integration.pier import Pier, bibliography, providers_of
from workflows.comparing import Comparison, ComparisonInput, Questions, Retry, Variant
from workflows.contracts import WORKFLOW_QUEUE, Submission
from workflows.variants import VariantsWorkflow

ITEMS = 10
VARIANTS = {"offline": "offline", "fake": "fake", "again": "fake"}


async def test_equal_passages_are_paid_for_once_whichever_variant_asks(
    pier: Pier, fake: FakeProvider, tmp_path: Path
) -> None:
    blobs = BlobStore(str(pier.folder / "blobs"))
    path = bibliography(tmp_path / "library.bib", ITEMS)
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
    async with pier.workers(providers_of(fake)):
        board = await asyncio.wait_for(
            pier.client.execute_workflow(
                VariantsWorkflow.run,
                ComparisonInput(comparison=comparison),
                id=comparison_workflow_id(pier.project, "c1"),
                task_queue=WORKFLOW_QUEUE,
            ),
            60,
        )
    assert board.state == "succeeded", board
    async with pier.pool.connection() as connection:
        found = await comparisons.read_measures(connection, pier.project, "c1")
        questions = await comparisons.read_questions(connection, pier.project, "c1")
        cursor = await connection.execute("select distinct text from chunks")
        passages = {row["text"] for row in await cursor.fetchall()}
        cursor = await connection.execute(
            "select (select count(*) from embeddings where model = 'm@256') as vectors, "
            "(select count(*) from provider_usage where not answered) as open"
        )
        row = await cursor.fetchone() or {}
    assert {name: found[name]["retrieval"]["model"] == "m@256" for name in VARIANTS} == {
        "offline": False,
        "fake": True,
        "again": True,
    }
    assert found["fake"]["retrieval"] == found["again"]["retrieval"]
    assert (len(passages), row["vectors"], row["open"]) == (ITEMS, ITEMS, 0)
    asked = {question.text for question in questions}
    times = Counter(text for call in fake.calls for text in call.texts)
    for passage in passages:
        # Once as a passage, and some once more as a question.
        assert times[_shown(passage)] == 1 + (passage in asked), passage
    assert all(times[_shown(question)] == 1 for question in asked - passages)

    calls = len(fake.calls)
    async with pier.workers(providers_of(fake)):
        retried = await asyncio.wait_for(
            pier.client.execute_workflow(
                VariantsWorkflow.run,
                ComparisonInput(comparison=comparison, board=board),
                id=comparison_workflow_id(pier.project, "c1"),
                task_queue=WORKFLOW_QUEUE,
                start_signal="retry",
                start_signal_args=[Retry(variant="fake", step="retrieval")],
            ),
            60,
        )
    assert [step.attempt for step in retried.variants[1].steps] == [1, 2, 2, 2]
    assert len(fake.calls) == calls, "what has been asked of a provider once is not asked again"
    async with pier.pool.connection() as connection:
        assert await comparisons.read_measures(connection, pier.project, "c1") == found


def _shown(text: str) -> str:
    """As the fake provider notes what it was sent."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
