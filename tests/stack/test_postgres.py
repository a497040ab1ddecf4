from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL

import psutil
import psycopg
import pytest

from longshore.errors import StackError
from longshore.stack.postgres import PostgresServer
from longshore.stack.process import Identity
from tests.stack.conftest import rows

START = """
import asyncio, pathlib, sys
from longshore.stack.postgres import PostgresServer
async def main():
    print("now", flush=True)
    await PostgresServer(pathlib.Path(sys.argv[1])).start()
asyncio.run(main())
"""


async def killed_at(home: Path, moment: float, alone: bool) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", START, str(home), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert await process.stdout.readline() == b"now\n"
    await asyncio.sleep(moment)  # the moment is what is tried, not a wait
    starting = Identity.of(process.pid)
    if starting:
        for victim in (starting, *([] if alone else starting.descendants())):
            victim.signal(SIGKILL)
    await process.communicate()


@pytest.mark.thorough
async def test_a_kill_at_any_moment_of_the_first_boot_leaves_a_postgres_that_starts(
    make_home: Callable[[], Path],
) -> None:
    async def start(home: Path, moment: float, alone: bool) -> list[tuple[object, ...]]:
        await killed_at(home, moment, alone)
        server = PostgresServer(home)
        await server.start()
        return await rows(server.url, "select '[1,2]'::vector <-> '[1,3]'")

    moments = [(0.02, False), (0.4, True), (0.8, False), (1.2, True)]
    started = await asyncio.gather(*(start(make_home(), moment, alone) for moment, alone in moments))
    assert started == [[(1.0,)]] * len(moments)


async def test_runs_as_the_user_or_for_root_as_an_unprivileged_one(home: Path) -> None:
    server = PostgresServer(home)
    await server.start()
    assert server.pid
    user = psutil.Process(server.pid).uids().real
    assert user == os.getuid() if os.getuid() else user != 0
    assert server.folder.joinpath("data").stat().st_uid == user
    assert server.folder == home / "postgres"
    assert await rows(server.url, "select usesuper, usecreatedb from pg_user where usename = current_user") == [
        (False, True)
    ]
    await server.stop()
    assert server.pid is None


async def test_asks_for_a_password_and_listens_on_no_port(postgres: PostgresServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        await psycopg.AsyncConnection.connect(psycopg.conninfo.make_conninfo(postgres.url, password="wrong"))
    settings = "select current_setting('listen_addresses'), current_setting('fsync'), datctype from pg_database"
    assert await rows(postgres.url, f"{settings} where datname = current_database()") == [("", "on", "C.UTF-8")]


async def test_databases_made_by_the_role_have_the_extension(postgres: PostgresServer) -> None:
    async with await psycopg.AsyncConnection.connect(postgres.url, autocommit=True) as connection:
        await connection.execute("create database made_by_the_role")
    made = psycopg.conninfo.make_conninfo(postgres.url, dbname="made_by_the_role")
    await rows(made, "create extension if not exists vector")
    await rows(made, "create table t (v vector(2))")


async def test_rows_survive_the_kill_of_the_postmaster(home: Path) -> None:
    server = PostgresServer(home)
    await server.start()
    await rows(server.url, "create table kept as select 7 as n")
    postmaster = server.identity
    assert postmaster
    postmaster.signal(SIGKILL)
    assert await server.ended() == "Postgres was killed by SIGKILL"
    await server.start()
    assert server.identity != postmaster
    assert await rows(server.url, "select n from kept") == [(7,)]

    # A second kill, after which the pid went to a process that has nothing to do with it.
    pid_file = server.folder / "data" / "postmaster.pid"
    stale = pid_file.read_text().replace(str(server.pid), str(os.getpid()), 1)
    await server.stop()
    pid_file.write_text(stale)
    await server.start()
    assert await rows(server.url, "select n from kept") == [(7,)]


async def test_adopts_a_postmaster_that_outlived_its_parent(home: Path) -> None:
    first, second = PostgresServer(home), PostgresServer(home)
    await first.start()
    await second.start()
    assert second.identity == first.identity
    assert second.url == first.url
    await second.stop()
    assert await first.ended() == "Postgres exited with status 0"


async def test_data_that_are_not_its_own_are_refused_with_a_reason(
    home: Path, make_home: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    original, copy = PostgresServer(home), make_home()
    await original.start()
    shutil.copytree(home / "postgres", copy / "postgres", ignore=shutil.ignore_patterns("socket", "software*"))
    with pytest.raises(StackError, match="moved or copied"):
        await PostgresServer(copy).start()
    (copy / "postgres/data/postmaster.pid").unlink()

    await original.stop()
    if os.getuid() == 0:
        os.chown(original.folder / "data", 12345, 12345)
    else:
        monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(StackError, match="must run as its owner"):
        await original.start()


async def test_a_deep_home_with_an_odd_name(home: Path) -> None:
    deep = home / "a folder, its name's 50%" / "서재" / ("d" * 120)
    deep.mkdir(parents=True)
    server = PostgresServer(deep)
    await server.start()
    url = server.url
    await rows(url, "create table kept as select 7 as n")
    await server.stop()
    await server.start()
    assert server.url == url
    assert await rows(url, "select n from kept") == [(7,)]
    await server.stop()
    shutil.rmtree((server.folder / "socket-elsewhere").read_text())


async def test_a_home_that_others_cannot_enter() -> None:
    home = Path(tempfile.mkdtemp())
    for _ in range(2):
        server = PostgresServer(home)
        await server.start()
        await rows(server.url, "create table if not exists kept (n int primary key)")
        await rows(server.url, "insert into kept values (7) on conflict do nothing")
        assert await rows(server.url, "select n from kept") == [(7,)]
        await server.stop()
    assert home.stat().st_mode & 0o777 == 0o700
    assert (server.folder == home / "postgres") == (os.getuid() != 0)
    shutil.rmtree(server.folder / "data")
    with pytest.raises(StackError, match="and is gone"):
        await server.start()
    shutil.rmtree(server.folder)
    shutil.rmtree(home)
