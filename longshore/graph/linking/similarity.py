"""SIMILAR_TO: each document's nearest others, by exact distance between the means of their passages' vectors.

Means are kept in eight bits a dimension. Products of such integers, summed over 1024 dimensions, stay below 2^24, so
that 32-bit matrix products are exact in whatever order a processor adds them up, and equal on every machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from longshore.graph.db import Connection
from longshore.graph.linking.derived import Bucket, DerivedEdge, replace_edges

NEIGHBOURS = 5
LEAST_SIMILARITY = 0.5

_LEVELS = 127
_EXACT_DIMENSIONS = 1024
"""Of which the products of such levels add up to less than 2^24."""
_SLICE = 64
"""Rows that are compared with all others at once: bounds the memory that this takes."""


async def place_documents(connection: Connection, project: str, bucket: Bucket, model: str) -> None:
    """Store where the documents of a bucket lie: the quantised mean of their passages, each text once."""
    await connection.execute(
        "delete from document_vectors where project = %s and model = %s and " + bucket.condition("document_id"),
        (project, model),
    )
    async with connection.cursor(name="passages") as reader:
        await reader.execute(
            "select distinct d.document_id, e.text_hash, e.vector::text as vector from document_parts d "
            "join chunks c using (project, part_id) join embeddings e on e.text_hash = c.text_hash and e.model = %s "
            "where d.project = %s and e.vector is not null and "
            + bucket.condition("d.document_id")
            + " order by d.document_id, e.text_hash",
            (model, project),
        )
        placed: list[tuple[str, UUID, str, bytes]] = []
        total: NDArray[np.float64] | None = None
        document: UUID | None = None
        async for row in reader:
            if row["document_id"] != document:
                _place(placed, project, document, model, total)
                document, total = row["document_id"], None
            vector = HalfVector.from_text(row["vector"]).to_numpy().astype(np.float64)
            total = vector if total is None else total + vector
        _place(placed, project, document, model, total)
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into document_vectors (project, document_id, model, vector) values (%s, %s, %s, %s)", placed
        )


async def link_similar(connection: Connection, project: str, bucket: Bucket, model: str) -> None:
    """Tie each document of the bucket to at most five others; ties are broken by id."""
    cursor = await connection.execute(
        "select document_id, vector, " + bucket.condition("document_id") + " as mine from document_vectors "
        "where project = %s and model = %s order by document_id",
        (project, model),
    )
    rows = await cursor.fetchall()
    edges: list[DerivedEdge] = []
    if rows:
        places = np.frombuffer(b"".join(row["vector"] for row in rows), dtype=np.int8).reshape(len(rows), -1)
        documents = [row["document_id"] for row in rows]
        mine = [number for number, row in enumerate(rows) if row["mine"]]
        # Left to a thread: the caller's loop has a heart to beat.
        found = await asyncio.to_thread(nearest, places, mine)
        edges = [
            DerivedEdge("SIMILAR_TO", documents[number], documents[other], similarity, (documents[number],))
            for number, others in zip(mine, found, strict=True)
            for other, similarity in others
        ]
    await replace_edges(connection, project, "link:similarities", bucket, edges)


def nearest(places: NDArray[np.int8], rows: Sequence[int]) -> list[list[tuple[int, float]]]:
    """For each of the rows the others most like it, with their cosine to three digits, best first; equal ones in order.

    Args:
        places: Shape (documents, dimensions).
    """
    wide = places.astype(np.float32)
    lengths = np.einsum("ij,ij->i", wide, wide, dtype=np.float64)
    found: list[list[tuple[int, float]]] = []
    for start in range(0, len(rows), _SLICE):
        chosen = np.asarray(rows[start : start + _SLICE])
        cosines = _products(wide[chosen], wide)
        cosines = np.round(cosines / np.sqrt(np.outer(lengths[chosen], lengths)), 3)
        cosines[np.arange(len(chosen)), chosen] = -1
        best = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
        found += [
            [(int(other), float(row[other])) for other in others if row[other] >= LEAST_SIMILARITY]
            for row, others in zip(cosines, best, strict=True)
        ]
    return found


def _products(some: NDArray[np.float32], all_: NDArray[np.float32]) -> NDArray[np.float64]:
    """Shape (len(some), len(all_)). Vectors of more dimensions are multiplied piece by piece, so that each is exact."""
    pieces = range(0, all_.shape[1], _EXACT_DIMENSIONS)
    total = np.zeros((len(some), len(all_)))
    for start in pieces:
        piece = slice(start, start + _EXACT_DIMENSIONS)
        total += some[:, piece] @ all_[:, piece].T
    return total


def quantised(vector: NDArray[np.float64]) -> NDArray[np.int8]:
    """A direction in eight bits a dimension: the largest component becomes 127."""
    levels: NDArray[np.int8] = np.rint(vector * (_LEVELS / np.abs(vector).max())).astype(np.int8)
    return levels


def _place(
    placed: list[tuple[str, UUID, str, bytes]],
    project: str,
    document: UUID | None,
    model: str,
    total: NDArray[np.float64] | None,
) -> None:
    if document is not None and total is not None and total.any():
        placed.append((project, document, model, quantised(total).tobytes()))
