"""Why fan-in belongs to the workflow: the rule of a trigger that counts siblings, on a real Postgres.

It is the rule of a system that Longshore replaces, restated: whoever sets a variant to done counts those that are, and
the one that sees all of them sets the job to done. None sees what the others have not committed yet.
"""

from __future__ import annotations

import asyncio

import psycopg

_SCHEMA = """
    create table jobs (job int primary key, status text not null default 'running');
    create table variants (job int, variant int, status text not null default 'running', primary key (job, variant));
    create function check_all_variants_done() returns trigger language plpgsql as $$
    begin
        {lock}
        if (select count(*) from variants where job = new.job and status = 'done')
           = (select count(*) from variants where job = new.job) then
            update jobs set status = 'done' where job = new.job;
        end if;
        return new;
    end $$;
    create trigger all_variants_done after update on variants
    for each row when (new.status = 'done') execute function check_all_variants_done();
"""
_LOCK = "perform 1 from jobs where job = new.job for update;"
_JOBS = 20


async def _stuck(database_url: str, lock: str) -> int:
    """Of twenty jobs whose three variants end within the same moment, those that are never done."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute(_SCHEMA.format(lock=lock).encode())
        await admin.execute(f"insert into jobs (job) select generate_series(1, {_JOBS})".encode())
        await admin.execute("insert into variants (job, variant) select job, v from jobs, generate_series(1, 3) v")
        writers = [await psycopg.AsyncConnection.connect(database_url) for _ in range(3)]
        for job in range(1, _JOBS + 1):
            updated = asyncio.Barrier(3) if not lock else None

            async def end(variant: int, job: int = job, updated: asyncio.Barrier | None = updated) -> None:
                await writers[variant].execute(
                    "update variants set status = 'done' where job = %s and variant = %s", (job, variant + 1)
                )
                if updated:
                    await updated.wait()  # all have counted before the first commits
                await writers[variant].commit()

            await asyncio.gather(*(end(variant) for variant in range(3)))
        for writer in writers:
            await writer.close()
        cursor = await admin.execute("select count(*) from jobs where status = 'running'")
        row = await cursor.fetchone()
        assert row is not None
        return int(row[0])


async def test_trigger_that_counts_siblings_gets_stuck(database_url: str) -> None:
    assert await _stuck(database_url, "") == _JOBS


async def test_it_does_not_where_it_locks_their_parent_first(database_url: str) -> None:
    assert await _stuck(database_url, _LOCK) == 0
