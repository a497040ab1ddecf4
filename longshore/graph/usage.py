"""What imports used of providers: tokens and their cost, a row for each request."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from longshore.graph.db import Connection
from longshore.providers.gates import Call


@dataclass(frozen=True)
class Used:
    tokens_last_minute: int
    tokens_today: int
    """Since midnight UTC."""
    cost_today: Decimal


@dataclass(frozen=True)
class Bill:
    tokens: int
    cost: Decimal
    passages: int
    """That it has embedded in the place of another provider."""


async def used(connection: Connection, provider: str) -> Used:
    """By all imports; requests under way count as they are estimated."""
    cursor = await connection.execute(
        "select coalesce(sum(taken) filter (where begun_at > now() - interval '1 minute'), 0)::bigint as minute, "
        "coalesce(sum(taken), 0)::bigint as today, coalesce(sum(paid), 0) as cost "
        "from (select *, tokens + wasted_tokens as taken, cost + wasted_cost as paid from provider_usage) as each "
        "where provider = %s and begun_at >= date_trunc('day', now(), 'UTC')",
        (provider,),
    )
    row = await cursor.fetchone()
    return Used(row["minute"], row["today"], row["cost"]) if row else Used(0, 0, Decimal(0))


async def settle(
    connection: Connection, provider: str, call: Call, tokens: int, cost: Decimal, passages: int = 0
) -> None:
    """Put what a call took, once it was answered, in the place of what it was estimated to take.

    Args:
        passages: That it has embedded in the place of another provider.
    """
    await connection.execute(
        "update provider_usage set tokens = %s, cost = %s, passages = %s, answered = true "
        "where project = %s and import_id = %s and provider = %s and request = %s",
        (tokens, cost, passages, call.project, call.import_id, provider, call.request),
    )


async def waste(connection: Connection, provider: str, call: Call, tokens: int, cost: Decimal) -> None:
    """Put what a call took whose answer cannot be used in the place of what it was estimated to take. What the next
    attempt takes comes on top of it."""
    await connection.execute(
        "update provider_usage set tokens = 0, wasted_tokens = wasted_tokens + %s, wasted_cost = wasted_cost + %s "
        "where project = %s and import_id = %s and provider = %s and request = %s and not answered",
        (tokens, cost, call.project, call.import_id, provider, call.request),
    )


async def billed(connection: Connection, provider: str, project: str, import_id: str, request: str) -> Bill:
    """What a request took that was answered, without what was wasted before; zeros if it was not made."""
    cursor = await connection.execute(
        "select tokens, cost, passages from provider_usage "
        "where project = %s and import_id = %s and provider = %s and request = %s and answered",
        (project, import_id, provider, request),
    )
    row = await cursor.fetchone()
    return Bill(int(row["tokens"]), row["cost"], row["passages"]) if row else Bill(0, Decimal(0), 0)
