"""A home comes back from its backup as it was; half a backup, a foreign one and a home in use are refused."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from longshore.blobs import BlobStore
from longshore.errors import StackError
from longshore.graph.db import migrate
from longshore.settings import Settings
from longshore.stack import place
from longshore.stack.backup import form
from longshore.stack.backup.restoring import ASIDE, restore
from longshore.stack.backup.taking import left_out, take
from longshore.stack.checks import UNFINISHED
from longshore.stack.control import up
from longshore.stack.doctor.home import check_home
from longshore.stack.place import carried, find_place
from longshore.stack.postgres import PostgresServer
from longshore.stack.state import HomeLock
from tests.stack.conftest import erase, rows

KEY = b"k" * 32
MAJORS = sorted(carried())


@dataclass(frozen=True)
class Kept:
    """A home at rest with a bit of everything in it, and its backups."""

    home: Path
    tar: Path
    folder: Path
    damaged: str
    """A file that was damaged before the folder was written."""


@pytest_asyncio.fixture(scope="module")
async def kept(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kept]:
    home = Path(tempfile.mkdtemp(prefix="longshore-test-"))
    home.chmod(0o711)
    with pytest.MonkeyPatch.context() as patch:
        # By the oldest Postgres that is carried: what is restored is of the newest.
        patch.setattr(place, "carried", lambda: {MAJORS[0]: carried()[MAJORS[0]]})
        await furnish(home)
    made = tmp_path_factory.mktemp("backups")
    before, told = files_of(home), list[tuple[str, int, int]]()
    whole = await take(Settings(home=home), made / "copy.tar", lambda *far: told.append(far))
    assert files_of(home) == before
    assert told[-1] == ("the files", 14, 14)
    assert (whole.files, whole.bytes, whole.damaged) == (2, 14, [])
    damaged = hashlib.sha256(b"cargo").hexdigest()
    file = home / "blobs" / "shelf" / damaged[:2] / damaged
    file.write_bytes(b"cargx")
    told_of = await take(Settings(home=home), made / "copy")
    assert told_of.damaged == [f"files/shelf/{damaged[:2]}/{damaged}"]
    file.write_bytes(b"cargo")
    assert {path.name for path in made.iterdir()} == {"copy", "copy.tar"}, "no draft is left"
    assert not [path for path in made.iterdir() if path.stat().st_mode & 0o077]
    yield Kept(home, made / "copy.tar", made / "copy", damaged)
    await erase(home)


async def furnish(home: Path) -> None:
    server = PostgresServer(home)
    await server.start()
    await migrate(server.url)
    await rows(server.url, "insert into projects (project) values ('shelf')")
    await rows(server.url, "insert into embeddings values (gen_random_uuid(), 'm', '[1,2,3]')")
    await server.stop()
    (home / "temporal").mkdir(mode=0o700)
    with closing(sqlite3.connect(home / "temporal" / "temporal.db")) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table executions as select 7 as n")
        connection.commit()
    blobs = BlobStore(str(home / "blobs"))
    for text in (b"cargo", b"set aside"):
        await blobs.put_bytes("shelf", text)
    await blobs.set_aside("shelf", [hashlib.sha256(b"set aside").hexdigest()])
    (home / "secret.key").write_bytes(KEY)
    (home / "providers").mkdir()
    (home / "providers" / "one.toml").write_text("name = 'one'")


def files_of(home: Path) -> dict[str, bytes]:
    kept = [*(home / "blobs").rglob("*"), home / "secret.key", home / "providers" / "one.toml"]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in kept if path.is_file()}


async def check_databases(home: Path) -> None:
    assert int((find_place(home).data / "PG_VERSION").read_text()) == MAJORS[-1]
    assert (home / "secret.key").stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(home / "temporal" / "temporal.db")) as connection:
        assert connection.execute("select n from executions").fetchall() == [(7,)]
    server = PostgresServer(home)
    await server.start()
    assert await rows(server.url, "select project, (select vector::text from embeddings) from projects") == [
        ("shelf", "[1,2,3]")
    ]
    await migrate(server.url)
    await server.stop()


async def test_a_home_comes_back_and_a_restore_that_was_killed_is_begun_anew(
    kept: Kept, make_home: Callable[[], Path]
) -> None:
    half = make_home()
    (half / UNFINISHED).touch()
    (half / "temporal").mkdir()
    (half / "secret.key").write_bytes(b"half of it")
    with pytest.raises(StackError) as caught:
        await up(Settings(home=half))
    assert caught.value.code == "restore_unfinished"
    assert [finding.code for finding in check_home(Settings(home=half))] == ["restore_unfinished"]
    assert await restore(Settings(home=half), kept.tar) is None
    assert not (half / UNFINISHED).exists()
    assert files_of(half) == files_of(kept.home)
    await check_databases(half)


async def test_what_a_home_holds_is_replaced_only_when_asked_and_put_aside(
    kept: Kept, make_home: Callable[[], Path]
) -> None:
    other = make_home()
    (other / "secret.key").write_bytes(b"another")
    lock = HomeLock(other)
    assert lock.acquire()
    with pytest.raises(StackError) as caught:
        await restore(Settings(home=other), kept.folder, replace=True)
    assert caught.value.code == "home_running"
    lock.release()
    with pytest.raises(StackError) as caught:
        await restore(Settings(home=other), kept.folder)
    assert caught.value.code == "home_not_empty"
    aside = await restore(Settings(home=other), kept.folder, replace=True)
    assert aside
    assert (aside / "secret.key").read_bytes() == b"another"
    assert (other / "secret.key").read_bytes() == KEY
    assert (other / "blobs" / "shelf" / "damaged" / kept.damaged).read_bytes() == b"cargx"
    assert await BlobStore(str(other / "blobs")).missing("shelf", [kept.damaged]) == [kept.damaged]
    await check_databases(other)


@pytest.mark.parametrize("left", ["of it", "of a backup"])
async def test_a_restore_that_fails_after_one_was_killed_gives_back_what_was_put_aside(
    kept: Kept, make_home: Callable[[], Path], tmp_path: Path, left: str
) -> None:
    target, aside = make_home(), f"{ASIDE}2020-01-01T000000Z"
    (target / aside / "providers").mkdir(parents=True)
    (target / aside / "secret.key").write_bytes(b"mine")
    (target / "one.toml").write_text("name = 'one'")
    (target / UNFINISHED).write_text(f"{aside}\n{'moving' if left == 'of it' else ''}")
    with tarfile.open(kept.tar) as tar:
        tar.extractall(tmp_path / "copy", filter="data")
    (tmp_path / "copy" / form.MANIFEST).unlink()
    with pytest.raises(StackError):
        await restore(Settings(home=target), tmp_path / "copy")
    own = {"secret.key", "providers", *(["one.toml"] if left == "of it" else [])}
    assert {path.name for path in target.iterdir()} - {"supervisor.lock"} == own
    assert (target / "secret.key").read_bytes() == b"mine"


async def test_a_restore_that_runs_into_a_fault_of_the_disk_leaves_the_home_as_it_was(
    kept: Kept, make_home: Callable[[], Path], tmp_path: Path
) -> None:
    target = make_home()
    (target / "secret.key").write_bytes(b"mine")
    elsewhere = tmp_path / "a-file"
    elsewhere.touch()
    with pytest.raises(OSError, match="a-file"):
        await restore(Settings(home=target, blobs=str(elsewhere)), kept.tar, replace=True)
    assert {path.name for path in target.iterdir()} - {"supervisor.lock"} == {"secret.key"}
    assert (target / "secret.key").read_bytes() == b"mine"


async def test_a_file_that_is_brought_back_while_a_backup_begins_is_in_it(kept: Kept, tmp_path: Path) -> None:
    blobs = tmp_path / "blobs"
    shutil.copytree(kept.home / "blobs", blobs)
    # By name, one comes before those that are set aside, and one after them.
    for text in (b"set aside", b"brought 9"):
        name = await BlobStore(str(blobs)).put_bytes("shelf", text)
        gone = blobs / "shelf" / "aside" / name[:2] / name
        gone.unlink(missing_ok=True)
        gone.parent.mkdir(exist_ok=True)
        gone.symlink_to(tmp_path / "nowhere")  # listed, and gone when it is looked at
    assert (await take(Settings(home=kept.home, blobs=str(blobs)), tmp_path / "copy")).files == 3


def cut_short(folder: Path, archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-20_000])


def without_end(folder: Path, archive: Path) -> None:
    (folder / form.MANIFEST).unlink()


def with_another_end(folder: Path, archive: Path) -> None:
    (folder / form.MANIFEST).write_text("{}")


def with_another_beginning(folder: Path, archive: Path) -> None:
    (folder / form.HEADER).write_text("{}")


def with_a_flipped_byte(folder: Path, archive: Path) -> None:
    dump = folder / form.DATABASE
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)


def without_a_file(folder: Path, archive: Path) -> None:
    next(path for path in (folder / "files").rglob("*") if path.is_file()).unlink()


def with_a_damaged_file(folder: Path, archive: Path) -> None:
    next(path for path in (folder / "files").rglob("*") if path.is_file()).write_bytes(b"else")


def with_a_way_out(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "a") as tar:
        entry = tarfile.TarInfo("home/../../escaped")
        tar.addfile(entry, io.BytesIO())


def with_a_link(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "a") as tar:
        entry = tarfile.TarInfo("home/link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/"
        tar.addfile(entry)


def over_the_engines(folder: Path, archive: Path) -> None:
    (folder / "home" / "postgres").mkdir(parents=True)
    (folder / "home" / "postgres" / "elsewhere").write_text("/")


SPOILED = {
    cut_short: "archive",
    without_end: "folder",
    with_another_end: "folder",
    with_another_beginning: "folder",
    with_a_flipped_byte: "folder",
    without_a_file: "folder",
    with_a_damaged_file: "folder",
    with_a_way_out: "archive",
    with_a_link: "archive",
    over_the_engines: "folder",
}


async def test_what_is_no_whole_backup_is_refused_and_leaves_the_home_as_it_was(
    kept: Kept, make_home: Callable[[], Path], tmp_path: Path
) -> None:
    target = make_home()
    (target / "secret.key").write_bytes(b"mine")
    for spoil, kind in SPOILED.items():
        folder, archive = tmp_path / spoil.__name__, tmp_path / f"{spoil.__name__}.tar"
        shutil.copy(kept.tar, archive)
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        spoil(folder, archive)
        with pytest.raises(StackError) as caught:
            await restore(Settings(home=target), archive if kind == "archive" else folder, replace=True)
        assert caught.value.code == "backup_invalid", spoil.__name__
        assert {path.name for path in target.iterdir()} <= {"secret.key", "supervisor.lock"}, spoil.__name__
        assert (target / "secret.key").read_bytes() == b"mine"
    header = json.loads((folder / form.HEADER).read_text())
    header["migrations"]["9999"] = "of the future"
    (folder / form.HEADER).write_text(json.dumps(header))
    with pytest.raises(StackError) as caught:
        await restore(Settings(home=target), folder, replace=True)
    assert caught.value.code == "backup_newer"


async def test_what_cannot_be_backed_up_is_refused(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=kept.home)
    served = settings.model_copy(update={"temporal_address": "127.0.0.1:7233"})
    for chosen, target, code in (
        (served, tmp_path / "copy", "not_embedded"),
        (settings, tmp_path, "backup_exists"),
        (settings, kept.home / "copy.tar", "backup_within_home"),
        (settings, tmp_path / "nowhere" / "copy.tar", "backup_folder_missing"),
        (Settings(home=tmp_path / "empty"), tmp_path / "copy", "nothing_to_back_up"),
    ):
        with pytest.raises(StackError) as caught:
            await take(chosen, target)
        assert caught.value.code == code
    monkeypatch.setattr("longshore.stack.backup.taking.free_bytes", lambda _: 1000)
    with pytest.raises(StackError) as caught:
        await take(settings, tmp_path / "copy")
    assert caught.value.code == "no_disk_space"
    assert not list(tmp_path.iterdir()), "no draft is left"


def test_what_lies_outside_of_the_home_is_named(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    assert left_out(settings) == []
    outside = settings.model_copy(update={"secret_key": SecretStr("k"), "providers": tmp_path / "providers.toml"})
    assert left_out(outside) == ["LONGSHORE_SECRET_KEY", "LONGSHORE_PROVIDERS"]


async def test_a_postgres_that_is_carried_no_more_is_met_with_a_plan(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "carried", lambda: {MAJORS[-1]: carried()[MAJORS[-1]]})
    with pytest.raises(StackError) as caught:
        await PostgresServer(kept.home).start()
    assert caught.value.code == "postgres_version"
    assert "longshore backup" in caught.value.hint
    assert "longshore restore" in caught.value.hint
