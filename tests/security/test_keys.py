"""API keys and the command that makes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.cli import app as command
from longshore.graph import api_keys
from longshore.graph.db import Pool


@pytest.fixture
def owner(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment of who owns the database; its URL."""
    monkeypatch.setenv("LONGSHORE_DATABASE_URL", database_url)
    return database_url


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = command.run(["keys", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


async def test_a_key_is_kept_as_its_digest_only(pool: Pool) -> None:
    async with pool.connection() as connection:
        made, key = await api_keys.create(connection, "harbour master", "write", ["docks"], None)
        cursor = await connection.execute("select * from api_keys")
        [row] = await cursor.fetchall()

        assert key.startswith(f"ls_{made.key_id}_")
        assert key not in str(row)
        assert row["last4"] == key[-4:]
        assert await api_keys.verified(connection, key) == made
        _, _, secret, checksum = key.split("_")
        assert secret not in str(row)
        assert await api_keys.verified(connection, f"ls_{made.key_id}_{secret[::-1]}_{checksum}") is None


async def test_another_secret_under_a_known_id_is_no_key(pool: Pool) -> None:
    async with pool.connection() as connection:
        made, _ = await api_keys.create(connection, "harbour master", "read", None, None)
        other_id, other = api_keys.mint()
        body = other.replace(other_id, made.key_id).rpartition("_")[0]
        forged = f"{body}_{api_keys._checksum(body)}"

        assert api_keys.id_of(forged) == made.key_id
        assert await api_keys.verified(connection, forged) is None
        assert await api_keys.verified(connection, other) is None


async def test_the_time_of_use_is_written_once_a_minute(pool: Pool) -> None:
    async with pool.connection() as connection:
        made, _ = await api_keys.create(connection, "tide gauge", "read", None, None)
        for ago, moved in ((None, True), (timedelta(seconds=50), False), (timedelta(seconds=70), True)):
            before = datetime.now(UTC) - ago if ago else None
            await connection.execute("update api_keys set last_used_at = %s", (before,))
            known = await api_keys.find(connection, made.key_id)
            assert known
            await api_keys.note_use(connection, known)
            found = await api_keys.find(connection, made.key_id)
            assert found
            assert (found.last_used_at != before) is moved


@given(st.text(max_size=80))
def test_what_is_no_key_has_no_id(text: str) -> None:
    assert api_keys.id_of(text) is None


def test_a_mistyped_key_is_refused_without_a_look_up() -> None:
    key_id, key = api_keys.mint()

    assert api_keys.id_of(key) == key_id
    for place in range(len(key)):
        typo = key[:place] + ("0" if key[place] != "0" else "1") + key[place + 1 :]
        assert api_keys.id_of(typo) is None


def test_the_command_makes_lists_and_revokes(owner: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, key, _ = run(capsys, "create", "--name", "ci", "--scope", "write", "-p", "docks", "--expires", "90d")
    assert code == 0
    key_id = api_keys.id_of(key.strip())
    assert key_id

    _, listed, _ = run(capsys, "list", "--json")
    [known] = json.loads(listed)["keys"]
    assert (known["id"], known["scope"], known["projects"]) == (key_id, "write", ["docks"])
    assert known["last4"] == key.strip()[-4:]
    left = datetime.fromisoformat(known["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < left <= timedelta(days=90)
    assert key.strip() not in listed

    assert run(capsys, "revoke", key_id)[0] == 0
    assert "revoked" in run(capsys, "list")[1]
    assert run(capsys, "revoke", "nobody")[0] == 2
    with psycopg.connect(owner) as connection:
        [revoked] = connection.execute("select revoked_at is not null from api_keys").fetchone() or [None]
        assert revoked is True


@pytest.mark.parametrize(
    "arguments", [("--name", " "), ("--name", "x", "-p", "No Project"), ("--name", "x", "--expires", "soon")]
)
def test_the_command_refuses_what_makes_no_key(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "create", *arguments)

    assert (code, out) == (2, "")
    assert err.startswith("Error:")
