"""Texts over which workers die: who is suspected, and who is set aside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from longshore.graph.db import Connection

_ONE_AT_A_TIME = 0x5E1F_D00D
"""Key of the advisory lock under which a suspect is taken up: who dies beside it is not to be blamed."""


class Suspicion(NamedTuple):
    tries: int
    """How often it was taken up alone, this time included, since it was last done with."""
    begun_at: datetime
    """When it was taken up the time before, or just now if there was none."""


async def count_unended(connection: Connection, project: str, import_id: str, batch: int, step: str) -> int:
    """Take note that an attempt begins; how many there are that have not ended, this one included."""
    cursor = await connection.execute(
        "insert into unended_attempts (project, import_id, batch, step, attempts) values (%s, %s, %s, %s, 1) "
        "on conflict (project, import_id, batch, step) do update set attempts = unended_attempts.attempts + 1 "
        "returning attempts",
        (project, import_id, batch, step),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row["attempts"])


async def forget_unended(connection: Connection, project: str, import_id: str, batch: int, step: str) -> None:
    await connection.execute(
        "delete from unended_attempts where project = %s and import_id = %s and batch = %s and step = %s",
        (project, import_id, batch, step),
    )


async def suspect(connection: Connection, project: str, part_id: UUID, step: str) -> Suspicion:
    """Take note that a text is taken up alone."""
    cursor = await connection.execute(
        """
        with before as (
            select begun_at from suspects where project = %(project)s and part_id = %(part)s and step = %(step)s
        ), noted as (
            insert into suspects (project, part_id, step, tries) values (%(project)s, %(part)s, %(step)s, 1)
            on conflict (project, part_id, step) do update set tries = suspects.tries + 1, begun_at = now()
            returning tries, begun_at
        )
        select tries, coalesce((select begun_at from before), begun_at) as begun_at from noted
        """,
        {"project": project, "part": part_id, "step": step},
    )
    row = await cursor.fetchone()
    assert row is not None
    return Suspicion(**row)


async def clear(connection: Connection, project: str, part_id: UUID, step: str) -> None:
    """A text was done with, one way or the other, and the worker lives."""
    await connection.execute(
        "delete from suspects where project = %s and part_id = %s and step = %s", (project, part_id, step)
    )


async def set_aside(connection: Connection, project: str, part_id: UUID, sha256: str, code: str, detail: str) -> None:
    """Let a text count as one that cannot be read, in the caller's transaction."""
    await connection.execute("delete from parts where project = %s and part_id = %s", (project, part_id))
    await connection.execute(
        "insert into parts (project, part_id, sha256, code, detail) values (%s, %s, %s, %s, %s)",
        (project, part_id, sha256, code, detail),
    )
    await connection.execute("delete from suspects where project = %s and part_id = %s", (project, part_id))


@asynccontextmanager
async def alone(connection: Connection) -> AsyncIterator[bool]:
    """Whether nobody else takes up suspects, in any worker; for as long as the block lasts, nobody else will."""
    cursor = await connection.execute("select pg_try_advisory_lock(%s) as free", (_ONE_AT_A_TIME,))
    row = await cursor.fetchone()
    await connection.commit()
    free = bool(row and row["free"])
    try:
        yield free
    finally:
        if free:
            await connection.execute("select pg_advisory_unlock(%s)", (_ONE_AT_A_TIME,))
            await connection.commit()
