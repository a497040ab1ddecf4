"""Connections and migrations."""

from __future__ import annotations

import hashlib
import re
from importlib import resources
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from longshore.errors import StackError

Connection = psycopg.AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

_MIGRATION_LOCK = 0x10465603
_CONNECTION_ARGUMENTS: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "row_factory": dict_row,
}


async def open_pool(database_url: str, max_size: int = 8) -> Pool:
    """An open pool of connections that answer rows as dictionaries.

    It opens even while the server is down: connections are made, and remade, when they are asked for.
    """
    pool: Pool = AsyncConnectionPool(
        database_url,
        kwargs=_CONNECTION_ARGUMENTS,
        min_size=1,
        max_size=max_size,
        timeout=15,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    await pool.open()
    return pool


async def see_one_state(connection: Connection) -> None:
    """Let all that a transaction reads be of one moment, whatever commits meanwhile; its first statement."""
    await connection.execute("set transaction isolation level repeatable read, read only")


async def migrate(database_url: str) -> None:
    """Bring the schema up to date; safe to call from several processes at once.

    Raises:
        StackError: `database_unreachable`, or `migration_changed` when an applied file is not what it was.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(database_url, autocommit=True, **_CONNECTION_ARGUMENTS)
    except psycopg.OperationalError as error:
        raise StackError(
            "database_unreachable", f"the database does not answer: {error}", "Check LONGSHORE_DATABASE_URL."
        ) from error
    async with connection:
        await connection.execute("select pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        await connection.execute(
            "create table if not exists schema_migrations "
            "(version int primary key, checksum text not null, applied_at timestamptz not null default now())"
        )
        cursor = await connection.execute("select version, checksum from schema_migrations")
        applied = {row["version"]: row["checksum"] for row in await cursor.fetchall()}
        for version, sql in _migrations():
            checksum = _checksum(sql)
            if version not in applied:
                async with connection.transaction():
                    await connection.execute(sql.encode())
                    await connection.execute(
                        "insert into schema_migrations (version, checksum) values (%s, %s)", (version, checksum)
                    )
            elif applied[version] != checksum:
                raise StackError(
                    "migration_changed",
                    f"migration {version} was applied to this database in another form",
                    "Run the version of Longshore that made this database, or give it a new one.",
                )


async def applied_migrations(connection: Connection) -> dict[int, str]:
    """Number and checksum of the migrations that a database has seen; none where nothing was made yet."""
    cursor = await connection.execute("select to_regclass('schema_migrations') is not null as made")
    row = await cursor.fetchone()
    if not (row and row["made"]):
        return {}
    cursor = await connection.execute("select version, checksum from schema_migrations")
    return {row["version"]: row["checksum"] for row in await cursor.fetchall()}


def known_migrations() -> dict[int, str]:
    """Number and checksum of the migrations that this version has."""
    return {version: _checksum(sql) for version, sql in _migrations()}


def _checksum(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()


def _migrations() -> list[tuple[int, str]]:
    folder = resources.files("longshore.graph") / "schema"
    numbered = [(re.match(r"(\d{4})_.*\.sql$", file.name), file) for file in folder.iterdir()]
    return sorted((int(match[1]), file.read_text()) for match, file in numbered if match)
