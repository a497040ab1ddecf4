"""One visit of the doctor: everything is looked at that can be, and mended if that is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import PoolTimeout
from temporalio.client import Client
from temporalio.service import RPCError

from longshore.blobs import BlobStore
from longshore.errors import StackError
from longshore.graph.db import Pool, open_pool
from longshore.settings import Settings
from longshore.stack.checks import check_access, check_database
from longshore.stack.control import status
from longshore.stack.doctor import comparisons, engine, files, home, store
from longshore.stack.doctor.finding import Finding, Report, Unexamined
from longshore.stack.postgres import Secrets
from longshore.stack.temporal import reach

REACH_S = 5.0
Told = Callable[[str, int, int], None]
"""Is told what is being looked at, how much of it was, and of how much."""


async def visit(
    settings: Settings, told: Told = lambda what, done, of: None, *, quick: bool = False, fix: bool = False
) -> Report:
    """Look at everything that can be looked at, and change nothing but what `fix` asks for.

    Args:
        quick: Do not read the files that were brought.
        fix: Mend what can be, then look again.

    Raises:
        StackError: `home_not_writable`.
    """
    report = await _examine(settings, told, quick=quick, fix=fix)
    if not report.mended:
        return report
    after = await _examine(settings, told, quick=quick, fix=False)
    after.mended = report.mended
    return after


async def _examine(settings: Settings, told: Told, *, quick: bool, fix: bool) -> Report:
    here = settings.home.expanduser().absolute()
    check_access(here)
    report = Report(home=str(here))

    def note(what: str, findings: list[Finding]) -> None:
        report.examined.append(what)
        report.findings += findings

    told("the home", 0, 1)
    note("the home", await asyncio.to_thread(home.check_home, settings) if here.exists() else [])
    async with _database(settings, report) as pool:
        if pool:
            told("the database", 0, 1)
            schema = await store.check_schema(pool)
            note("the database's version", schema)
            if any(finding.code.startswith("schema_") for finding in schema):
                report.unexamined.append(Unexamined(what="the database", why="It is of another version than this one."))
                pool = None
        if pool:
            note("the database", await store.check_rows(pool))
            blobs = BlobStore(settings.blob_url)
            found = await files.check_files(pool, blobs, lambda done, of: told("the files", done, of), quick)
            note("the names of the files" if quick else "the files", found)
        client = await _engine(settings, report)
        if client:
            told("Temporal", 0, 1)
            note("Temporal", await engine.check_engine(client))
            if pool:
                note("imports and their runs", await engine.check_imports(client, pool))
                note("comparisons and their spaces", await comparisons.check_comparisons(client, pool))
        if fix:
            report.mended = [await finding.mend() for finding in report.findings if finding.mend]
    return report


@asynccontextmanager
async def _database(settings: Settings, report: Report) -> AsyncIterator[Pool | None]:
    """The database, if it answers; else the reason why it is not looked at goes into the report."""
    try:
        url = await _database_url(settings)
    except StackError as error:
        report.unexamined.append(Unexamined(what="the database and the files", why=str(error)))
        yield None
        return
    pool = await open_pool(url, max_size=4)
    try:
        yield pool
    except (psycopg.OperationalError, PoolTimeout) as error:
        report.unexamined.append(Unexamined(what="the rest", why=f"The database stopped answering: {error}"))
    finally:
        await pool.close()


async def _database_url(settings: Settings) -> str:
    if settings.database_url:
        await check_database(settings.database_url)
        return settings.database_url
    running = status(settings).postgres
    if running.pid is None or running.url is None:
        raise StackError("not_running", "Postgres does not run; `longshore up` starts it.")
    url = make_conninfo(running.url, password=Secrets.of(settings.home.expanduser().absolute()).longshore)
    await check_database(url)
    return url


async def _engine(settings: Settings, report: Report) -> Client | None:
    address = settings.temporal_address
    if address is None:
        running = status(settings).temporal
        address = running.address if running.pid else None
    try:
        if address is None:
            raise StackError("not_running", "Temporal does not run; `longshore up` starts it.")
        return await reach(address, settings.temporal_namespace, REACH_S)
    except StackError as error:
        why = str(error)
    except (TimeoutError, RuntimeError, RPCError):
        why = f"Temporal at {address} does not answer."
    report.unexamined.append(Unexamined(what="Temporal, and whether each import has its run", why=why))
    return None
