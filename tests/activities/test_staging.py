"""Sources that are fetched: what is known of them already is not fetched again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from activities.heartbeat import Beat
from activities.staging import Stager
from longshore.blobs import BlobStore
from longshore.graph import records
from longshore.graph.db import Pool
from longshore.settings import Settings
from longshore.sources.upstreams import Upstreams
from tests.sources.zotero_server import ZoteroServer, serving
from workflows.contracts import OnlineLibrary, Submission


def asked(project: str, library: ZoteroServer) -> Submission:
    return Submission(
        project=project,
        import_id="zotero-web.harbour.000000000001",
        source_key="zotero-web.harbour",
        kind="zotero-web",
        name="harbour",
        manifest="",
        library=OnlineLibrary(library=library.library),
        digest="",
        submitted_at=datetime.now(UTC),
    )


async def test_a_space_begins_with_what_its_project_has_fetched(pool: Pool, tmp_path: Path) -> None:
    with serving(ZoteroServer()) as server:
        server.attach("FILE2345", b"%PDF-1.4")
        settings = Settings.model_validate({"home": tmp_path, "zotero_api": server.url})
        stager = Stager(pool, BlobStore(str(tmp_path / "blobs")), Upstreams.of(settings))
        submission, beat = asked("docks", server), Beat()
        first = await stager.stage(submission, beat)
        assert (first.files, first.bytes, beat.total) == (1, 8, 1)
        async with pool.connection() as connection:
            await records.open_record(connection, submission.model_dump(mode="json"), "run")
            await records.store_manifest(connection, "docks", submission.import_id, first.manifest)
        requests = len(server.asked)
        assert await stager.stage(asked("docks~variant", server), Beat()) == first
        assert len(server.asked) == requests + 1
