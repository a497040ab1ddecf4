"""What is looked at before anything starts."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path

import psycopg
from psycopg import conninfo

from longshore.errors import StackError
from longshore.stack.errors import Unmendable

NEEDED_BYTES = 500 * 1000 * 1000
CONNECT_S = 5
UNFINISHED = "restore-unfinished"
"""A file in a home for as long as a backup is being restored into it."""


def check_home(home: Path) -> None:
    """Make LONGSHORE_HOME if need be, private to its owner, and write to it.

    One that root makes may be entered by others, so that Postgres, which must not run as root, can live in it; what
    lies in it is closed to them.

    Raises:
        Unmendable: `home_not_writable`.
    """
    try:
        if not home.exists():
            home.mkdir(parents=True)
            home.chmod(0o711 if os.getuid() == 0 else 0o700)
        with tempfile.TemporaryFile(dir=home):
            return
    except OSError as error:
        raise _closed(home, error) from error


def check_access(home: Path) -> None:
    """Look whether a home, if there is one, can be entered and written to; make nothing.

    Raises:
        Unmendable: `home_not_writable`.
    """
    try:
        if not home.exists():
            return
        if not home.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "it is not a folder")
        for path in (home, home / "state.json", home / "supervisor.lock"):
            if path.exists() and not os.access(path, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, "it is closed to the user who runs this")
    except OSError as error:
        raise _closed(home, error) from error


def check_restored(home: Path) -> None:
    """Raises Unmendable, `restore_unfinished`, if a restore was killed and has left half of a home."""
    if (home / UNFINISHED).exists():
        raise Unmendable(
            "restore_unfinished",
            f"A backup was being restored into {home}, and was not to its end.",
            "Run `longshore restore` again; it begins anew.",
        )


def check_disk(home: Path, needed: int = NEEDED_BYTES) -> None:
    """Raises Unmendable, `no_disk_space`, if fewer than `needed` bytes are free where the state is kept."""
    free = shutil.disk_usage(home).free
    if free < needed:
        raise Unmendable(
            "no_disk_space",
            f"The disk of {home} has {free // 1_000_000} MB free; Longshore needs {needed // 1_000_000} MB to start.",
            "Make room, or set LONGSHORE_HOME to a folder on another disk.",
        )


def _closed(home: Path, error: OSError) -> Unmendable:
    return Unmendable(
        "home_not_writable",
        f"Longshore keeps its state in {home}, and cannot write there: {error.strerror}.",
        "Set LONGSHORE_HOME to a folder that you can write to.",
    )


def free_bytes(home: Path) -> int | None:
    """What is free on the disk that a home, or the folder where it would be made, lies on; None if nobody knows."""
    for folder in (home, *home.parents):
        try:
            return shutil.disk_usage(folder).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None


def without_password(url: str) -> str:
    """A libpq URL or connection string as it may be shown.

    Raises:
        Unmendable: `database_url_invalid`. It never quotes the URL, which may hold a password.
    """
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise Unmendable(
            "database_url_invalid",
            "LONGSHORE_DATABASE_URL is not a Postgres URL.",
            "It reads postgresql://user:password@host:5432/database.",
        ) from None
    port = f":{parts['port']}" if parts.get("port") else ""
    user = f"{parts['user']}@" if parts.get("user") else ""
    return f"postgresql://{user}{parts.get('host') or 'localhost'}{port}/{parts.get('dbname') or ''}"


async def check_database(url: str) -> None:
    """Connect to a served Postgres, and see that it has pgvector.

    Raises:
        StackError: `database_unreachable`; which may pass.
        Unmendable: `database_url_invalid` if the server refuses user, password or database; `database_lacks_vector`.
    """
    shown = without_password(url)
    try:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=CONNECT_S) as connection:
            cursor = await connection.execute("select 1 from pg_available_extensions where name = 'vector'")
            has_vector = await cursor.fetchone()
    except psycopg.Error as error:
        said = str(error).strip()
        reason = said.rpartition("FATAL:" if "FATAL:" in said else "failed: ")[2].strip().splitlines()[0]
        if any(sign in str(error) for sign in ("authentication failed", "does not exist", "no password", "pg_hba")):
            raise Unmendable(
                "database_url_invalid",
                f"Postgres at {shown} refuses the connection: {reason}.",
                "Correct user, password and database in LONGSHORE_DATABASE_URL.",
            ) from error
        raise StackError(
            "database_unreachable",
            f"Postgres at {shown} cannot be reached: {reason}.",
            "Start it, correct LONGSHORE_DATABASE_URL, or unset it to use the embedded Postgres.",
        ) from error
    if not has_vector:
        raise Unmendable(
            "database_lacks_vector",
            f"Postgres at {shown} does not have the extension pgvector.",
            "Install pgvector on that server, or unset LONGSHORE_DATABASE_URL to use the embedded Postgres.",
        )
