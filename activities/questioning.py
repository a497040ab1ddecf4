"""Vectors of questions, by the embedder whose vectors a search uses; a provider is asked through its gate, once."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.asking import Gatekeeper
from longshore.embedding.base import Purpose
from longshore.embedding.choosing import Embedders
from longshore.embedding.remote import SHORTEST_CUT, RemoteEmbedder
from longshore.evaluation.retrieval import Embed
from longshore.graph import comparisons, indexes, question_vectors, sharing, usage
from longshore.graph.db import Connection, Pool
from longshore.providers.gates import Call
from longshore.providers.refusals import ProviderRefusal
from workflows.contracts import Refused
from workflows.contracts.comparisons import VariantRef

BAD_ANSWERS = 4
"""After which a request is given up; each is paid."""

Scope = tuple[str, str, str, Purpose]
Vectors = dict[str, NDArray[np.float32]]


class Questioner:
    def __init__(self, pool: Pool, embedders: Embedders) -> None:
        self._pool = pool
        self._embedders = embedders
        self._gatekeeper = Gatekeeper(pool)
        # Not by the attempts of a step, of which each kill and each wait takes one too.
        self._bad: Counter[tuple[str, str]] = Counter()

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
                        vectors |= await self._ask_in_pieces(remote, ref.space, import_id, lacking, scope)
            return np.array([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), remote.dimensions)

        return embed

    async def _ask_in_pieces(
        self, remote: RemoteEmbedder, space: str, import_id: str, texts: Sequence[str], scope: Scope
    ) -> Vectors:
        """What is too large is asked for in halves, and of a single text for a beginning half as long, as in imports.

        Raises:
            ApplicationError: the provider is to be asked later, or has answered badly, and may do better.
            ProviderRefusal: a beginning of `SHORTEST_CUT` is too large, or there were too many bad answers.
        """
        vectors: Vectors = {}
        waiting: list[tuple[Sequence[str], int | None]] = [(texts, None)]
        while waiting:
            asked, most = waiting.pop()
            request = f"questions/{hashlib.sha256(repr((scope[-1], asked, most)).encode()).hexdigest()}"
            tokens = sum(min(remote.tokens(text), most or remote.tokens(text)) for text in asked)
            try:
                vectors |= await self._ask(remote, Call(space, import_id, request, tokens), asked, scope, most)
            except ProviderRefusal as refused:
                if refused.reason == "too_large":
                    waiting += _smaller(remote, asked, most, refused)
                else:
                    self._bear(space, request, refused)
            else:
                self._bad.pop((space, request), None)
        return vectors

    def _bear(self, space: str, request: str, refused: ProviderRefusal) -> NoReturn:
        self._bad[space, request] += 1
        if self._bad[space, request] < BAD_ANSWERS:
            raise ApplicationError(str(refused), type=refused.code) from refused
        del self._bad[space, request]
        raise refused

    async def _ask(
        self, remote: RemoteEmbedder, call: Call, texts: Sequence[str], scope: Scope, most: int | None
    ) -> Vectors:
        answer = await self._gatekeeper.ask(remote.provider, call, lambda: remote.ask(texts, scope[-1], most))
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


def _smaller(
    remote: RemoteEmbedder, asked: Sequence[str], most: int | None, refused: ProviderRefusal
) -> list[tuple[Sequence[str], int | None]]:
    """What to ask instead, last first."""
    if len(asked) > 1:
        middle = len(asked) // 2
        return [(asked[middle:], None), (asked[:middle], None)]
    before = most or remote.tokens(asked[0])
    if before <= SHORTEST_CUT:
        raise refused
    return [(asked, max(before // 2, SHORTEST_CUT))]
