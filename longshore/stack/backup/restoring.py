"""Making a home of a backup."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from longshore.errors import StackError
from longshore.graph.db import known_migrations
from longshore.settings import Settings
from longshore.stack.backup import form
from longshore.stack.backup.form import Digesting, Manifest, Readable, invalid
from longshore.stack.backup.snapshots import restore_database
from longshore.stack.backup.taking import NOT_COPIED, check_embedded
from longshore.stack.checks import UNFINISHED, check_home
from longshore.stack.postgres import PostgresServer
from longshore.stack.state import SERVICES, HomeLock, read_state, write_private
from longshore.stack.temporal import note_loss

Told = Callable[[str, int, int], None]
ASIDE = "before-restore-"
_OF_A_HOME = {"supervisor.lock", "logs", UNFINISHED}
"""What may lie in a home in which nothing was ever kept."""


async def restore(
    settings: Settings, backup: Path, told: Told = lambda what, done, of: None, *, replace: bool = False
) -> Path | None:
    """Make the home of these settings what it was when a backup was taken. Every byte is compared with its digest.

    A restore that was killed is begun anew by the next one; until then the home does not start. One that fails leaves
    the home as it was before the first of them.

    Args:
        replace: Put aside what the home holds, within it, instead of refusing.

    Returns:
        Where what the home held has been put.

    Raises:
        StackError: `not_embedded`, `backup_missing`, `backup_invalid`, `backup_newer`, `home_running`,
            `home_not_empty`, and what making a database raises.
    """
    home = settings.home.expanduser().absolute()
    check_embedded(settings)
    await asyncio.to_thread(_check_header, backup)
    check_home(home)
    with _alone(home):
        aside = _make_room(home, replace)
        _note(home, aside)
        try:
            await asyncio.to_thread(_unpack, backup, home, Path(settings.blob_url), told)
            told("the database", 0, 1)
            await _fill_database(home)
            # Of what began between the two snapshots, this Temporal knows nothing.
            note_loss(home / "temporal")
        except Exception:  # a full disk, for one, is none of ours
            _take_back(home, aside)
            raise
        finally:
            os.sync()
        (home / UNFINISHED).unlink()
    return aside


def _check_header(backup: Path) -> None:
    if not backup.exists():
        raise StackError("backup_missing", f"There is no {backup}.", "Name the file or folder of a backup.")
    header = form.read_header(backup)
    known = known_migrations()
    foreign = [version for version, checksum in header.migrations.items() if known.get(version) != checksum]
    if header.format > form.FORMAT or foreign:
        raise StackError(
            "backup_newer",
            f"{backup} was made by Longshore {header.longshore}, which keeps more than this version knows.",
            "Restore it with that version or a newer one.",
        )


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    lock, state = HomeLock(home), read_state(home)
    ours = lock.acquire()
    try:
        left = [name for name in SERVICES if (identity := state.service(name).identity()) and identity.alive()]
        if not ours or left:
            raise StackError("home_running", f"Longshore runs in {home}.", "`longshore down` stops it.")
        yield
    finally:
        lock.release()


def _make_room(home: Path, replace: bool) -> Path | None:
    """Clear away what a restore that was killed has left, and put aside what else is there."""
    held = _held(home)
    if (home / UNFINISHED).exists():
        name, _, moving = (home / UNFINISHED).read_text().partition("\n")
        before = home / name if name.startswith(ASIDE) else None
        if before and moving:
            _put_aside(home, before)
        else:
            for path in held:
                _remove(path)
        return before
    if not held:
        return None
    if not replace:
        raise StackError(
            "home_not_empty",
            f"{home} holds something already, {held[0].name} for one.",
            "Set LONGSHORE_HOME to a new folder; or give --replace, which puts aside what is there.",
        )
    aside = home / f"{ASIDE}{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
    _put_aside(home, aside)
    return aside


def _note(home: Path, aside: Path | None, *, moving: bool = False) -> None:
    """For the next restore, should this one be killed: where the home's own things are, or are being moved."""
    write_private(home / UNFINISHED, f"{aside.name if aside else ''}\n{'moving' if moving else ''}")


def _put_aside(home: Path, aside: Path) -> None:
    _note(home, aside, moving=True)
    aside.mkdir(mode=0o700, exist_ok=True)
    for path in _held(home):
        path.rename(aside / path.name)


def _take_back(home: Path, aside: Path | None) -> None:
    """Leave the home as it was before a restore that cannot succeed."""
    for path in _held(home):
        _remove(path)
    if aside:
        _note(home, aside, moving=True)
        for path in list(aside.iterdir()):
            path.rename(home / path.name)
        aside.rmdir()
    (home / UNFINISHED).unlink()


def _held(home: Path) -> list[Path]:
    return [path for path in home.iterdir() if path.name not in _OF_A_HOME and not path.name.startswith(ASIDE)]


def _remove(path: Path) -> None:
    elsewhere = path / "elsewhere"
    if path.name == "postgres" and elsewhere.exists():
        shutil.rmtree(elsewhere.read_text(), ignore_errors=True)
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _unpack(backup: Path, home: Path, files: Path, told: Told) -> None:
    seen, unlike, manifest = dict[str, form.Entry](), set[str](), None
    listed: set[str] = set()
    of = sum(path.stat().st_size for path in backup.rglob("*")) if backup.is_dir() else backup.stat().st_size
    done = 0
    for name, content in form.read_entries(backup):
        if name == form.MANIFEST:
            manifest = form.read_model(backup, Manifest, content)
            continue
        reader = Digesting(content)
        if name.startswith(form.HOME) and NOT_COPIED.fullmatch(name.removeprefix(form.HOME)):
            raise invalid(backup, f"{name!r} has no place in one")
        _place(name, reader, home, files)
        if name.startswith(form.FILES):
            listed.add(name)
            unlike |= {name} if reader.sha256() != Path(name).name else set()
        else:
            seen[name] = form.Entry(sha256=reader.sha256(), size=reader.size)
        done += reader.size
        told("the files", done, of)
    if manifest is None:
        raise invalid(backup, "its end is missing")
    if seen != manifest.entries:
        wrong = sorted(
            name for name in seen.keys() | manifest.entries.keys() if seen.get(name) != manifest.entries.get(name)
        )
        raise invalid(backup, f"{', '.join(wrong)} is missing or not what it was")
    wanted = set((home / form.FILE_LIST).read_text().split())
    (home / form.FILE_LIST).unlink()
    if listed != wanted or not unlike <= set(manifest.damaged):
        wrong = sorted(listed ^ wanted) + sorted(unlike - set(manifest.damaged))
        raise invalid(backup, f"{len(wrong)} files are missing or not what they were, {wrong[0]} for one")
    for name in unlike:
        _put_away(files, name.removeprefix(form.FILES))


def _place(name: str, content: Readable, home: Path, files: Path) -> None:
    if name == form.HEADER:
        content.read()
        return
    if name.startswith(form.FILES):
        path = files / name.removeprefix(form.FILES)
    elif name == form.TEMPORAL:
        path = home / "temporal" / form.TEMPORAL
    else:
        path = home / name.removeprefix(form.HOME)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file, 1024 * 1024)


def _put_away(files: Path, name: str) -> None:
    """As the doctor does with a file that is not what its name says."""
    project = name.partition("/")[0]
    away = files / project / "damaged" / Path(name).name
    away.parent.mkdir(exist_ok=True)
    (files / name).rename(away)


async def _fill_database(home: Path) -> None:
    server = PostgresServer(home)
    await server.start()
    try:
        await restore_database(server.url, home / form.DATABASE)
    finally:
        await server.stop()
    (home / form.DATABASE).unlink()
