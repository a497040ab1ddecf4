"""Copies of what changes while it is copied: of Temporal's database and of Postgres's, each as of one moment."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from psycopg import conninfo

from longshore.errors import StackError
from longshore.stack.place import carried


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database through its backup interface, whoever writes to it meanwhile.

    Raises:
        StackError: `temporal_file_damaged`.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=30)) as original,
            closing(sqlite3.connect(target)) as copy,
        ):
            original.backup(copy)  # all pages at once, in one read transaction
            copy.execute("pragma journal_mode = delete")
            said = copy.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise StackError(
            "temporal_file_damaged", f"Temporal's database {source} is damaged: {said}.", "See `longshore doctor`."
        )


async def dump_database(url: str, target: Path) -> None:
    """Dump all of a database as of one moment, in a form that this and later versions of Postgres restore.

    The extension is left out: it belongs to the superuser, who makes it in every new database.

    Raises:
        StackError: `database_not_dumped`.
    """
    await _run("pg_dump", url, "--format=custom", "--compress=1", "--exclude-extension=vector", f"--file={target}")


async def restore_database(url: str, dump: Path) -> None:
    """Fill an empty database from a dump.

    Raises:
        StackError: `database_not_restored`.
    """
    await _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", str(dump))


async def _run(program: str, url: str, *arguments: str) -> None:
    """The password goes through the environment: arguments are seen by everybody."""
    parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    password = parts.pop("password", "")
    software = carried()
    binary = software[max(software)].bin / program
    environment = {"PATH": os.defpath, "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"}
    command = [str(binary), f"--dbname={conninfo.make_conninfo('', **parts)}", "--no-password", *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines() or ["it says nothing"]
        done = "dumped" if program == "pg_dump" else "restored"
        raise StackError(f"database_not_{done}", f"The database could not be {done}: {lines[0]}")
