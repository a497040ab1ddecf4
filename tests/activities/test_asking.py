"""What a call to a provider leaves behind at its gate and among what is used."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from activities.asking import Gatekeeper
from longshore.graph import records, usage
from longshore.graph.db import Pool
from longshore.providers import gates
from longshore.providers.gates import Call, Entered
from longshore.providers.refusals import ProviderRefusal, RefusalCode
from longshore.providers.settings import EmbeddingProvider

SUBMISSION = {"project": "p", "import_id": "zotero.p.1", "source_key": "zotero.p", "kind": "zotero", "name": "p"}
PROVIDER = EmbeddingProvider.model_validate({"name": "fake", "kind": "openai", "model": "m", "dimensions": 8})
CALL = Call("p", "zotero.p.1", "r", 10)


@pytest.mark.parametrize(("code", "tokens"), [("bad_answer", 10), ("too_large", 0)])
async def test_a_provider_that_refuses_one_request_alone_is_there_for_all_others(
    pool: Pool, code: RefusalCode, tokens: int
) -> None:
    async with pool.connection() as connection:
        await records.open_record(connection, SUBMISSION, "run")
        await gates.close(
            connection, PROVIDER, await gates.now(connection), ProviderRefusal("unavailable", "fake", retry_after=9)
        )

    async def send() -> None:
        raise ProviderRefusal(code, "fake")

    with pytest.raises(ProviderRefusal):
        await Gatekeeper(pool).ask(PROVIDER, CALL, send, knock=True)
    async with pool.connection() as connection:
        [gate] = await gates.list_gates(connection, [PROVIDER.id])
        used = await usage.used(connection, PROVIDER.id)
    assert gate.state == "open"
    assert used.tokens_today == tokens, "what is answered badly was worked for"


async def test_a_call_that_comes_to_no_end_lets_another_find_out(pool: Pool) -> None:
    async with pool.connection() as connection:
        await records.open_record(connection, SUBMISSION, "run")
        await gates.close(
            connection, PROVIDER, await gates.now(connection), ProviderRefusal("unavailable", "fake", retry_after=9)
        )
    sent = asyncio.Event()

    async def hang() -> None:
        sent.set()
        await asyncio.Event().wait()

    asking = asyncio.create_task(Gatekeeper(pool).ask(PROVIDER, CALL, hang, knock=True))
    await sent.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    async with pool.connection() as connection:
        assert isinstance(await gates.enter(connection, PROVIDER, replace(CALL, request="another")), Entered)
