"""Vectors of questions, by the embedder whose vectors a search uses; a provider is asked through its gate."""

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
from longshore.graph import comparisons, indexes, usage
from longshore.graph.db import Connection, Pool
from longshore.providers.gates import Call
from workflows.contracts import Refused


class Questioner:
    def __init__(self, pool: Pool, embedders: Embedders) -> None:
        self._pool = pool
        self._embedders = embedders
        self._gatekeeper = Gatekeeper(pool)

    async def embedding(self, connection: Connection, space: str) -> tuple[str, Embed]:
        """The model whose vectors a search in the space uses, and how to get more of them."""
        searched = await indexes.searched(connection, space)
        if remote := self._embedders.remote.get(searched.embedder or ""):
            return remote.model, await self._through_the_gate(connection, space, remote)
        here = await asyncio.to_thread(self._embedders.here, searched.embedder)

        async def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
            return await asyncio.to_thread(here.embed, texts)

        return here.model, embed

    async def _through_the_gate(self, connection: Connection, space: str, remote: RemoteEmbedder) -> Embed:
        import_id = await comparisons.last_import(connection, space)

        async def embed(texts: Sequence[str], purpose: Purpose) -> NDArray[np.float32]:
            vectors = np.zeros((len(texts), remote.dimensions), dtype=np.float32)
            for places in remote.requests(texts):
                chosen = [texts[place] for place in places]
                request = f"questions/{hashlib.sha256(repr((purpose, chosen)).encode()).hexdigest()}"
                call = Call(space, import_id, request, sum(map(remote.tokens, chosen)))
                vectors[list(places)] = await self._ask(remote, call, chosen, purpose)
            return vectors

        return embed

    async def _ask(
        self, remote: RemoteEmbedder, call: Call, texts: Sequence[str], purpose: Purpose
    ) -> NDArray[np.float32]:
        answer = await self._gatekeeper.ask(remote.provider, call, lambda: remote.ask(texts, purpose))
        if isinstance(answer, Refused):
            raise ApplicationError(
                answer.message,
                type=answer.code,
                next_retry_delay=max(answer.resume_at, datetime.now(UTC)) - datetime.now(UTC),
                category=ApplicationErrorCategory.BENIGN,
            )
        async with self._pool.connection() as connection:
            await usage.settle(connection, remote.provider.id, call, answer.tokens, remote.provider.cost(answer.tokens))
        vectors = np.zeros((len(texts), remote.dimensions), dtype=np.float32)
        vectors[list(answer.places)] = answer.vectors
        return vectors
