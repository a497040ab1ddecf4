"""What is wrong with a home is seen without starting anything in it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from pathlib import Path

import pytest

from longshore.settings import Settings
from longshore.stack.doctor import home as doctor
from longshore.stack.doctor.finding import Finding
from longshore.stack.process import Identity
from longshore.stack.program import this_program
from longshore.stack.state import Failure, HomeLock, ServiceState, State, SupervisorState, read_state, write_state

GONE = 2**22 + 1
"""Above the highest pid of Linux."""


def look(home: Path, **settings: object) -> dict[str, Finding]:
    found = doctor.check_home(Settings(home=home).model_copy(update=settings))
    return {finding.code: finding for finding in found}


def snapshot(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_an_empty_home_is_sound(tmp_path: Path) -> None:
    assert look(tmp_path) == {}


async def test_stale_and_broken_state_is_told_and_written_anew(tmp_path: Path) -> None:
    stale = State(
        supervisor=SupervisorState(pid=GONE, started=1.0),
        api=ServiceState(pid=GONE, started=1.0, state="running"),
        ports={"api": 21_000},
    )
    write_state(tmp_path, stale)
    before = snapshot(tmp_path)
    found = look(tmp_path)
    assert set(found) == {"state_stale"}
    assert snapshot(tmp_path) == before, "looking changes nothing"
    mend = found["state_stale"].mend
    assert mend
    await mend()
    assert look(tmp_path) == {}
    assert read_state(tmp_path).ports == {"api": 21_000}
    (tmp_path / "state.json").write_text("{")
    found = look(tmp_path)
    assert set(found) == {"state_unreadable"}
    mend = found["state_unreadable"].mend
    assert mend
    await mend()
    assert look(tmp_path) == {}


def test_what_outlived_its_supervisor_is_told(tmp_path: Path) -> None:
    me = Identity.of(os.getpid())
    assert me
    left = ServiceState(pid=me.pid, started=me.started, state="running")
    write_state(tmp_path, State(supervisor=SupervisorState(pid=GONE, started=1.0), postgres=left))
    assert look(tmp_path)["supervisor_gone"].examples == ["Postgres"]


def test_a_service_that_keeps_failing_is_told_with_its_reason(tmp_path: Path) -> None:
    lock = HomeLock(tmp_path)
    assert lock.acquire()
    worker = ServiceState(state="failing", reason="It lacks a spanner.", restarts=9)
    api = ServiceState(state="running", restarts=5)
    write_state(tmp_path, State(program=this_program(), worker=worker, api=api))
    found = look(tmp_path)
    lock.release()
    assert set(found) == {"worker_failing", "api_restarted"}
    assert "It lacks a spanner." in found["worker_failing"].what
    assert found["api_restarted"].severity == "notice"


def test_why_the_last_start_ended_is_told(tmp_path: Path) -> None:
    write_state(tmp_path, State(failure=Failure(code="port_taken", message="Port 1 is taken.", hint="Free it.")))
    assert look(tmp_path)["port_taken"].remedy == "Free it."


def test_a_database_that_is_gone_or_of_another_version_is_told_with_a_plan(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    (tmp_path / "postgres" / "made").touch()
    found = look(tmp_path)
    assert set(found) == {"postgres_version"}
    assert "longshore backup" in found["postgres_version"].remedy
    shutil.rmtree(data)
    assert set(look(tmp_path)) == {"database_gone"}


def test_a_damaged_temporal_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "temporal").mkdir()
    file = tmp_path / "temporal" / "temporal.db"
    with sqlite3.connect(file) as connection:
        connection.execute("create table executions (id)")
    connection.close()
    assert "cluster_metadata_info" in look(tmp_path)["temporal_file_damaged"].what
    file.write_bytes(b"no database")
    assert set(look(tmp_path)) == {"temporal_file_damaged"}
    file.unlink()
    assert look(tmp_path) == {}, "one that never was is not missed"
    (tmp_path / "temporal" / "made").touch()
    assert set(look(tmp_path)) == {"temporal_file_gone"}


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert set(look(tmp_path, port=server.getsockname()[1])) == {"port_taken"}


async def test_old_drafts_are_deleted_and_new_ones_left(tmp_path: Path) -> None:
    old, new = tmp_path / "temporal" / "first-boot-1.db", tmp_path / ".state.json.x"
    old.parent.mkdir()
    for path in (old, new):
        path.touch()
    os.utime(old, (1, 1))
    found = look(tmp_path)
    assert found["drafts_left"].examples == ["temporal/first-boot-1.db"]
    mend = found["drafts_left"].mend
    assert mend
    await mend()
    assert not old.exists()
    assert new.exists()


def test_a_full_disk_and_missing_software_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_BYTES", sys.maxsize)
    assert set(look(tmp_path)) == {"disk_low"}
