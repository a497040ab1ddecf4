"""Vectors of what a comparison asks, by model and content: a provider that made one is not asked for it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from longshore.embedding.base import Purpose
from longshore.graph import keys
from longshore.graph.db import Connection

_STORED = np.dtype("<f4")
"""As they came, so that measures from stored vectors are those from fresh ones."""


async def known(
    connection: Connection, project: str, comparison_id: str, model: str, purpose: Purpose, texts: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """The vectors that there are, by text."""
    by_hash = {keys.text_hash(text): text for text in texts}
    cursor = await connection.execute(
        "select text_hash, vector from comparison_vectors where project = %s and comparison_id = %s and model = %s "
        "and purpose = %s and text_hash = any(%s)",
        (project, comparison_id, model, purpose, list[UUID](by_hash)),
    )
    return {by_hash[row["text_hash"]]: np.frombuffer(row["vector"], _STORED) for row in await cursor.fetchall()}


async def store(
    connection: Connection,
    project: str,
    comparison_id: str,
    model: str,
    purpose: Purpose,
    vectors: Mapping[str, NDArray[np.float32]],
) -> None:
    """Keep vectors by their texts, for as long as the comparison is known."""
    async with connection.cursor() as writer:
        await writer.executemany(
            "insert into comparison_vectors (project, comparison_id, model, purpose, text_hash, vector) "
            "values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            [
                (project, comparison_id, model, purpose, keys.text_hash(text), vector.astype(_STORED).tobytes())
                for text, vector in vectors.items()
            ],
        )
