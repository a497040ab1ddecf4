"""A text over which workers die is found, and set aside."""

from __future__ import annotations

import signal
import subprocess
import sys

from longshore.graph import parts, planning, records, suspects, writing
from longshore.graph.db import Pool
from longshore.parsing.inline import parse_text
from longshore.parsing.version import version_for
from longshore.pipeline import Pipeline
from longshore.sources.model import Item
from workflows.contracts import BatchRef

PROJECT = "shelf"
REF = BatchRef(project=PROJECT, import_id="one", source_key="zotero.shelf", batch=0)
VERSION = version_for(Pipeline().passage)
SHELF = [
    Item(key=key, kind="entry", item_type="book", title=f"{key} {word}", abstract=f"This is about {word}.")
    for key, word in (("A", "cranes"), ("B", "poison"), ("C", "tides"))
]


async def prepare(pool: Pool) -> None:
    """An import whose batch is parsed."""
    submission = {"project": PROJECT, "import_id": "one", "source_key": REF.source_key}
    async with pool.connection() as connection:
        await records.open_record(connection, {**submission, "kind": "zotero", "name": "shelf"}, "run")
        async for _ in planning.record_plan(connection, PROJECT, "one", REF.source_key, SHELF):
            pass
        for item in SHELF:
            for part in parts.parts_of(item, VERSION):
                await parts.store_parsed(connection, PROJECT, part, parse_text(item.abstract, "text/plain"))


def attempts(database_url: str, first: int = 1, most: int = 8) -> list[int]:
    """Exit codes of attempts at the step, as the engine makes them, until one has succeeded."""
    codes: list[int] = []
    while not codes or codes[-1] != 0:
        assert len(codes) < most
        command = [sys.executable, "-m", "tests.activities.doomed", database_url, str(len(codes) + first)]
        codes.append(subprocess.run(command, timeout=60, check=False).returncode)
    return codes


async def test_the_one_text_that_kills_is_set_aside_and_its_neighbours_are_not(pool: Pool, database_url: str) -> None:
    await prepare(pool)
    assert attempts(database_url) == [-signal.SIGKILL] * 4 + [0]

    async with pool.connection() as connection:
        await writing.write_batch(connection, PROJECT, "one", REF.source_key, 0, VERSION)
        cursor = await connection.execute("select item_key, state, attachments from import_items order by ordinal")
        found = {row["item_key"]: row for row in await cursor.fetchall()}
        assert [row["state"] for row in found.values()] == ["done"] * 3
        [failed] = found["B"]["attachments"]
        assert (failed["state"], failed["code"], failed["title"]) == ("failed", "quarantined", "abstract")
        assert "died 2 times over it alone, at the step extract" in failed["detail"]
        assert "held 480 MB" in failed["detail"]
        assert [found[key]["attachments"] for key in ("A", "C")] == [[], []]
        cursor = await connection.execute(
            "select (select count(*) from suspects) + (select count(*) from unended_attempts) as left"
        )
        assert (await cursor.fetchone()) == {"left": 0}

        await records.open_record(
            connection,
            {"project": PROJECT, "import_id": "two", "source_key": REF.source_key, "kind": "zotero", "name": "shelf"},
            "run",
        )
        await planning.record_retry(connection, PROJECT, "two", REF.source_key, "one", ())
        [pending] = await writing.pending_items(connection, PROJECT, "two", 0)
        ids = [part.part_id for part in parts.parts_of(pending, VERSION)]
        assert await parts.unparsed(connection, PROJECT, ids) == set(ids), "a retry reads it anew"


async def test_attempts_that_are_lost_to_something_else_blame_no_text(pool: Pool, database_url: str) -> None:
    await prepare(pool)
    async with pool.connection() as connection:
        await connection.execute("update chunks set text = 'harmless' where text like '%poison%'")
        for _ in range(5):
            await suspects.count_unended(connection, PROJECT, "one", 0, "extract")
    assert attempts(database_url, first=7) == [0]
    async with pool.connection() as connection:
        cursor = await connection.execute("select count(*) as failed from parts where code is not null")
        assert (await cursor.fetchone()) == {"failed": 0}
