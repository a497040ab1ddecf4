"""The gate of a provider, in the database that all workers share."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from longshore.graph.db import Connection, Pool
from longshore.graph.records import open_record
from longshore.graph.usage import billed, settle, used, waste
from longshore.providers import gates
from longshore.providers.gates import Call, Entered, Wait
from longshore.providers.refusals import ProviderRefusal, RefusalCode
from longshore.providers.settings import EmbeddingProvider

SUBMISSION = {"project": "p", "import_id": "zotero.p.1", "source_key": "zotero.p", "kind": "zotero", "name": "p"}


def provider(**limits: Any) -> EmbeddingProvider:
    table = {"name": "fake", "kind": "openai", "model": "m", "dimensions": 8, "limits": limits}
    return EmbeddingProvider.model_validate(table)


PROVIDER = provider()


def call(request: str = "r", tokens: int = 10) -> Call:
    return Call("p", "zotero.p.1", request, tokens)


def refusal(code: RefusalCode = "rate_limited", retry_after: float | None = None) -> ProviderRefusal:
    return ProviderRefusal(code, "fake", retry_after=retry_after)


@pytest_asyncio.fixture(autouse=True)
async def opened(pool: Pool) -> None:
    async with pool.connection() as connection:
        await open_record(connection, SUBMISSION, "run")


async def entered(pool: Pool, request: str = "r", **options: Any) -> Entered:
    answer = await tried(pool, request, **options)
    assert isinstance(answer, Entered)
    return answer


async def turned_away(pool: Pool, request: str = "r", **options: Any) -> Wait:
    answer = await tried(pool, request, **options)
    assert isinstance(answer, Wait)
    return answer


async def tried(
    pool: Pool, request: str, *, tokens: int = 10, knock: bool = False, at: EmbeddingProvider = PROVIDER
) -> Entered | Wait:
    async with pool.connection() as connection:
        return await gates.enter(connection, at, call(request, tokens), knock=knock)


async def refuse(pool: Pool, entry: Entered, refused: ProviderRefusal) -> Wait:
    async with pool.connection() as connection:
        return await gates.close(connection, PROVIDER, entry, refused)


async def let_pass(connection: Connection, seconds: float) -> None:
    """As if so much time had gone by."""
    passed = timedelta(seconds=seconds)
    await connection.execute(
        "update provider_gates set closed_until = closed_until - %s, refused_at = refused_at - %s", (passed, passed)
    )
    await connection.execute("update provider_usage set begun_at = begun_at - %s", (passed,))


async def test_refusal_closes_it_for_everybody_for_as_long_as_was_asked(pool: Pool) -> None:
    wait = await refuse(pool, await entered(pool), refusal(retry_after=30))
    assert 29 < (await turned_away(pool, "another")).delay_s < 40
    assert (wait.code, wait.for_operator) == ("provider_rate_limit", False)
    async with pool.connection() as connection:
        seen = await gates.look(connection, PROVIDER.id)
        assert seen
        assert seen.until == wait.until
        await gates.reset(connection, PROVIDER.id)
    await entered(pool)


async def test_once_its_time_is_over_one_call_finds_out_and_the_others_wait_for_it(pool: Pool) -> None:
    await refuse(pool, await entered(pool), refusal(retry_after=30))
    async with pool.connection() as connection:
        await let_pass(connection, 31)
    finding_out = await entered(pool)
    assert (await turned_away(pool, "another")).delay_s < 2
    assert (await turned_away(pool, "another", knock=True)).delay_s < 2
    async with pool.connection() as connection:
        await gates.open_(connection, PROVIDER.id, finding_out)
    await entered(pool, "another")


async def test_who_came_a_moment_too_early_goes_on_with_the_others_but_not_twice(pool: Pool) -> None:
    calls = [await entered(pool, str(number)) for number in range(2)]
    await refuse(pool, calls[0], refusal(retry_after=0.2))
    async with pool.connection() as connection:
        assert await gates.look(connection, PROVIDER.id)
        await let_pass(connection, 0.5)
    calls = [await entered(pool, str(number)) for number in range(2)]
    await refuse(pool, calls[0], refusal(retry_after=0.2))
    async with pool.connection() as connection:
        await let_pass(connection, 0.5)
    await entered(pool, "0")
    await turned_away(pool, "1")


async def test_call_that_finds_out_and_dies_holds_the_others_up_no_longer_than_it_could_take(pool: Pool) -> None:
    await refuse(pool, await entered(pool), refusal(retry_after=1))
    async with pool.connection() as connection:
        await let_pass(connection, 2)
    await entered(pool)
    async with pool.connection() as connection:
        await let_pass(connection, PROVIDER.deadline_s + 6)
    await entered(pool, "another")


async def test_calls_that_were_under_way_together_are_one_failure_and_late_answers_open_nothing(pool: Pool) -> None:
    calls = [await entered(pool, str(number)) for number in range(4)]
    for one in calls[:3]:
        await refuse(pool, one, refusal("unavailable"))
    async with pool.connection() as connection:
        await gates.open_(connection, PROVIDER.id, calls[3])
        [gate] = await gates.list_gates(connection)
    assert (gate.failures, gate.state) == (1, "closed")


async def test_provider_that_stays_away_is_asked_ever_less_often_and_its_circuit_shows(pool: Pool) -> None:
    pauses = []
    for _ in range(10):
        wait = await refuse(pool, await entered(pool), refusal("unavailable"))
        pauses.append(round(wait.delay_s))
        async with pool.connection() as connection:
            [gate] = await gates.list_gates(connection)
            await let_pass(connection, 400)
    assert pauses == sorted(pauses)
    assert pauses[0] <= 2
    assert gates.LONGEST_BACKOFF_S <= pauses[-1] <= gates.LONGEST_BACKOFF_S + 6
    assert gate.broken


@pytest.mark.parametrize("code", ["unauthorised", "forbidden", "payment_required", "quota_exhausted"])
async def test_what_an_operator_must_see_to_waits_for_them_and_is_tried_when_they_knock(
    pool: Pool, code: RefusalCode
) -> None:
    wait = await refuse(pool, await entered(pool), refusal(code))
    assert (wait.code, wait.for_operator) == ("operator_action", True)
    assert (await turned_away(pool)).for_operator
    await entered(pool, knock=True)


async def test_quota_that_is_renewed_at_a_known_time_waits_for_that(pool: Pool) -> None:
    wait = await refuse(pool, await entered(pool), refusal("quota_exhausted", retry_after=3600))
    assert (wait.code, wait.for_operator) == ("operator_action", False)
    assert wait.delay_s > 3599


async def test_tokens_of_a_minute_are_counted_before_they_are_spent(pool: Pool) -> None:
    limited = provider(tokens_per_minute=100)
    await entered(pool, "a", tokens=60, at=limited)
    wait = await turned_away(pool, "b", tokens=60, at=limited)
    assert (wait.code, 50 < wait.delay_s < 67) == ("provider_budget", True)
    async with pool.connection() as connection:
        await settle(connection, limited.id, call("a"), 30, limited.cost(30))
    await entered(pool, "b", tokens=60, at=limited)
    assert (await turned_away(pool, "c", tokens=20, at=limited)).delay_s > 50
    async with pool.connection() as connection:
        await let_pass(connection, 61)
    await entered(pool, "c", tokens=500, at=limited)


async def test_tokens_of_a_day_are_free_again_at_midnight(pool: Pool) -> None:
    limited = provider(tokens_per_day=100)
    await entered(pool, "a", tokens=100, at=limited)
    wait = await turned_away(pool, "b", at=limited)
    assert wait.until.utcoffset() is not None
    assert (wait.until.timestamp() % 86_400, wait.code) == (0, "provider_budget")
    async with pool.connection() as connection:
        await gates.forget(connection, limited.id, call("a"))
    await entered(pool, "b", at=limited)


async def test_the_next_attempt_of_the_call_that_finds_out_goes_ahead_too(pool: Pool) -> None:
    await refuse(pool, await entered(pool), refusal("unavailable", retry_after=30))
    await entered(pool, "probe", knock=True)
    assert (await turned_away(pool, "another", knock=True)).delay_s < 3
    again = await entered(pool, "probe")
    async with pool.connection() as connection:
        await gates.give_back(connection, PROVIDER.id, again)
    await entered(pool, "another")


async def test_a_request_does_not_stand_in_its_own_way(pool: Pool) -> None:
    limited = provider(tokens_per_day=100)
    await entered(pool, "large", tokens=500, at=limited)
    await entered(pool, "large", tokens=500, at=limited)
    assert (await turned_away(pool, "small", tokens=1, at=limited)).code == "provider_budget"


async def test_what_is_wasted_is_paid_on_top_of_what_is_answered(pool: Pool) -> None:
    for _ in range(2):
        await entered(pool, tokens=40)
        async with pool.connection() as connection:
            await waste(connection, PROVIDER.id, call(), 30, Decimal(3))
    await entered(pool, tokens=40)
    async with pool.connection() as connection:
        await settle(connection, PROVIDER.id, call(), 20, Decimal(2))
        spent = await used(connection, PROVIDER.id)
        bill = await billed(connection, PROVIDER.id, "p", "zotero.p.1", "r")
    assert (spent.tokens_today, spent.tokens_last_minute, spent.cost_today) == (80, 80, Decimal(8))
    assert (bill.tokens, bill.cost) == (20, Decimal(2)), "the rest was told when it was wasted"
