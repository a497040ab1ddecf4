"""What must hold after every run, whatever was done to it: I1 to I11 of the fault matrix, as far as a run shows them.

I1 the graph is that of an undisturbed import, I3 progress never went back, I4 the import ended once, I6 every item is
accounted for, I7 nothing is open that nobody works on, I11 nothing is left behind.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from temporalio.client import Client

from longshore.graph.db import Connection, open_pool
from tests.faults.passage import Passage
from tests.integration.voyage import PROJECT
from workflows.contracts import TERMINAL, ClosingRecord, Progress

_LET_GO_S = 10.0
_OPEN = "WorkflowType = 'ImportWorkflow' and ExecutionStatus = 'Running'"


class Broken(AssertionError):
    """An invariant does not hold."""


def demand(holds: bool, what: str) -> None:
    if not holds:
        raise Broken(what)


async def check(passage: Passage, record: ClosingRecord, digests: dict[str, str] | None) -> None:
    """Check a passage whose import has ended, and end its programs.

    Args:
        digests: Of the undisturbed graph; None where there is none to compare with.

    Raises:
        Broken: naming what does not hold.
    """
    check_progress(passage.seen)
    pool = await open_pool(passage.database_url, max_size=1)
    try:
        async with pool.connection() as connection:
            await _check_accounts(connection, record)
        await _check_nothing_open(passage.client)
        found = await passage.digests()
        differing = [name for name, digest in (digests or {}).items() if found[name] != digest]
        demand(not differing, f"I1: the graph differs from the undisturbed one in {', '.join(differing)}")
        await asyncio.to_thread(passage.stop_workers)
        await _check_nothing_left(passage.folder)
        async with pool.connection() as connection:
            await _check_let_go(connection)
    finally:
        await pool.close()


def check_progress(seen: Sequence[Progress]) -> None:
    for before, now in itertools.pairwise(seen):
        if before.import_id != now.import_id:
            continue
        demand(now.fraction >= before.fraction, f"I3: progress went from {before.fraction} back to {now.fraction}")
        demand(
            before.state not in TERMINAL or now.state == before.state,
            f"I4: the import was {before.state}, and then {now.state}",
        )
    for now in seen:
        items = now.items
        settled = items.added + items.changed + items.unchanged + items.duplicate + items.skipped + items.failed
        demand(not items.total or settled <= items.total, "I3: more items are settled than there are")
        demand(0 <= now.fraction <= 1, f"I3: progress is {now.fraction}")
        demand(now.fraction < 1 or now.state in TERMINAL, "I3: all is done, and the import goes on")


async def _check_accounts(connection: Connection, record: ClosingRecord) -> None:
    items = record.items
    settled = items.added + items.changed + items.unchanged + items.duplicate + items.skipped + items.failed
    demand(items.total == settled, f"I6: {items.total} items, of which {settled} are accounted for")
    cursor = await connection.execute(
        "select outcome, record, (select count(*) from import_items i where i.project = imports.project "
        "and i.import_id = imports.import_id and state = 'pending') as pending, "
        "(select count(*) from import_items i where i.project = imports.project and i.import_id = imports.import_id "
        "and change <> 'removed') as total from imports where project = %s and import_id = %s",
        (PROJECT, record.import_id),
    )
    rows = await cursor.fetchall()
    demand(len(rows) == 1, f"I4: the import has {len(rows)} rows")
    [row] = rows
    demand(row["pending"] == 0, f"I6: {row['pending']} items are pending although the import has ended")
    demand(row["total"] == items.total, f"I6: {row['total']} items stored, {items.total} in the record")
    demand(row["outcome"] == record.state, f"I4: the store says {row['outcome']}, the engine {record.state}")
    demand(row["record"] == record.model_dump(mode="json"), "I4: the store and the engine keep different records")
    cursor = await connection.execute("select count(*) as open from imports where outcome is null")
    [row] = await cursor.fetchall()
    demand(row["open"] == 0, f"I7: {row['open']} imports are open in the store")


async def _check_nothing_open(client: Client) -> None:
    """Visibility follows a moment later, so it is given one."""
    deadline = time.monotonic() + _LET_GO_S
    while (still := (await client.count_workflows(_OPEN)).count) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    demand(not still, f"I7: {still} imports run in the engine although they have ended")


async def _check_nothing_left(folder: Path) -> None:
    deadline = time.monotonic() + _LET_GO_S
    while (living := processes_in(folder)) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    demand(not living, f"I11: processes are left: {[' '.join(process.cmdline()) for process in living]}")
    remnants = [path.name for path in (folder / "scratch").rglob("*") if path.is_file()]
    demand(not remnants, f"I11: temporary files are left: {remnants}")


async def _check_let_go(connection: Connection) -> None:
    query = (
        "select (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
        "and backend_type = 'client backend') as connections, "
        "(select count(*) from pg_locks where locktype = 'advisory' and database = "
        "(select oid from pg_database where datname = current_database())) as locks"
    )
    deadline = time.monotonic() + _LET_GO_S
    while True:
        [row] = await (await connection.execute(query)).fetchall()
        await connection.rollback()
        if not row["connections"] and not row["locks"]:
            return
        if time.monotonic() > deadline:
            raise Broken(f"I11: {row['connections']} connections and {row['locks']} locks are left in the database")
        await asyncio.sleep(0.1)


def processes_in(folder: Path) -> list[psutil.Process]:
    """What works in a folder: the programs of a passage, and what they have started."""
    return [
        process
        for process in psutil.process_iter(["cwd"])
        if process.info["cwd"] and Path(process.info["cwd"]).is_relative_to(folder)
    ]
