from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from longshore.errors import StackError
from longshore.settings import Settings
from longshore.stack.checks import check_database, check_disk, check_home, without_password
from longshore.stack.control import down, status, up
from longshore.stack.environment import environment
from longshore.stack.postgres import PostgresServer


def test_a_home_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="cannot write there") as caught:
        check_home(tmp_path / "file" / "home")
    assert caught.value.code == "home_not_writable"
    assert "LONGSHORE_HOME" in caught.value.hint


async def test_a_home_that_is_a_file_is_named_by_every_command(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings(home=tmp_path / "file")
    for command in (up, down):
        with pytest.raises(StackError, match="cannot write there"):
            await command(settings)
    with pytest.raises(StackError, match="cannot write there"):
        status(settings)


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="MB free") as caught:
        check_disk(tmp_path, needed=1 << 60)
    assert caught.value.code == "no_disk_space"


@pytest.mark.parametrize("url", ["postgres//user:secret@host", "nonsense", "postgresql://u:secret@h:port/d"])
async def test_a_database_url_that_is_none_is_not_quoted(url: str) -> None:
    with pytest.raises(StackError) as caught:
        await check_database(url)
    assert caught.value.code in {"database_url_invalid", "database_unreachable"}
    assert "secret" not in f"{caught.value} {caught.value.hint}"


async def test_a_database_that_does_not_answer() -> None:
    with pytest.raises(StackError, match=r"Postgres at postgresql://u@127.0.0.1:1/d cannot be reached") as caught:
        await check_database("postgresql://u:secret@127.0.0.1:1/d")
    assert caught.value.code == "database_unreachable"


async def test_a_database_that_refuses(postgres: PostgresServer) -> None:
    await check_database(postgres.url)
    for wrong in ({"password": "wrong"}, {"dbname": "nowhere"}):
        with pytest.raises(StackError, match="refuses the connection: ") as caught:
            await check_database(psycopg.conninfo.make_conninfo(postgres.url, **wrong))
        assert caught.value.code == "database_url_invalid"


def test_a_url_is_shown_without_its_password() -> None:
    assert without_password("postgresql://u:secret@h:5/d?sslmode=require") == "postgresql://u@h:5/d"


def test_settings_reach_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path, port=8123, temporal_address="127.0.0.1:7233", lanes=7)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings
