from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from signal import SIGKILL, SIGSTOP

import psutil
import psycopg
import pytest

from longshore.errors import StackError
from longshore.settings import Settings
from longshore.stack import control
from longshore.stack.control import down, status, up
from longshore.stack.doctor.home import check_home
from longshore.stack.postgres import PostgresServer
from longshore.stack.process import Identity, command_line
from longshore.stack.state import SERVICES, Program, ServiceName, read_state, write_state
from tests.stack.conftest import STAND_IN, rows, stand_in, until

SMALL = stand_in("postgres", "worker", "api")


def identity(home: Path, name: ServiceName) -> Identity:
    found = read_state(home).service(name).identity()
    assert found
    return found


async def database(home: Path) -> str:
    server = PostgresServer(home)
    assert await server.adopt()
    return server.url


async def test_what_dies_is_started_again(home: Path) -> None:
    settings, told = Settings(home=home), list[str]()
    first = await up(settings, told.append, stand_in("postgres", "temporal", "worker", "api"))
    assert {"Postgres is running", "Temporal is running", "The worker is running", "The API is running"} <= set(told)
    for name in SERVICES:
        before = identity(home, name)
        before.signal(SIGKILL)

        def replaced(name: ServiceName = name, before: Identity = before) -> bool:
            service = read_state(home).service(name)
            return service.state == "running" and service.identity() != before and service.restarts == 1

        await until(replaced)
    again = await up(settings)
    assert again.running
    assert (again.api.url, again.temporal.address, again.postgres.url) == (
        first.api.url,
        first.temporal.address,
        first.postgres.url,
    )
    assert await rows(await database(home), "select 1") == [(1,)]
    assert "password" not in json.dumps(again.model_dump())
    assert (home / "state.json").stat().st_mode & 0o777 == 0o600

    alive = [identity(home, name) for name in SERVICES]
    await down(settings)
    assert not any(process.alive() for process in alive)
    after = status(settings)
    assert not after.running
    assert {after.api.state, after.temporal.state, after.postgres.state, after.worker.state} == {"stopped"}


async def test_the_next_up_adopts_postgres_when_the_supervisor_was_killed(home: Path) -> None:
    settings = Settings(home=home)
    before = await up(settings, supervisor=SMALL)
    await rows(await database(home), "create table kept as select 7 as n")
    supervisor = read_state(home).supervisor_identity()
    worker = identity(home, "worker")
    assert supervisor
    supervisor.signal(SIGKILL)
    await until(lambda: not status(settings).running)
    orphaned = status(settings)
    assert (orphaned.postgres.state, orphaned.postgres.pid) == ("running", before.postgres.pid)
    assert (orphaned.worker.state, orphaned.worker.reason) == ("stopped", None)

    after = await up(settings, supervisor=SMALL)
    assert after.postgres.pid == before.postgres.pid
    assert after.api.url == before.api.url
    assert not worker.alive()
    assert await rows(await database(home), "select n from kept") == [(7,)]
    identity(home, "postgres").signal(SIGKILL)
    await until(lambda: read_state(home).postgres.restarts == 1 and read_state(home).postgres.state == "running")
    assert await rows(await database(home), "select n from kept") == [(7,)]


async def test_down_stops_what_a_killed_supervisor_left(home: Path) -> None:
    settings = Settings(home=home)
    await up(settings, supervisor=SMALL)
    supervisor, postgres = read_state(home).supervisor_identity(), identity(home, "postgres")
    assert supervisor
    supervisor.signal(SIGKILL)
    await supervisor.gone(5)
    await down(settings)
    assert not postgres.alive()
    await down(settings)


async def test_down_kills_a_supervisor_that_does_not_answer(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "ANSWER_S", 0.5)
    settings = Settings(home=home)
    await up(settings, supervisor=SMALL)
    supervisor, postgres = read_state(home).supervisor_identity(), identity(home, "postgres")
    assert supervisor
    supervisor.signal(SIGSTOP)
    assert await down(settings)
    assert not supervisor.alive()
    assert not postgres.alive()
    assert not await down(settings)


async def test_an_address_that_cannot_be_bound_ends_the_start_before_anything_runs(tmp_path: Path) -> None:
    for host in ("192.0.2.1", "nowhere.invalid"):
        with pytest.raises(StackError, match="cannot listen") as caught:
            await up(Settings(home=tmp_path, host=host))
        assert caught.value.code == "host_unusable"
    assert not read_state(tmp_path).supervisor


async def test_two_ups_at_once_make_one_stack(home: Path) -> None:
    settings = Settings(home=home)
    one, other = await asyncio.gather(up(settings, supervisor=SMALL), up(settings, supervisor=SMALL))
    assert one.model_dump(exclude={"disk"}) == other.model_dump(exclude={"disk"})
    # The supervisor that came second has left: it cannot start a stack after a `down`.
    ours = [child for child in psutil.Process().children() if str(STAND_IN) in command_line(child.pid)]
    assert [child.pid for child in ours] == [one.supervisor.pid]


async def test_a_newer_command_starts_an_older_stack_again_and_an_older_one_leaves_it(home: Path) -> None:
    settings, told = Settings(home=home), list[str]()
    first = await up(settings, supervisor=SMALL)
    await rows(await database(home), "create table kept as select 7 as n")

    def say_of_it(program: Program | None) -> None:
        write_state(home, read_state(home).model_copy(update={"program": program}))

    ours = read_state(home).program
    assert ours
    say_of_it(ours.model_copy(update={"version": "9999.1"}))
    assert (await up(settings, supervisor=SMALL)).supervisor.pid == first.supervisor.pid
    for older in (None, ours.model_copy(update={"migration": ours.migration - 1})):
        before = status(settings).supervisor.pid
        say_of_it(older)
        assert "stack_older" in [finding.code for finding in check_home(settings)]
        again = await up(settings, told.append, SMALL)
        assert again.supervisor.pid != before
        assert (again.supervisor.version, again.api.url) == (ours.version, first.api.url)
        assert read_state(home).program == ours
    assert told[0] == "An older version of Longshore runs; it makes way for this one"
    assert await rows(await database(home), "select n from kept") == [(7,)]


async def test_a_port_that_is_taken_ends_the_start_with_the_reason(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StackError, match=f"Port {port} on 127.0.0.1 is taken") as caught:
            await up(Settings(home=home, port=port))
    assert caught.value.code == "port_taken"
    assert not status(Settings(home=home)).running


async def test_a_served_engine_that_is_not_there_ends_the_start(home: Path, postgres: PostgresServer) -> None:
    for served, code in (
        ({"database_url": psycopg.conninfo.make_conninfo(postgres.url, password="secret")}, "database_url_invalid"),
        ({"database_url": postgres.url, "temporal_address": "127.0.0.1:1"}, "temporal_unreachable"),
        ({"temporal_address": "127.0.0.1:1"}, "temporal_unreachable"),
    ):
        with pytest.raises(StackError) as caught:
            await up(Settings(home=home).model_copy(update=served))
        assert caught.value.code == code
        assert "secret" not in str(caught.value)
    assert not (home / "postgres").exists()


async def test_what_cannot_start_says_why(home: Path) -> None:
    settings = Settings(home=home)
    with pytest.raises(StackError, match="it lacks a spanner") as caught:
        await up(settings, supervisor=stand_in("broken", "api"))
    assert caught.value.code == "worker_failing"
    assert status(settings).worker.reason == "The worker exited with status 1: it lacks a spanner"
    await down(settings)


async def test_status_of_a_home_where_nothing_ever_ran(tmp_path: Path) -> None:
    found = status(Settings(home=tmp_path / "nothing"))
    assert not found.running
    assert found.supervisor.pid is None
    assert found.disk.free_bytes
    assert not (tmp_path / "nothing").exists()
    await down(Settings(home=tmp_path / "nothing"))
