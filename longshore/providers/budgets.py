"""Budgets of tokens: how many of them a provider may be sent in any minute, and on a day (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from longshore.graph.db import Connection
from longshore.providers.settings import Provider

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
_TAKEN = (
    "wasted_tokens + case when not answered and (project, import_id, request) = "
    "(%(project)s, %(import_id)s, %(request)s) then 0 else tokens end"
)


@dataclass(frozen=True)
class OverBudget:
    period: str
    tokens: int
    """That it allows."""
    until: datetime
    """When there is room for the request."""


class Asked(Protocol):
    """A request that is to be sent. What an earlier attempt of it was estimated to take does not stand in its way."""

    @property
    def project(self) -> str: ...

    @property
    def import_id(self) -> str: ...

    @property
    def request(self) -> str: ...

    @property
    def tokens(self) -> int: ...


async def over_budget(connection: Connection, provider: Provider, asked: Asked, now: datetime) -> OverBudget | None:
    """The budget that a request would pass; None if it fits.

    A request that is larger than a whole budget has it for itself: it would never fit otherwise.
    """
    limits, tokens = provider.limits, asked.tokens
    if limits.tokens_per_day is not None:
        midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        used = await _used(connection, provider.id, asked, midnight)
        if used and used + tokens > limits.tokens_per_day:
            return OverBudget("day", limits.tokens_per_day, midnight + DAY)
    if limits.tokens_per_minute is not None:
        used = await _used(connection, provider.id, asked, now - MINUTE)
        if used and used + tokens > limits.tokens_per_minute:
            freed = await _freed_at(
                connection, provider.id, asked, now - MINUTE, used + tokens - limits.tokens_per_minute
            )
            return OverBudget("minute", limits.tokens_per_minute, (freed or now) + MINUTE)
    return None


async def _used(connection: Connection, provider: str, asked: Asked, since: datetime) -> int:
    cursor = await connection.execute(
        f"select coalesce(sum({_TAKEN}), 0)::bigint as used from provider_usage "
        "where provider = %(provider)s and begun_at > %(since)s",
        {"provider": provider, "since": since, **_key(asked)},
    )
    row = await cursor.fetchone()
    return int(row["used"]) if row else 0


async def _freed_at(
    connection: Connection, provider: str, asked: Asked, since: datetime, tokens: int
) -> datetime | None:
    """When the last of the oldest requests was begun that have so many tokens together; of the newest if all do not."""
    cursor = await connection.execute(
        "select min(begun_at) filter (where freed >= %(tokens)s) as enough, max(begun_at) as newest from ("
        f"select begun_at, sum({_TAKEN}) over (order by begun_at, project, import_id, request) as freed "
        "from provider_usage where provider = %(provider)s and begun_at > %(since)s) as oldest_first",
        {"provider": provider, "since": since, "tokens": tokens, **_key(asked)},
    )
    row = await cursor.fetchone()
    found: datetime | None = (row["enough"] or row["newest"]) if row else None
    return found


def _key(asked: Asked) -> dict[str, str]:
    return {"project": asked.project, "import_id": asked.import_id, "request": asked.request}
