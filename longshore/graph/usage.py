"""What imports used of providers: tokens and their cost, a row for each request."""

from __future__ import annotations

from decimal import Decimal

from longshore.graph.db import Connection
from longshore.providers.gates import Call


async def settle(connection: Connection, provider: str, call: Call, tokens: int, cost: Decimal) -> None:
    """Put what a call took, once it was answered, in the place of what it was estimated to take."""
    await connection.execute(
        "update provider_usage set tokens = %s, cost = %s, answered = true "
        "where project = %s and import_id = %s and provider = %s and request = %s",
        (tokens, cost, call.project, call.import_id, provider, call.request),
    )


async def billed(
    connection: Connection, provider: str, project: str, import_id: str, request: str
) -> tuple[int, Decimal]:
    """Tokens and cost of a request that was answered; zeros if it was not made."""
    cursor = await connection.execute(
        "select tokens, cost from provider_usage "
        "where project = %s and import_id = %s and provider = %s and request = %s and answered",
        (project, import_id, provider, request),
    )
    row = await cursor.fetchone()
    return (int(row["tokens"]), row["cost"]) if row else (0, Decimal(0))
