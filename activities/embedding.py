"""Embedding by a provider, a request at a time, and embedding what a project's new model has no vectors of yet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import numpy as np
import structlog
from temporalio import activity

from activities.asking import Gatekeeper
from activities.errors import translated
from activities.heartbeat import beating
from longshore.embedding.choosing import Embedders
from longshore.embedding.remote import SHORTEST_CUT, RemoteEmbedder
from longshore.graph import indexes, parts, sharing, usage
from longshore.graph.db import Pool
from longshore.graph.parts import PartRef
from longshore.providers.gates import Call
from longshore.providers.refusals import ProviderRefusal
from workflows.contracts import BatchRef, EmbedAnswer, EmbedPlan, EmbedRequest, EmbedSlice, Refused, RestRef

REST_TEXTS = 4096
"""Passages that are dealt into requests at a time, when a whole project is embedded anew."""
EMBED_TEXTS = 256

Texts = Callable[[BatchRef], Awaitable[tuple[int, list[PartRef]]]]
Passage = tuple[UUID, str]

log = structlog.get_logger()


class EmbeddingActivities:
    def __init__(self, pool: Pool, embedders: Embedders, texts: Texts) -> None:
        """
        Args:
            texts: How many items of a batch are to be done, and their texts.
        """
        self._pool = pool
        self._embedders = embedders
        self._texts = texts
        self._gatekeeper = Gatekeeper(pool)

    @activity.defn(name="plan_embedding")
    async def plan_embedding(self, ref: BatchRef) -> EmbedPlan:
        async with beating():
            with translated():
                items, refs = await self._texts(ref)
                async with self._pool.connection() as connection:
                    remote = self._remote(await indexes.embedder_of(connection, ref.project, ref.import_id))
                    part_ids = [part.part_id for part in refs]
                    todo = await parts.unembedded(connection, ref.project, part_ids, remote.model)
                return EmbedPlan(items=items, slices=_slices(remote, todo))

    @activity.defn(name="plan_rest")
    async def plan_rest(self, ref: RestRef) -> EmbedPlan:
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    remote = self._remote(await indexes.embedder_of(connection, ref.project, ref.import_id))
                    after = UUID(ref.after) if ref.after else None
                    todo = await indexes.without_vector(connection, ref.project, remote.model, after, REST_TEXTS)
                return EmbedPlan(items=0, slices=_slices(remote, todo))

    @activity.defn(name="embed_rest")
    async def embed_rest(self, ref: RestRef) -> int:
        """By an embedder on this machine. Answers how many passages had no vector, as far as this attempt knows."""
        async with beating() as beat:
            with translated():
                async with self._pool.connection() as connection:
                    name = await indexes.embedder_of(connection, ref.project, ref.import_id)
                embedder = await asyncio.to_thread(self._embedders.here, name)
                after: UUID | None = None
                while True:
                    async with self._pool.connection() as connection:
                        todo = await indexes.without_vector(connection, ref.project, embedder.model, after, EMBED_TEXTS)
                    if not todo:
                        return beat.done
                    hashes, texts = zip(*todo, strict=True)
                    vectors = await asyncio.to_thread(embedder.embed, texts)
                    async with self._pool.connection() as connection:
                        await parts.store_vectors(connection, embedder.model, hashes, vectors)
                    after, beat.done = hashes[-1], beat.done + len(texts)

    @activity.defn(name="embed_request")
    async def embed_request(self, request: EmbedRequest) -> EmbedAnswer:
        """One call at most. Vectors and bill are committed together, so that a second attempt finds both and calls
        nobody."""
        async with beating():
            with translated():
                remote = self._remote(request.provider.partition(".")[2])
                async with sharing.sole_payer(self._pool, request.project, remote.model):
                    todo = await self._lacking(request, remote.model)
                    if todo:
                        return await self._ask(request, remote, todo)
                return await self._billed(request)

    async def _ask(self, request: EmbedRequest, remote: RemoteEmbedder, todo: Sequence[Passage]) -> EmbedAnswer:
        hashes, texts = zip(*todo, strict=True)
        most = request.slice.text_tokens
        tokens = sum(min(remote.tokens(text), most or remote.tokens(text)) for text in texts)
        call = Call(request.project, request.import_id, _name(request), tokens)
        try:
            embedded = await self._gatekeeper.ask(
                remote.provider, call, lambda: remote.ask(texts, most_tokens=most), knock=request.knock
            )
        except ProviderRefusal as refused:
            if refused.reason == "bad_answer":
                cost = remote.provider.cost(tokens)
                async with self._pool.connection() as connection:
                    await usage.waste(connection, remote.provider.id, call, tokens, cost)
                return EmbedAnswer(bad=str(refused), tokens=tokens, cost=float(cost))
            return EmbedAnswer(smaller=_smaller(remote, todo, most, refused))
        if isinstance(embedded, Refused):
            return EmbedAnswer(refused=embedded)
        for note in embedded.notes:
            log.warning(note.code, provider=remote.provider.id, tokens=note.tokens, of_tokens=note.of_tokens)
        vectors = np.zeros((len(texts), remote.dimensions), dtype=np.float32)
        vectors[list(embedded.places)] = embedded.vectors
        async with self._pool.connection() as connection:
            made_by = remote.provider.id if request.instead_of else None
            await parts.store_vectors(connection, remote.model, hashes, vectors, made_by)
            cost = remote.provider.cost(embedded.tokens)
            passages = len(texts) if made_by else 0
            await usage.settle(connection, remote.provider.id, call, embedded.tokens, cost, passages)
        return await self._billed(request)

    async def _lacking(self, request: EmbedRequest, model: str) -> list[Passage]:
        part_ids: list[UUID] | None = None
        if request.batch is not None:
            ref = BatchRef(**request.model_dump(include=set(BatchRef.model_fields)))
            part_ids = [part.part_id for part in (await self._texts(ref))[1]]
        first, last = UUID(request.slice.first), UUID(request.slice.last)
        async with self._pool.connection() as connection:
            return await indexes.lacking(connection, request.project, model, first, last, part_ids)

    async def _billed(self, request: EmbedRequest) -> EmbedAnswer:
        """What the store has of the request, which is nothing where others had embedded all of it."""
        async with self._pool.connection() as connection:
            bill = await usage.billed(connection, request.provider, request.project, request.import_id, _name(request))
        return EmbedAnswer(tokens=bill.tokens, cost=float(bill.cost), passages=bill.passages)

    def _remote(self, name: str | None) -> RemoteEmbedder:
        found = self._embedders.find(name)
        assert isinstance(found, RemoteEmbedder)
        return found


def _slices(remote: RemoteEmbedder, todo: Sequence[Passage]) -> tuple[EmbedSlice, ...]:
    return tuple(
        _slice(remote, [todo[place] for place in places]) for places in remote.requests([text for _, text in todo])
    )


def _slice(remote: RemoteEmbedder, passages: Sequence[Passage]) -> EmbedSlice:
    tokens = sum(remote.tokens(text) for _, text in passages)
    return EmbedSlice(first=str(passages[0][0]), last=str(passages[-1][0]), tokens=tokens)


def _smaller(
    remote: RemoteEmbedder, asked: Sequence[Passage], most: int | None, refused: ProviderRefusal
) -> tuple[EmbedSlice, ...]:
    """What to ask instead of what was too large: its halves, and of a single passage a beginning half as long."""
    if len(asked) > 1:
        middle = len(asked) // 2
        return _slice(remote, asked[:middle]), _slice(remote, asked[middle:])
    [(text_hash, text)] = asked
    before = min(remote.tokens(text), most or remote.tokens(text))
    if before <= SHORTEST_CUT:
        raise refused
    tokens = max(before // 2, SHORTEST_CUT)
    return (EmbedSlice(first=str(text_hash), last=str(text_hash), tokens=tokens, text_tokens=tokens),)


def _name(request: EmbedRequest) -> str:
    """The same in every attempt."""
    return f"embed {request.slice.first} {request.slice.last} {request.slice.text_tokens or ''}".strip()
