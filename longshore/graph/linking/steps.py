"""The steps of linking, in their order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from longshore.graph import keys
from longshore.graph.db import Connection
from longshore.graph.linking import citations, concepts, duplicates, similarity
from longshore.graph.linking.derived import Bucket, sweep
from longshore.graph.linking.facts import link_facts
from longshore.graph.linking.files import link_files
from longshore.graph.linking.uniting import unite_files
from longshore.graph.pipelines import pipeline_of

DOCUMENTS_PER_BUCKET = 1024
MOST_BUCKETS = 256

_WHOLE = Bucket(0, 1)


async def plan_steps(connection: Connection, project: str) -> list[tuple[str, int]]:
    """Names of the steps, each with the number of buckets that its documents are dealt into.

    What has just been written has no statistics yet, and without them the planner takes large sets for small ones.
    """
    await connection.execute(
        "analyze items, documents, document_parts, parts, chunks, embeddings, extractions, facts, nodes, edges, "
        "provenance"
    )
    cursor = await connection.execute("select count(*) as documents from documents where project = %s", (project,))
    row = await cursor.fetchone()
    documents = int(row["documents"]) if row else 0
    buckets = min(MOST_BUCKETS, max(1, -(-documents // DOCUMENTS_PER_BUCKET)))
    return [(name, buckets if dealt else 1) for name, dealt in _ORDER]


async def run_step(connection: Connection, project: str, step: str, bucket: Bucket, extractor: str, model: str) -> None:
    """Run one bucket of a step, in the caller's transaction, alone in the project."""
    await keys.own_project(connection, project)
    await _RUN[step](connection, project, bucket, extractor, model)


async def _sweep(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await sweep(connection, project)


async def _unite(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await unite_files(connection, project)


async def _concepts(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await concepts.resolve_terms(connection, project, extractor)


async def _mentions(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    pipeline = await pipeline_of(connection, project)
    await concepts.link_mentions(connection, project, bucket, extractor, pipeline.concepts)


async def _co_occurrences(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    pipeline = await pipeline_of(connection, project)
    await concepts.link_co_occurrences(connection, project, bucket, pipeline.partners)


async def _facts(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await link_facts(connection, project, bucket)


async def _citations(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await citations.link_citations(connection, project, bucket)


async def _files(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await link_files(connection, project, bucket)


async def _duplicates(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await duplicates.link_duplicates(connection, project, bucket)


async def _vectors(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await similarity.place_documents(connection, project, bucket, model)


async def _similarities(connection: Connection, project: str, bucket: Bucket, extractor: str, model: str) -> None:
    await similarity.link_similar(connection, project, bucket, model)


_Step = Callable[[Connection, str, Bucket, str, str], Awaitable[None]]

_RUN: dict[str, _Step] = {
    "sweep": _sweep,
    "unite": _unite,
    "concepts": _concepts,
    "mentions": _mentions,
    "co-occurrences": _co_occurrences,
    "facts": _facts,
    "citations": _citations,
    "files": _files,
    "duplicates": _duplicates,
    "vectors": _vectors,
    "similarities": _similarities,
}

# Files are united first, for all else is derived from the documents that this leaves. A sweep comes before the rest, so
# that nothing is derived from what is gone, and last, for what deriving has orphaned.
_ORDER: list[tuple[str, bool]] = [
    ("unite", False),
    ("sweep", False),
    ("concepts", False),
    ("mentions", True),
    ("co-occurrences", False),
    ("facts", True),
    ("citations", True),
    ("files", True),
    ("duplicates", False),
    ("vectors", True),
    ("similarities", True),
    ("sweep", False),
]
