"""Texts shared by content between a project and the spaces beside it: what one has read, no other reads again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg

from longshore.errors import ComeBackLater
from longshore.graph.db import Connection, Pool
from longshore.ids import home_of, is_space

_HELD = 2
"""Connections that wait for, or hold, a text at a time."""
_PAYING = 4
"""The same of requests, each of which needs others of the pool's connections meanwhile."""
_PATIENCE_S = 30.0
"""For which one waits to ask; within what the engine allows beyond the request's own deadline."""
_SPEAK_EVERY_S = 3.0
"""Well within what `holders.SILENT` allows."""
_payers: WeakKeyDictionary[Pool, asyncio.Semaphore] = WeakKeyDictionary()


async def family(connection: Connection, project: str) -> list[str]:
    """A project and the spaces beside it, without the one that asks and without what is being deleted."""
    home = home_of(project)
    cursor = await connection.execute(
        "select project from projects where (project = %(home)s or project like %(home)s || '~%%') "
        "and project <> %(project)s and deleting_at is null order by project",
        {"home": home, "project": project},
    )
    return [row["project"] for row in await cursor.fetchall()]


async def adopt_parts(connection: Connection, project: str, others: Sequence[str], part_ids: Sequence[UUID]) -> None:
    """Take over the texts that one of the others has, with their passages; not those that could not be read.

    One statement, so that a text comes whole or not at all; of a project that is being deleted none does, for its
    passages go step by step.
    """
    columns = {table: await columns_of(connection, table) for table in ("parts", "chunks")}
    parts, chunks = (", ".join(names) for names in columns.values())
    chosen = ", ".join(f"c.{name}" for name in columns["chunks"])
    await connection.execute(
        f"""
        with donor as materialized (
            select distinct on (part_id) * from parts
            where project = any(%(others)s) and part_id = any(%(parts)s) and code is null
              and exists (select from projects p where p.project = parts.project and p.deleting_at is null)
            order by part_id, project
        ), taken as (
            insert into parts (project, {parts}) select %(project)s, {parts} from donor
            on conflict do nothing returning part_id
        )
        insert into chunks (project, {chunks})
        select %(project)s, {chosen} from donor join taken using (part_id)
        join chunks c on c.project = donor.project and c.part_id = donor.part_id
        """.encode(),
        {"project": project, "others": list(others), "parts": list(part_ids)},
    )


async def adopt_extractions(
    connection: Connection, project: str, others: Sequence[str], part_ids: Sequence[UUID], extractor: str
) -> None:
    """Take over what an extractor has found in texts that the project has."""
    await connection.execute(
        "insert into extractions (project, part_id, extractor, mentions) "
        "select distinct on (e.part_id) p.project, e.part_id, e.extractor, e.mentions "
        "from extractions e join parts p on p.project = %(project)s and p.part_id = e.part_id "
        "where e.project = any(%(others)s) and e.part_id = any(%(parts)s) and e.extractor = %(extractor)s "
        "order by e.part_id, e.project on conflict do nothing",
        {"project": project, "others": list(others), "parts": list(part_ids), "extractor": extractor},
    )


class SoleReaders:
    """Lets one reader at a time at a text, among all workers; those that come after find it read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._gate = asyncio.Semaphore(_HELD)

    @asynccontextmanager
    async def reading(self, project: str, others: Sequence[str], part_id: UUID) -> AsyncIterator[bool]:
        """Hold a text while the block runs. The value is whether the project has it by now, and there is nothing to do.

        Where there is nobody to share with, nothing is held.
        """
        if not others:
            yield False
            return
        async with self._gate, self._pool.connection() as holder:
            await holder.execute(
                "select pg_advisory_xact_lock(%s)", (_lock_of("text", home_of(project), str(part_id)),)
            )
            async with _speaking(holder):
                async with self._pool.connection() as connection:
                    await adopt_parts(connection, project, others, [part_id])
                    cursor = await connection.execute(
                        "select from parts where project = %s and part_id = %s", (project, part_id)
                    )
                    known = await cursor.fetchone() is not None
                yield known


@asynccontextmanager
async def sole_payer(pool: Pool, project: str, asked: str) -> AsyncIterator[None]:
    """Let one of the variants at a time ask a provider for something, so that the others find it answered.

    Outside of comparisons nobody waits: the imports of a project know of each other.

    Raises:
        ComeBackLater: `asked_elsewhere`: the others take long; waiting on would take the time that an answer may need.
    """
    if not is_space(project):
        yield
        return
    async with AsyncExitStack() as held:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await held.enter_async_context(_payers.setdefault(pool, asyncio.Semaphore(_PAYING)))
                holder = await held.enter_async_context(pool.connection())
                await holder.execute("select pg_advisory_xact_lock(%s)", (_lock_of("payer", home_of(project), asked),))
        except TimeoutError:
            message = "Another variant is asking the same provider."
            raise ComeBackLater("asked_elsewhere", message, retry_after_s=1) from None
        await held.enter_async_context(_speaking(holder))
        yield


@asynccontextmanager
async def sole_asker(connection: Connection, project: str, asked: str) -> AsyncIterator[None]:
    """As `sole_payer`, for a step that has a transaction already, which goes on after the block."""
    async with connection.transaction(force_rollback=True):
        await connection.execute("select pg_advisory_xact_lock(%s)", (_lock_of("asker", project, asked),))
        async with _speaking(connection):
            yield


@asynccontextmanager
async def _speaking(holder: Connection) -> AsyncIterator[None]:
    """Say something now and then in a transaction that others wait for, while the block is busy elsewhere.

    The vigil ends holders that say nothing: a process that is frozen, or gone, does not come here to speak.
    """
    over = asyncio.Event()

    async def speak() -> None:
        while not over.is_set():
            try:
                await asyncio.wait_for(over.wait(), _SPEAK_EVERY_S)
            except TimeoutError:
                await holder.execute("select")

    speaking = asyncio.create_task(speak())
    try:
        yield
    finally:
        # Not cancelled, which would break off what it says, and the transaction with it.
        over.set()
        with suppress(psycopg.Error):  # the holder meets it too, as its transaction ends
            await speaking


async def columns_of(connection: Connection, table: str) -> list[str]:
    """All but the project, quoted."""
    cursor = await connection.execute(
        "select quote_ident(column_name) as name from information_schema.columns "
        "where table_schema = current_schema() and table_name = %s and column_name <> 'project' "
        "order by ordinal_position",
        (table,),
    )
    return [row["name"] for row in await cursor.fetchall()]


def _lock_of(*names: str) -> int:
    digest = hashlib.sha256("/".join(names).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
