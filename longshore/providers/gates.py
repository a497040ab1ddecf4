"""The gate of a provider: one row that all workers pass, so that what one of them is told holds for all.

A refusal closes it. When its time is over, one call goes ahead and finds out; the others follow once that was answered,
so that a provider that is still down is asked once and not by everybody.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from longshore.graph.db import Connection
from longshore.providers.budgets import over_budget
from longshore.providers.refusals import ProviderRefusal, RefusalCode
from longshore.providers.settings import Provider

WaitCode = Literal["provider_rate_limit", "provider_unavailable", "provider_budget", "operator_action"]

PROBE_S = 900.0
"""After a refusal that somebody has to see to, it is asked again so often: they may have done so without a word."""
LONGEST_BACKOFF_S = 300.0
LASTING_S = 120.0
"""A wait that is longer is one that does not pass soon."""
CIRCUIT = 3
"""Failures in a row from which on a provider counts as broken, and its own hope of being back soon is not believed."""
_SHORTEST_S = 0.1
_MOMENT_S = 1.0
_KNOCKING_S = 1.0
"""How soon the others look again while one call finds out."""
_GRACE_S = 5.0
_JITTER, _MOST_JITTER_S = 0.1, 5.0

_WAITS: dict[RefusalCode, WaitCode] = {"rate_limited": "provider_rate_limit"}


@dataclass(frozen=True)
class Call:
    """A request that an import wants to make. `request` names it within the import, the same in every attempt."""

    project: str
    import_id: str
    request: str
    tokens: int

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.project}/{self.import_id}/{self.request}"


@dataclass(frozen=True)
class Entered:
    """That a call may be made, and when it was allowed, by the database's clock."""

    at: datetime
    lease: datetime | None = None
    """Until when it finds out alone, where it does."""


@dataclass(frozen=True)
class Wait:
    """That no call may be made now."""

    code: WaitCode
    message: str
    until: datetime
    delay_s: float
    """From now, with jitter: not everybody is to come at once."""
    for_operator: bool = False
    broken: bool = False
    """The circuit is open."""

    @property
    def lasting(self) -> bool:
        """Whether it is worth asking another provider meanwhile, where one is named."""
        return self.for_operator or self.broken or self.delay_s > LASTING_S


@dataclass(frozen=True)
class Gate:
    """A gate as it stands."""

    provider: str
    state: Literal["open", "closed", "knocking", "operator"]
    code: str | None
    message: str
    until: datetime | None
    failures: int

    @property
    def broken(self) -> bool:
        """Whether the circuit is open."""
        return self.failures >= CIRCUIT


async def enter(connection: Connection, provider: Provider, call: Call, *, knock: bool = False) -> Entered | Wait:
    """Ask for leave to make a call, in a transaction of its own; its tokens count from now on.

    Args:
        knock: Somebody has asked for it, so a closed gate is tried at once.
    """
    await connection.execute("insert into provider_gates (provider) values (%s) on conflict do nothing", (provider.id,))
    row = await _locked(connection, provider.id)
    now: datetime = row["now"]
    closed = row["closed_until"] is not None
    knocks = knock and not row["knocking"]
    knocked_before = row["knocking"] and row["knocked_by"] == call.key
    if closed and row["closed_until"] > now and not (knocks or knocked_before):
        return _wait(row)
    if closed and _was_for_a_moment(row):
        closed = False
        await connection.execute(
            "update provider_gates set closed_until = null, code = null, message = '' where provider = %s",
            (provider.id,),
        )
    if wait := await _budget(connection, provider, call, now):
        return wait
    lease = now + timedelta(seconds=provider.deadline_s + _GRACE_S) if closed else None
    if lease:
        await connection.execute(
            "update provider_gates set knocking = true, closed_until = %s, knocked_by = %s where provider = %s",
            (lease, call.key, provider.id),
        )
    await connection.execute(
        "insert into provider_usage (project, import_id, provider, request, tokens, begun_at) "
        "values (%s, %s, %s, %s, %s, %s) on conflict (project, import_id, provider, request) "
        "do update set tokens = excluded.tokens, begun_at = excluded.begun_at where not provider_usage.answered",
        (call.project, call.import_id, provider.id, call.request, call.tokens, now),
    )
    return Entered(now, lease)


async def give_back(connection: Connection, provider: str, entered: Entered) -> None:
    """Let another call find out at once, for this one came to no end."""
    await connection.execute(
        "update provider_gates set knocking = false, closed_until = clock_timestamp() "
        "where provider = %s and knocking and closed_until = %s",
        (provider, entered.lease),
    )


async def look(connection: Connection, provider: str) -> Wait | None:
    """What stands in the way of a call that is not made if anything does, such as a search's."""
    cursor = await connection.execute(
        "select *, clock_timestamp() as now from provider_gates where provider = %s and closed_until is not null",
        (provider,),
    )
    row = await cursor.fetchone()
    return _wait(row) if row else None


async def now(connection: Connection) -> Entered:
    """For a call that needs no leave."""
    cursor = await connection.execute("select clock_timestamp() as now")
    row = await cursor.fetchone()
    assert row is not None
    return Entered(row["now"])


async def close(connection: Connection, provider: Provider, entered: Entered, refused: ProviderRefusal) -> Wait:
    """Close the gate for what a call was told.

    Calls that were under way when it closed are told the same; that counts as one failure.
    """
    await connection.execute("insert into provider_gates (provider) values (%s) on conflict do nothing", (provider.id,))
    row = await _locked(connection, provider.id)
    now: datetime = row["now"]
    unexpected = row["refused_at"] is None or entered.at > row["refused_at"]
    failures = row["failures"] + unexpected
    until = now + timedelta(seconds=pause_s(refused, failures))
    if unexpected:
        changed = {
            "closed_until": until,
            "code": wait_code(refused),
            "message": f"{refused} {refused.hint}".strip(),
            "for_operator": refused.for_operator and refused.retry_after is None,
            "knocking": False,
            "failures": failures,
            "refused_at": now,
        }
        await connection.execute(
            "update provider_gates set closed_until = %(closed_until)s, code = %(code)s, message = %(message)s, "
            "for_operator = %(for_operator)s, knocking = %(knocking)s, failures = %(failures)s, "
            "refused_at = %(refused_at)s where provider = %(provider)s",
            {**changed, "provider": provider.id},
        )
        return _wait({**row, **changed})
    if row["closed_until"] is not None and not row["knocking"] and until > row["closed_until"]:
        row["closed_until"] = until
        await connection.execute(
            "update provider_gates set closed_until = %s where provider = %s", (until, provider.id)
        )
    return _wait(row) if row["closed_until"] is not None else _told(refused, now, until)


async def forget(connection: Connection, provider: str, call: Call) -> None:
    """Take back the tokens of a call that was refused."""
    await connection.execute(
        "delete from provider_usage where project = %s and import_id = %s and provider = %s and request = %s "
        "and not answered",
        (call.project, call.import_id, provider, call.request),
    )


async def open_(connection: Connection, provider: str, entered: Entered) -> None:
    """Open the gate for everybody, after an answer to a call that was made since it closed."""
    await connection.execute(
        "update provider_gates set closed_until = null, code = null, message = '', for_operator = false, "
        "knocking = false, failures = 0 where provider = %s and (closed_until is not null or failures > 0) "
        "and (refused_at is null or refused_at < %s)",
        (provider, entered.at),
    )


async def reset(connection: Connection, provider: str) -> None:
    """Open the gate because somebody says that the provider is back."""
    await connection.execute("delete from provider_gates where provider = %s", (provider,))


async def list_gates(connection: Connection, providers: Sequence[str] | None = None) -> list[Gate]:
    """All gates, or those of some providers, by name; a provider that never refused has an open one, or none yet."""
    cursor = await connection.execute(
        "select *, clock_timestamp() as now from provider_gates where %(all)s or provider = any(%(some)s) "
        "order by provider",
        {"all": providers is None, "some": list(providers or ())},
    )
    return [_gate(row) for row in await cursor.fetchall()]


def pause_s(refused: ProviderRefusal, failures: int) -> float:
    """How long a provider is left alone after so many refusals in a row: as long as it says, and longer if that has not
    helped before."""
    if refused.for_operator:
        return PROBE_S if refused.retry_after is None else max(refused.retry_after, _SHORTEST_S)
    backoff: float = min(2.0 ** min(failures - 1, 20), LONGEST_BACKOFF_S)
    if refused.retry_after is None:
        return backoff
    return max(refused.retry_after, backoff if failures > CIRCUIT else _SHORTEST_S)


def wait_code(refused: ProviderRefusal) -> WaitCode:
    if refused.for_operator:
        return "operator_action"
    return _WAITS.get(refused.reason, "provider_unavailable")


async def _locked(connection: Connection, provider: str) -> dict[str, Any]:
    cursor = await connection.execute(
        "select *, clock_timestamp() as now from provider_gates where provider = %s for update", (provider,)
    )
    row = await cursor.fetchone()
    assert row is not None
    return row


async def _budget(connection: Connection, provider: Provider, call: Call, now: datetime) -> Wait | None:
    over = await over_budget(connection, provider, call, now)
    if over is None:
        return None
    message = f"The budget of the provider {provider.name} is used up: {over.tokens:,} tokens a {over.period}."
    return Wait("provider_budget", message, over.until, _with_jitter((over.until - now).total_seconds()))


def _was_for_a_moment(row: dict[str, Any]) -> bool:
    """Whether it was only told that a request came too early. There is nothing to find out, unless that is so again."""
    told = row["code"] == "provider_rate_limit" and row["failures"] == 1 and not row["knocking"]
    return told and (row["closed_until"] - row["refused_at"]).total_seconds() < _MOMENT_S


def _wait(row: dict[str, Any]) -> Wait:
    left = _KNOCKING_S if row["knocking"] else (row["closed_until"] - row["now"]).total_seconds()
    code: WaitCode = row["code"] or "provider_unavailable"
    broken = row["failures"] >= CIRCUIT
    return Wait(code, row["message"], row["closed_until"], _with_jitter(left), row["for_operator"], broken)


def _told(refused: ProviderRefusal, now: datetime, until: datetime) -> Wait:
    """Of a call so late that the gate has opened again since."""
    left = (until - now).total_seconds()
    return Wait(wait_code(refused), f"{refused} {refused.hint}".strip(), until, _with_jitter(left))


def _with_jitter(seconds: float) -> float:
    seconds = max(seconds, _SHORTEST_S)
    return seconds + random.uniform(0, min(_JITTER * seconds, _MOST_JITTER_S)) + _SHORTEST_S * random.random()


def _gate(row: dict[str, Any]) -> Gate:
    state: Literal["open", "closed", "knocking", "operator"] = "open"
    if row["closed_until"] is not None:
        state = "operator" if row["for_operator"] else "knocking" if row["knocking"] else "closed"
    return Gate(row["provider"], state, row["code"], row["message"], row["closed_until"], row["failures"])
