"""A library of zotero.org on real engines: imported, imported again, and compared with a fresh import of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from temporalio.api.workflow.v1 import PendingActivityInfo

from longshore.ids import import_id, source_key, workflow_id
from tests.integration.test_git import forget, rescanned
from tests.integration.voyage import PATIENCE_S, PROJECT, Handle, Voyage
from tests.parsing.papers import paper
from tests.sources.zotero_server import ZoteroServer, serving
from workflows.contracts import Choice, ClosingRecord, OnlineLibrary, Submission
from workflows.imports import ImportWorkflow

KEY = "notarealkeynotarealkey24"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoteroServer]:
    """A private library, whose key the operator of the workers keeps."""
    server = ZoteroServer(key=KEY)
    server.collect("COLL2345", "Harbour")
    server.collect("COLL2346", "Cranes", "COLL2345")
    for number, topic in enumerate(("container cranes", "tidal engines", "mooring lines", "harbour pilots")):
        server.put(
            f"ITEM{number:04}",
            title=f"A study of {topic}",
            creators=[{"creatorType": "author", "firstName": "Ada", "lastName": f"Example{number}"}],
            date=str(2010 + number),
            DOI=f"10.5555/harbour.{number}",
            publicationTitle="Journal of Examples",
            abstractNote=f"The harbour keeps {topic} in working order.",
            collections=["COLL2346"] if number < 2 else ["COLL2345"],
            tags=[{"tag": topic}],
        )
        text = f"Chapter one. Ships wait for {topic} at the harbour while the tide is low.".encode()
        server.attach(f"FILE{number:04}", text, "notes.txt", parent=f"ITEM{number:04}", contentType="text/plain")
    pdf = paper(tmp_path / "alone.pdf", "Tide tables of the harbour", [["Low water comes twice each day."]])
    server.attach("FILE2345", pdf.read_bytes(), "tides.pdf", title="Tide tables", collections=["COLL2345"])
    with serving(server):
        credentials = tmp_path / "credentials.toml"
        credentials.write_text(f'[harbour]\nurl = "{server.url}/groups/456"\ntoken = "env:HARBOUR_KEY"\n')
        monkeypatch.setenv("LONGSHORE_ZOTERO_API", server.url)
        monkeypatch.setenv("LONGSHORE_GIT_CREDENTIALS", str(credentials))
        monkeypatch.setenv("HARBOUR_KEY", KEY)
        yield server


def asked(number: int, choice: Choice | None = None, credential: str | None = "harbour") -> Submission:
    library = OnlineLibrary(library="groups/456", credential=credential)
    key = source_key("zotero-web", "harbour")
    return Submission(
        project=PROJECT,
        import_id=import_id(key, f"{number:012x}"),
        source_key=key,
        kind="zotero-web",
        name="harbour",
        manifest="",
        library=library,
        choice=choice,
        digest=library.model_dump_json(),
        submitted_at=datetime.now(UTC),
    )


async def imported(voyage: Voyage, number: int, choice: Choice | None = None) -> ClosingRecord:
    return await voyage.finish(await voyage.begin(asked(number, choice)))


async def test_an_import_touches_what_changed_and_ends_in_the_graph_of_a_fresh_one(
    voyage: Voyage, server: ZoteroServer
) -> None:
    voyage.start_worker()
    first = await imported(voyage, 1)
    assert (first.state, first.items.added, first.warnings) == ("succeeded", 5, 0)

    requests = len(server.asked)
    again = await imported(voyage, 2)
    assert (again.items.unchanged, again.items.added, again.items.total) == (5, 0, 5)
    assert server.asked[requests:] == [f"/groups/456/items?format=versions&since={server.version}&includeTrashed=1"]

    server.put("ITEM0001", abstractNote="Tidal engines measure the water level, and were repaired.")
    server.delete("ITEM0002")
    server.delete("FILE0002")
    server.put("ITEM0004", title="A study of lighthouses", date="2020", DOI="10.5555/harbour.4")
    requests = len(server.asked)
    changed = (await imported(voyage, 3)).items
    assert (changed.added, changed.changed, changed.removed, changed.unchanged) == (1, 1, 1, 3)
    assert not any("/file" in target for target in server.asked[requests:]), "no file is fetched again"

    server.put("ITEM0000", title="A study of container cranes, revised")
    by_schedule = await rescanned(voyage, "zotero-web.harbour")
    handle = voyage.client.get_workflow_handle_for(ImportWorkflow.run, workflow_id(PROJECT, "zotero-web.harbour"))
    record = await voyage.finish(handle)
    assert (record.import_id, record.items.changed, record.items.unchanged) == (by_schedule, 1, 4)

    incremental = await voyage.digests()
    await forget(voyage)
    assert (await imported(voyage, 4)).items.added == 5
    assert await voyage.digests() == incremental


async def tried_again(handle: Handle) -> PendingActivityInfo:
    """The first step that waits for its next attempt."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while asyncio.get_running_loop().time() < deadline:
        steps = (await handle.describe()).raw_description.pending_activities
        if waiting := [step for step in steps if step.attempt > 1]:
            return waiting[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no step was tried again")


async def test_what_is_not_chosen_any_more_is_removed(voyage: Voyage, server: ZoteroServer) -> None:
    voyage.start_worker()
    cranes = await imported(voyage, 1, Choice(collections=("Cranes",)))
    assert (cranes.items.added, cranes.items.total) == (2, 2)
    assert sum("/file" in target for target in server.asked) == 2
    alone = await imported(voyage, 2, Choice(item_types=("attachment",), tags=()))
    assert (alone.items.added, alone.items.removed) == (1, 2)
    nothing = await imported(voyage, 3, Choice(collections=("Crane",)))
    assert nothing.reason is not None
    assert (nothing.state, nothing.reason.code) == ("failed", "nothing_chosen")
    assert "Harbour/Cranes" in nothing.reason.message


async def test_a_server_that_wants_to_be_left_alone_is_waited_for_in_sight(
    voyage: Voyage, server: ZoteroServer
) -> None:
    server.refuse("itemKey", 429, {"Retry-After": "6"})
    voyage.start_worker()
    handle = await voyage.begin(asked(1))
    step = await tried_again(handle)
    assert step.activity_type.name == "stage_source"
    assert step.last_failure.application_failure_info.type == "zotero_busy"
    assert "no more requests within the next 6 seconds" in step.last_failure.message
    record = await voyage.finish(handle)
    assert (record.state, record.items.added) == ("succeeded", 5)
    versions = [target for target in server.asked if "format=versions" in target]
    assert len(versions) == 2, "it went on after the wait, and not before"


async def test_a_key_that_is_refused_ends_the_import_and_the_key_is_written_nowhere(
    voyage: Voyage, server: ZoteroServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = "anoldkeyanoldkeyanoldkey"
    monkeypatch.setenv("HARBOUR_KEY", bad)
    voyage.start_worker()
    handle = await voyage.begin(asked(1))
    record = await voyage.finish(handle)
    assert record.reason is not None
    assert (record.state, record.reason.code) == ("failed", "credential_refused")
    assert "zotero.org/settings/keys" in record.reason.message
    voyage.stop_workers()
    monkeypatch.setenv("HARBOUR_KEY", KEY)
    voyage.start_worker()
    assert (await imported(voyage, 2)).state == "succeeded"
    assert server.keys_seen, "the keys were sent"

    written = [path.read_text(errors="replace") for path in voyage.folder.rglob("*") if path.is_file()]
    async with await psycopg.AsyncConnection.connect(voyage.database_url) as connection:
        tables = await (
            await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        ).fetchall()
        for (table,) in tables:
            rows = await (await connection.execute(f'select to_jsonb(t)::text from "{table}" t')).fetchall()
            written += [text for (text,) in rows]
    async for told in voyage.client.list_workflows():
        history = await voyage.client.get_workflow_handle(told.id, run_id=told.run_id).fetch_history()
        written.append(json.dumps(history.to_json_dict()))
    assert not [text for text in written if KEY in text or bad in text]
