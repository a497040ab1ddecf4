"""SIMILAR_TO: each document's nearest others, by exact distance between the means of their passages' vectors.

Means are kept in eight bits a dimension. Products of such integers, summed over 256 dimensions, stay below 2^24, so
that 32-bit matrix products are exact in whatever order a processor adds them up, and equal on every machine.
"""

from __future__ import annotations

from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pgvector import HalfVector

from longshore.graph.db import Connection
from longshore.graph.linking.derived import Bucket, DerivedEdge, replace_edges

NEIGHBOURS = 5
LEAST_SIMILARITY = 0.5

_LEVELS = 127
_SLICE = 8192


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
        for index in (number for number, row in enumerate(rows) if row["mine"]):
            edges += [
                DerivedEdge("SIMILAR_TO", documents[index], documents[other], similarity, (documents[index],))
                for other, similarity in nearest(places, index)
            ]
    await replace_edges(connection, project, "link:similarities", bucket, edges)


def nearest(places: NDArray[np.int8], index: int) -> list[tuple[int, float]]:
    """The rows most like a row, with their cosine to three digits, best first; equal ones in the order of rows.

    Args:
        places: Shape (documents, dimensions).
    """
    cosines = np.concatenate(
        [_cosines(places[start : start + _SLICE], places[index]) for start in range(0, len(places), _SLICE)]
    )
    cosines[index] = -1
    best = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
    return [(int(other), float(cosines[other])) for other in best if cosines[other] >= LEAST_SIMILARITY]


def quantised(vector: NDArray[np.float64]) -> NDArray[np.int8]:
    """A direction in eight bits a dimension: the largest component becomes 127."""
    levels: NDArray[np.int8] = np.rint(vector * (_LEVELS / np.abs(vector).max())).astype(np.int8)
    return levels


def _cosines(places: NDArray[np.int8], place: NDArray[np.int8]) -> NDArray[np.float64]:
    wide, one = places.astype(np.float32), place.astype(np.float32)
    products = (wide @ one).astype(np.float64)
    lengths = np.einsum("ij,ij->i", wide, wide).astype(np.float64) * float(one @ one)
    cosines: NDArray[np.float64] = np.round(products / np.sqrt(lengths), 3)
    return cosines


def _place(
    placed: list[tuple[str, UUID, str, bytes]],
    project: str,
    document: UUID | None,
    model: str,
    total: NDArray[np.float64] | None,
) -> None:
    if document is not None and total is not None and total.any():
        placed.append((project, document, model, quantised(total).tobytes()))
