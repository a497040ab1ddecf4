"""Asking a language model what passages state, one passage and one request at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog
from temporalio import activity

from activities.asking import Gatekeeper
from activities.errors import translated
from activities.heartbeat import beating
from longshore.extraction.chat import ChatExtractor
from longshore.extraction.choosing import Extractors
from longshore.graph import answers, fallbacks, sharing, usage
from longshore.graph.answers import Passage
from longshore.graph.db import Connection, Pool
from longshore.graph.parts import PartRef
from longshore.providers.gates import Call
from longshore.providers.refusals import ProviderRefusal
from workflows.contracts import (
    BatchPassages,
    BatchRef,
    ExtractAnswer,
    ExtractPassage,
    ExtractPlan,
    ExtractRequest,
    Refused,
    RestRef,
    Unanswered,
)

PAGE_PASSAGES = 2048
"""That are dealt out at a time."""

Texts = Callable[[BatchRef], Awaitable[tuple[int, list[PartRef]]]]

log = structlog.get_logger()


class ExtractionActivities:
    def __init__(self, pool: Pool, extractors: Extractors, texts: Texts) -> None:
        """
        Args:
            texts: How many items of a batch are to be done, and their texts.
        """
        self._pool = pool
        self._extractors = extractors
        self._texts = texts
        self._gatekeeper = Gatekeeper(pool)

    @activity.defn(name="plan_extraction")
    async def plan_extraction(self, ref: BatchPassages) -> ExtractPlan:
        async with beating():
            with translated():
                _, refs = await self._texts(ref)
                async with self._pool.connection() as connection:
                    remote = self._remote(await answers.extractor_of(connection, ref.project, ref.import_id))
                    part_ids = [part.part_id for part in refs]
                    after = UUID(ref.after) if ref.after else None
                    todo = await answers.unanswered(connection, ref.project, part_ids, remote, after, PAGE_PASSAGES)
                return _plan(remote, todo)

    @activity.defn(name="plan_extraction_rest")
    async def plan_extraction_rest(self, ref: RestRef) -> ExtractPlan:
        """Of what the whole project shows, whoever brought it."""
        async with beating():
            with translated():
                async with self._pool.connection() as connection:
                    remote = self._remote(await answers.extractor_of(connection, ref.project, ref.import_id))
                    after = UUID(ref.after) if ref.after else None
                    todo = await answers.unanswered_in_project(connection, ref.project, remote, after, PAGE_PASSAGES)
                return _plan(remote, todo)

    @activity.defn(name="extract_request")
    async def extract_request(self, request: ExtractRequest) -> ExtractAnswer:
        """One call at most. The answer, what follows from it and the bill are committed together, so that a second
        attempt finds them and calls nobody."""
        async with beating():
            with translated():
                remote, own, text_hash = self._asked(request.provider), self._own(request), UUID(request.passage)
                async with sharing.sole_payer(self._pool, request.project, f"{remote.name}/{text_hash}"):
                    async with self._pool.connection() as connection:
                        await self._stand_in(connection, request, own, remote)
                        passage = await answers.to_ask(connection, request.project, text_hash, own)
                    if passage is not None:
                        return await self._ask(request, remote, own, passage)
                return await self._billed(request, own)

    @activity.defn(name="give_up_passage")
    async def give_up_passage(self, given_up: Unanswered) -> None:
        """Keep why a passage has no answer. What else its document says is imported all the same."""
        request = given_up.request
        async with beating():
            with translated():
                remote, own = self._asked(request.provider), self._own(request)
                async with self._pool.connection() as connection:
                    await answers.store_failure(connection, remote, UUID(request.passage), given_up.why)
                    await self._stand_in(connection, request, own, remote)
                log.warning("passage without facts", provider=request.provider, passage=request.passage)

    async def _ask(
        self, request: ExtractRequest, remote: ChatExtractor, own: ChatExtractor, passage: str
    ) -> ExtractAnswer:
        call = Call(request.project, request.import_id, _name(request), remote.most_tokens(passage))
        try:
            answer = await self._gatekeeper.ask(remote.provider, call, lambda: remote.ask(passage), knock=request.knock)
        except ProviderRefusal as refused:  # of this passage alone
            return await self._wasted(remote, call, refused)
        if isinstance(answer, Refused):
            return ExtractAnswer(refused=answer)
        async with self._pool.connection() as connection:
            await answers.store_answer(connection, remote, UUID(request.passage), passage, answer)
            if remote is own:
                await fallbacks.give_way(connection, request.project, UUID(request.passage), own)
            await self._stand_in(connection, request, own, remote)
            cost = remote.provider.cost(answer.tokens_in, answer.tokens_out)
            await usage.settle(connection, remote.provider.id, call, answer.tokens_in + answer.tokens_out, cost)
        return await self._billed(request, own)

    async def _wasted(self, remote: ChatExtractor, call: Call, refused: ProviderRefusal) -> ExtractAnswer:
        """An answer that cannot be used is paid like any other."""
        if refused.tokens is None:
            return ExtractAnswer(bad=str(refused))
        tokens, cost = sum(refused.tokens), remote.provider.cost(*refused.tokens)
        async with self._pool.connection() as connection:
            await usage.waste(connection, remote.provider.id, call, tokens, cost)
        return ExtractAnswer(bad=str(refused), tokens=tokens, cost=float(cost))

    async def _stand_in(
        self, connection: Connection, request: ExtractRequest, own: ChatExtractor, remote: ChatExtractor
    ) -> None:
        if remote is not own:
            text_hash = UUID(request.passage)
            await fallbacks.stand_in(connection, request.project, request.import_id, text_hash, own, remote)

    async def _billed(self, request: ExtractRequest, own: ChatExtractor) -> ExtractAnswer:
        """What the store has of the request, which is nothing where another import had the answer."""
        async with self._pool.connection() as connection:
            bill = await usage.billed(connection, request.provider, request.project, request.import_id, _name(request))
            stands_in = request.instead_of is not None and await fallbacks.stands_in(
                connection, request.project, request.import_id, UUID(request.passage), own
            )
        return ExtractAnswer(tokens=bill.tokens, cost=float(bill.cost), passages=int(stands_in))

    def _asked(self, provider: str) -> ChatExtractor:
        return self._remote(provider.partition(".")[2])

    def _own(self, request: ExtractRequest) -> ChatExtractor:
        """That of the project, whose fallback may be asked."""
        return self._asked(request.instead_of or request.provider)

    def _remote(self, name: str | None) -> ChatExtractor:
        found = self._extractors.find(name)
        assert found is not None
        return found


def _plan(remote: ChatExtractor, todo: Sequence[Passage]) -> ExtractPlan:
    answer = remote.provider.max_answer_tokens
    return ExtractPlan(
        passages=tuple(
            ExtractPassage(passage=str(text_hash), tokens=remote.most_tokens(text) - answer) for text_hash, text in todo
        ),
        more=len(todo) == PAGE_PASSAGES,
    )


def _name(request: ExtractRequest) -> str:
    """The same in every attempt."""
    return f"extract {request.passage}"
