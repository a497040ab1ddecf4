"""Files go when nothing needs them any more, and not a moment sooner."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import astuple
from pathlib import Path

import pytest

from longshore import blobs
from longshore.blobs import BlobStore
from longshore.graph import collecting, comparisons, keys, records
from longshore.graph.collecting import Handled
from longshore.graph.db import Pool
from longshore.ids import space_of
from tests.graph.conftest import PROJECT, Importer, attachment, entry

DAY_S = 86_400.0


class Shed:
    """A folder of files whose age a test may set."""

    def __init__(self, folder: Path, pool: Pool) -> None:
        self.folder = folder
        self.pool = pool
        self.blobs = BlobStore(str(folder))

    async def bring(self, text: str) -> str:
        return await self.blobs.put_bytes(PROJECT, text.encode())

    async def list_files(self, *texts: str) -> str:
        """The digest of a manifest of files with these texts, all of them brought."""
        refs = [{"path": f"{text}.txt", "sha256": await self.bring(text), "size": len(text)} for text in texts]
        return await self.bring("".join(json.dumps(ref) + "\n" for ref in refs))

    def grow_older(self) -> None:
        """Let a day go by."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                os.utime(path, (time.time(), path.stat().st_mtime - DAY_S - 60))

    async def after_a_day(self, waiting: Collection[str] = ()) -> Handled:
        self.grow_older()
        return await self.collect(waiting)

    async def collect(self, waiting: Collection[str] = ()) -> Handled:
        pages = [page async for page in collecting.collect(self.pool, self.blobs, PROJECT, waiting)]
        return Handled(*(sum(counts) for counts in zip(*map(astuple, pages), strict=True)))

    def names(self) -> set[str]:
        """Of the files that are where they belong."""
        return {path.name for path in (self.folder / PROJECT).glob("??/*")}

    async def gone(self, text: str) -> bool:
        return bool(await self.blobs.missing(PROJECT, [digest(text)]))

    async def until_somebody_waits(self) -> None:
        async with asyncio.timeout(10), self.pool.connection() as connection:
            await connection.set_autocommit(True)
            while True:
                cursor = await connection.execute("select from pg_locks where not granted")
                if await cursor.fetchone() is not None:
                    break
                await asyncio.sleep(0.01)
            await connection.set_autocommit(False)

    async def import_closed_long_ago(self, import_id: str) -> None:
        async with self.pool.connection() as connection:
            await connection.execute(
                "update imports set opened_at = opened_at - interval '31 days', "
                "closed_at = closed_at - interval '31 days' where import_id = %s",
                (import_id,),
            )

    async def staged_as(self, import_id: str, manifest: str) -> None:
        async with self.pool.connection() as connection:
            await records.store_manifest(connection, PROJECT, import_id, manifest)


def submission(manifest: str) -> dict[str, str]:
    named = {"project": PROJECT, "import_id": "late", "source_key": "zotero.shelf", "kind": "zotero", "name": "shelf"}
    return {**named, "manifest": manifest}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def shed(tmp_path: Path, pool: Pool) -> Shed:
    return Shed(tmp_path, pool)


async def test_what_nobody_submitted_goes_after_two_days(shed: Shed) -> None:
    await shed.bring("flotsam")

    assert await shed.collect() == Handled(files=1)
    assert await shed.after_a_day() == Handled(files=1, set_aside=1)
    assert await shed.collect() == Handled(files=1)
    assert await shed.after_a_day() == Handled(files=1, deleted=1, bytes=len("flotsam"))
    assert await shed.collect() == Handled()
    assert await shed.gone("flotsam")


async def test_what_the_graph_holds_stays_for_ever(shed: Shed, run_import: Importer) -> None:
    await shed.bring("harbour")
    await run_import("first", [entry("a", "On Tides", attachments=(attachment("harbour"),))], files=["harbour"])
    await shed.import_closed_long_ago("first")

    await shed.after_a_day()
    collected = await shed.after_a_day()

    assert collected == Handled(files=1)
    assert shed.names() == {digest("harbour")}


async def test_the_files_of_the_newest_import_stay_even_those_that_could_not_be_read(
    shed: Shed, run_import: Importer
) -> None:
    older, newer = await shed.list_files("old", "unreadable"), await shed.list_files("new", "unreadable")
    for import_id, manifest in (("first", older), ("second", newer)):
        await run_import(import_id, [entry("a", "On Tides")])
        await shed.staged_as(import_id, manifest)
    await shed.import_closed_long_ago("first")
    await shed.import_closed_long_ago("first")
    await shed.import_closed_long_ago("second")

    await shed.after_a_day()

    assert shed.names() == {newer, digest("new"), digest("unreadable")}


async def test_what_an_import_replaced_stays_as_long_as_it_can_be_undone(shed: Shed, run_import: Importer) -> None:
    await shed.bring("draft")
    await shed.bring("print")
    await run_import("first", [entry("a", "On Tides", attachments=(attachment("draft"),))], files=["draft"])
    await run_import("second", [entry("a", "On Tides", attachments=(attachment("print"),))], files=["print"])

    await shed.after_a_day()
    can_be_undone = shed.names()
    await shed.import_closed_long_ago("second")
    await shed.after_a_day()

    assert can_be_undone == {digest("draft"), digest("print")}
    assert shed.names() == {digest("print")}


async def test_the_files_of_a_removed_source_go_after_thirty_days(shed: Shed, run_import: Importer) -> None:
    manifest = await shed.list_files("cargo")
    await run_import("first", [entry("a", "On Tides", attachments=(attachment("cargo"),))], files=["cargo"])
    await shed.staged_as("first", manifest)
    await run_import("removal", remove=True)
    async with shed.pool.connection() as connection:
        await records.forget_source(connection, PROJECT, "zotero.shelf")

    await shed.after_a_day()
    while_it_can_be_undone = shed.names()
    await shed.import_closed_long_ago("first")
    await shed.import_closed_long_ago("removal")
    await shed.after_a_day()

    assert while_it_can_be_undone == {manifest, digest("cargo")}
    assert shed.names() == set()


async def test_what_a_queued_import_will_read_stays(shed: Shed) -> None:
    manifest = await shed.list_files("cargo")
    await shed.bring("flotsam")

    await shed.after_a_day(waiting=[manifest])

    assert shed.names() == {manifest, digest("cargo")}


async def test_who_is_told_that_a_file_is_there_finds_it(shed: Shed) -> None:
    sha256 = await shed.bring("cargo")
    await shed.after_a_day()
    set_aside = shed.names()

    there = not await shed.blobs.missing(PROJECT, [sha256])
    await shed.collect()

    assert set_aside == set()
    assert there
    assert await shed.blobs.read(PROJECT, sha256) == b"cargo"


async def test_an_import_that_begins_meanwhile_keeps_its_files(shed: Shed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_LISTED_AT_ONCE", 1)
    manifest = await shed.list_files("cargo", "freight")
    shed.grow_older()
    handled = []

    async with aclosing(collecting.collect(shed.pool, shed.blobs, PROJECT, ())) as pages:
        async for page in pages:
            handled.append(page)
            if handled == [Handled(), Handled(files=1, set_aside=1)]:
                async with shed.pool.connection() as connection:
                    await records.open_record(connection, submission(manifest), "run")
    await shed.collect()

    assert sum(page.set_aside for page in handled) == 1
    assert shed.names() == {manifest, digest("cargo"), digest("freight")}


async def test_an_import_that_is_just_beginning_is_waited_for(shed: Shed) -> None:
    manifest = await shed.list_files("cargo")
    shed.grow_older()
    async with shed.pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (PROJECT,))

    async with shed.pool.connection() as connection:
        await records.open_record(connection, submission(manifest), "run")
        collection = asyncio.create_task(shed.collect())
        await shed.until_somebody_waits()
        not_yet = collection.done()
    await collection

    assert not not_yet
    assert shed.names() == {manifest, digest("cargo")}


async def test_what_is_needed_again_is_put_back_before_anybody_asks(shed: Shed, run_import: Importer) -> None:
    await shed.bring("cargo")
    await shed.after_a_day()
    await run_import("first", [entry("a", "On Tides", attachments=(attachment("cargo"),))], files=["cargo"])

    collected = await shed.after_a_day()

    assert collected.deleted == 0
    assert shed.names() == {digest("cargo")}


async def test_what_a_broken_upload_left_goes_after_a_day(shed: Shed) -> None:
    sha256 = await shed.bring("cargo")
    remnant = shed.folder / PROJECT / sha256[:2] / f"{sha256}#1"
    remnant.write_text("car")

    await shed.collect(waiting=[sha256])
    kept = remnant.exists()
    await shed.after_a_day(waiting=[sha256])

    assert kept
    assert not remnant.exists()
    assert shed.names() == {sha256}


async def test_a_manifest_is_read_whatever_its_lines_look_like(
    shed: Shed, run_import: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "_DIGESTS_AT_ONCE", 2)
    digests = [await shed.bring(text) for text in "abcdefg"]
    manifest = await shed.bring("repository\n" + "".join(f"x {sha256} y\n" for sha256 in digests))
    await run_import("first", [entry("a", "On Tides")])
    await shed.staged_as("first", manifest)

    await shed.after_a_day()

    assert shed.names() == {manifest, *digests}


async def test_while_a_backup_is_taken_nothing_is_deleted(shed: Shed) -> None:
    await shed.bring("flotsam")
    async with shed.pool.connection() as backup:
        await keys.hold_files(backup)
        assert (await shed.after_a_day()).set_aside == 0
        assert digest("flotsam") in shed.names()
        await backup.execute("select pg_advisory_unlock_all()")
    assert (await shed.collect()).set_aside == 1


async def test_files_of_a_variant_and_of_a_comparison_stay_until_it_is_dropped(
    pool: Pool, run_import: Importer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shed = Shed(tmp_path, pool)
    await shed.bring("held by the variant")
    questions = await shed.bring("what is asked")
    manifest = await shed.list_files("not imported yet")
    request = {
        "project": PROJECT,
        "comparison_id": "c1",
        "submission": {"manifest": manifest},
        "questions": {"given": questions},
    }
    space = space_of(PROJECT, "c1", 0)
    async with pool.connection() as connection:
        await comparisons.open_comparison(connection, request)
        await comparisons.open_space(connection, space, {})
    monkeypatch.setattr("tests.graph.conftest.PROJECT", space)
    held = attachment("held by the variant")
    await run_import("one", [entry("A", "Cranes", attachments=(held,))], files=("held by the variant",))
    monkeypatch.undo()
    for _ in range(3):
        await shed.after_a_day()
    assert not any([await shed.gone(text) for text in ("held by the variant", "not imported yet", "what is asked")])
    async with pool.connection() as connection:
        await connection.execute("delete from items where project = %s", (space,))
        await connection.execute("delete from projects where project = %s", (space,))
        await comparisons.forget_comparison(connection, PROJECT, "c1")
    for _ in range(3):
        await shed.after_a_day()
    assert all([await shed.gone(text) for text in ("held by the variant", "not imported yet", "what is asked")])
