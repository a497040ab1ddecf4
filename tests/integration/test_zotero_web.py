"""A library of zotero.org on real engines: imported, imported again, and compared with a fresh import of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from temporalio.api.workflow.v1 import PendingActivityInfo

from longshore.ids import import_id, source_key, workflow_id
from tests.integration.test_git import forget, rescanned
from tests.integration.voyage import PATIENCE_S, PROJECT, Handle, Voyage
from tests.parsing.papers import paper
from tests.sources.conftest import HEAD
from tests.sources.zotero_server import ZoteroServer, serving
from workflows.contracts import Choice, ClosingRecord, OnlineLibrary, Submission
from workflows.imports import ImportWorkflow

KEY = "notarealkeynotarealkey24"
BAD = "anoldkeyanoldkeyanoldkey"
TOPICS = ("container cranes", "tidal engines", "mooring lines", "harbour pilots")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoteroServer]:
    """A private library, whose key the operator of the workers keeps in a file."""
    server = ZoteroServer(key=KEY)
    server.collect("COLL2345", "Harbour")
    server.collect("COLL2346", "Cranes", "COLL2345")
    for number, topic in enumerate(TOPICS):
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
    pdf = paper(tmp_path / "tides.pdf", "Tide tables of the harbour", [["Low water comes twice each day."]])
    server.attach("FILE2345", pdf.read_bytes(), "tides.pdf", title="Tide tables", collections=["COLL2345"])
    (tmp_path / "key").write_text(f"{KEY}\n")
    with serving(server):
        credentials = tmp_path / "credentials.toml"
        credentials.write_text(f'[harbour]\nurl = "{server.url}/groups/456"\ntoken = "file:{tmp_path / "key"}"\n')
        monkeypatch.setenv("LONGSHORE_ZOTERO_API", server.url)
        monkeypatch.setenv("LONGSHORE_GIT_CREDENTIALS", str(credentials))
        yield server


def asked(number: int, choice: Choice | None = None) -> Submission:
    library = OnlineLibrary(library="groups/456", credential="harbour")
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
        digest=f"{library} {choice}",
        submitted_at=datetime.now(UTC),
    )


def retried(number: int, of: int) -> Submission:
    return asked(number).model_copy(update={"retry_of": asked(of).import_id})


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
    assert set(server.asked[requests:]) == {
        f"/groups/456/items?format=versions&since={server.version}&includeTrashed=1"
    }

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


@pytest.mark.thorough
async def test_an_export_of_a_library_and_the_library_itself_are_the_same_documents(
    voyage: Voyage, server: ZoteroServer, tmp_path: Path
) -> None:
    voyage.start_worker()
    cranes = await imported(voyage, 1, Choice(collections=("Cranes",)))
    assert (cranes.items.added, cranes.items.total) == (2, 2)
    assert sum(target.endswith("/file") for target in server.asked) == 2, "only what is chosen is fetched"
    alone = await imported(voyage, 2, Choice(item_types=("attachment",)))
    assert (alone.items.added, alone.items.removed) == (1, 2), "what is chosen no longer goes"
    nothing = await imported(voyage, 3, Choice(collections=("Crane",)))
    assert nothing.reason is not None
    assert (nothing.state, nothing.reason.code) == ("failed", "nothing_chosen")
    assert "Harbour/Cranes" in nothing.reason.message
    await imported(voyage, 4)

    export = _export(tmp_path)
    record = await voyage.finish(await voyage.submit(export, "export"))
    assert record.state == "succeeded"
    async with await psycopg.AsyncConnection.connect(voyage.database_url) as connection:
        cursor = await connection.execute(
            "select title, change, state, code from import_items where import_id = %s order by title",
            (record.import_id,),
        )
        assert await cursor.fetchall() == [
            ("A study of container cranes", "duplicate", "done", None),
            ("Charts", "added", "skipped", "missing_file"),
            ("Linked", "added", "skipped", "linked_file"),
            ("Log book", "added", "done", None),
            ("Tides", "duplicate", "done", None),
        ]
    files = (await voyage.hand_over(export, "export")).model_copy(
        update={"choice": Choice(item_types=("attachment",)), "digest": "of files alone"}
    )
    chosen = await voyage.finish(await voyage.begin(files))
    assert (chosen.items.total, chosen.items.unchanged, chosen.items.removed) == (4, 2, 1)


def _export(folder: Path) -> Path:
    """A work and a PDF that the library has as well, and PDFs without a parent: stored, linked, and not brought."""
    export = folder / "export"
    (export / "files").mkdir(parents=True)
    (export / "files" / "tides.pdf").write_bytes((folder / "tides.pdf").read_bytes())
    paper(export / "files" / "log.pdf", "The log book", [["A ship came in at noon and was unloaded by two cranes."]])
    loose = [
        ("Tides", "files/tides.pdf"),
        ("Log book", "files/log.pdf"),
        ("Charts", "files/charts.pdf"),
        ("Linked", "/srv/somebody/linked.pdf"),
    ]
    attachments = "".join(
        f"""<z:Attachment rdf:about="#file_{title}"><z:itemType>attachment</z:itemType>
            <rdf:resource rdf:resource="{path}"/><dc:title>{title}</dc:title>
            <link:type>application/pdf</link:type></z:Attachment>"""
        for title, path in loose
    )
    article = """<bib:Article rdf:about="#item_1"><z:itemType>journalArticle</z:itemType>
        <dc:title>A study of container cranes</dc:title>
        <dc:identifier>DOI 10.5555/HARBOUR.0</dc:identifier></bib:Article>"""
    (export / "export.rdf").write_text(f"{HEAD}{article}{attachments}</rdf:RDF>\n")
    return export


@pytest.mark.thorough
async def test_waits_are_seen_a_bad_key_says_what_to_do_and_no_key_is_written_anywhere(
    voyage: Voyage, server: ZoteroServer, tmp_path: Path
) -> None:
    voyage.start_worker()
    (tmp_path / "key").write_text(BAD)
    refused = await imported(voyage, 1)
    assert refused.reason is not None
    assert (refused.state, refused.reason.code) == ("failed", "credential_refused")
    assert "zotero.org/settings/keys" in refused.reason.message

    (tmp_path / "key").write_text(KEY)
    server.refuse("itemKey", 429, {"Retry-After": "5.5"})
    before = len(server.asked)
    handle = await voyage.begin(retried(2, of=1))
    step = await sent_away(handle)
    assert step.activity_type.name == "stage_source"
    assert "asks for no more requests within the next" in step.last_failure.message
    assert (await voyage.finish(handle)).items.added == 5
    refusal = next(number for number, target in enumerate(server.asked) if number >= before and "itemKey" in target)
    assert server.asked_at[refusal + 1] - server.asked_at[refusal] > 5, "it was not asked before it had said so"

    before = len(server.asked)
    nothing_failed = await voyage.finish(await voyage.begin(retried(3, of=2)))
    assert (nothing_failed.state, nothing_failed.items.total, len(server.asked)) == ("succeeded", 0, before)

    assert {key for _, key in server.keys_seen} == {KEY, BAD, None}
    voyage.stop_workers()
    written = await _everything_written(voyage)
    assert len(written) > 50
    assert not [text for text in written if KEY in text or BAD in text]


async def sent_away(handle: Handle) -> PendingActivityInfo:
    """The step that waits for as long as the server has asked for."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while asyncio.get_running_loop().time() < deadline:
        steps = (await handle.describe()).raw_description.pending_activities
        for step in steps:
            if step.last_failure.application_failure_info.type == "zotero_busy":
                return step
        await asyncio.sleep(0.05)
    raise AssertionError("no step was sent away")


async def _everything_written(voyage: Voyage) -> list[str]:
    """The workers' logs, the blobs, the database and Temporal's histories."""
    written = [path.read_text(errors="replace") for path in voyage.folder.rglob("*") if path.is_file()]
    async with await psycopg.AsyncConnection.connect(voyage.database_url) as connection:
        cursor = await connection.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in await cursor.fetchall():
            rows = await connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(table)))
            written += [text for (text,) in await rows.fetchall()]
    async for told in voyage.client.list_workflows():
        history = await voyage.client.get_workflow_handle(told.id, run_id=told.run_id).fetch_history()
        written.append(json.dumps(history.to_json_dict()))
    return written
