"""Vectors of questions, by the embedder whose vectors a search uses; a provider is asked through its gate, once."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.asking import Gatekeeper
from longshore.embedding.base import Purpose
from longshore.embedding.choosing import Embedders
from longshore.embedding.remote import RemoteEmbedder
from longshore.evaluation.retrieval import Embed
from longshore.graph import comparisons, indexes, question_vectors, sharing, usage
from longshore.graph.db import Connection, Pool
from longshore.providers.gates import Call
from workflows.comparing import VariantRef
from workflows.contracts import Refused


class Questioner:
    def __init__(self, pool: Pool, embedders: Embedders) -> None:
        self._pool = pool
        self._embedders = embedders
        self._gatekeeper = Gatekeeper(pool)

    async def embedding(self, connection: Connection, ref: VariantRef) -> tuple[str, Embed]:
        """The model whose vectors a search in the space uses, and how to get more of them."""
        searched = await indexes.searched(connection, ref.space)
        if remote := self._embedders.remote.get(searched.embedder or ""):
            return remote.model, await self._through_the_gate(connection, ref, remote)
        here = await asyncio.to_thread(self._embedders.here, searched.embedder)

        async def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
            return await asyncio.to_thread(here.embed, texts)

        return here.model, embed

    async def _through_the_gate(self, connection: Connection, ref: VariantRef, remote: RemoteEmbedder) -> Embed:
        import_id = await comparisons.last_import(connection, ref.space)

        async def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
            """Request by request, each kept before the next: another attempt or variant asks for what is left."""
            scope = (ref.project, ref.comparison_id, remote.model, purpose)
            async with sharing.sole_asker(connection, ref.project, f"{ref.comparison_id}/{remote.model}"):
                vectors = await question_vectors.known(connection, *scope, texts)
                for places in remote.requests(texts):
                    lacking = list(dict.fromkeys(texts[place] for place in places if texts[place] not in vectors))
                    if lacking:
                        request = f"questions/{hashlib.sha256(repr((purpose, lacking)).encode()).hexdigest()}"
                        call = Call(ref.space, import_id, request, sum(map(remote.tokens, lacking)))
                        vectors |= await self._ask(remote, call, lacking, scope)
            return np.array([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), remote.dimensions)

        return embed

    async def _ask(
        self, remote: RemoteEmbedder, call: Call, texts: Sequence[str], scope: tuple[str, str, str, Purpose]
    ) -> dict[str, NDArray[np.float32]]:
        answer = await self._gatekeeper.ask(remote.provider, call, lambda: remote.ask(texts, scope[-1]))
        if isinstance(answer, Refused):
            raise ApplicationError(
                answer.message,
                type=answer.code,
                next_retry_delay=max(answer.resume_at, datetime.now(UTC)) - datetime.now(UTC),
                category=ApplicationErrorCategory.BENIGN,
            )
        rows = np.zeros((len(texts), remote.dimensions), dtype=np.float32)
        rows[list(answer.places)] = answer.vectors
        vectors = dict(zip(texts, rows, strict=True))
        async with self._pool.connection() as connection:
            await question_vectors.store(connection, *scope, vectors)
            await usage.settle(connection, remote.provider.id, call, answer.tokens, remote.provider.cost(answer.tokens))
        return vectors
