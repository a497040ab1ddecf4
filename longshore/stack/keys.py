"""API keys for who owns the machine: straight in the database, so that the first one can be made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from longshore.errors import StackError
from longshore.graph import api_keys
from longshore.graph.api_keys import ApiKey, Scope
from longshore.graph.db import Connection, migrate
from longshore.settings import Settings
from longshore.stack.checks import check_database
from longshore.stack.control import status
from longshore.stack.postgres import Secrets

__all__ = ["ApiKey", "create_key", "list_keys", "revoke_key"]


async def create_key(
    settings: Settings, name: str, scope: Scope, projects: Sequence[str] | None, expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """What is known of the new key, and the key, which nothing keeps.

    Raises:
        StackError: the database cannot be reached.
    """
    async with _database(settings) as connection:
        return await api_keys.create(connection, name, scope, projects, expires_at)


async def list_keys(settings: Settings) -> list[ApiKey]:
    """All of them, newest first. Raises as `create_key`."""
    async with _database(settings) as connection:
        return await api_keys.listed(connection)


async def revoke_key(settings: Settings, key_id: str) -> ApiKey | None:
    """The key as it is now; None if there is none of this id. Raises as `create_key`."""
    async with _database(settings) as connection:
        return await api_keys.revoke(connection, key_id)


@asynccontextmanager
async def _database(settings: Settings) -> AsyncIterator[Connection]:
    url = settings.database_url
    if url is None:
        running = status(settings).postgres
        if running.state != "running" or running.url is None:
            raise StackError("not_running", "Longshore is not running on this machine.", "`longshore up` starts it.")
        url = make_conninfo(running.url, password=Secrets.of(settings.home.expanduser().absolute()).longshore)
    else:
        await check_database(url)
    await migrate(url)
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row) as connection:
        yield connection
