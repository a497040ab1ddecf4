"""Bringing a source into the blob store: unpacked, or fetched from where it is."""

from __future__ import annotations

from activities.heartbeat import Beat
from longshore.blobs import BlobStore
from longshore.graph import planning, records
from longshore.graph.db import Pool
from longshore.ids import home_of
from longshore.sources import opening
from longshore.sources.choosing import Choice
from longshore.sources.git import Snapshot, Wanted, read_snapshot
from longshore.sources.git.staging import stage as stage_repository
from longshore.sources.upstreams import Upstreams
from longshore.sources.zotero.web.staging import Staging
from longshore.sources.zotero.web.staging import Wanted as WantedItems
from workflows.contracts import Revision, Staged, Submission


class Stager:
    def __init__(self, pool: Pool, blobs: BlobStore, upstreams: Upstreams) -> None:
        self._pool = pool
        self._blobs = blobs
        self._upstreams = upstreams

    async def stage(self, submission: Submission, beat: Beat) -> Staged:
        """Bring what is not there yet; a repository or a library of zotero.org as it is now, or where failed items are
        taken up again, as it was when they failed."""
        if submission.repository is None and submission.library is None:
            return await self._unpack(submission)
        if submission.retry_of and (staged := await self._staged(submission, submission.retry_of)):
            return staged
        before = await self._before(submission)
        if submission.repository:
            return await self._fetch_repository(submission, before)
        return await self._fetch_library(submission, before, beat)

    async def _unpack(self, submission: Submission) -> Staged:
        manifest, files = await opening.stage(self._blobs, submission.project, submission.kind, submission.manifest)
        return Staged(manifest=manifest, files=len(files), bytes=sum(file.size for file in files))

    async def _fetch_repository(self, submission: Submission, before: str | None) -> Staged:
        repository = submission.repository
        assert repository is not None
        wanted = Wanted(**repository.model_dump(exclude={"credential"}))
        access = self._upstreams.git.access(submission.project, repository.url, repository.credential)
        manifest, snapshot = await stage_repository(self._blobs, submission.project, wanted, access, before)
        return _staged_repository(manifest, snapshot)

    async def _fetch_library(self, submission: Submission, before: str | None, beat: Beat) -> Staged:
        """What an attempt has fetched before it fails is kept for the next one, as the import's manifest."""
        library, project = submission.library, submission.project
        assert library is not None

        async def remember(manifest: str) -> None:
            async with self._pool.connection() as connection:
                await records.store_manifest(connection, project, submission.import_id, manifest)

        def tell(done: int, total: int) -> None:
            beat.done, beat.total = done, total

        zotero = self._upstreams.zotero
        api = zotero.open(project, library.library, library.credential)
        wanted = WantedItems(library.collection, choice_of(submission))
        try:
            staging = Staging(self._blobs, project, api, wanted, zotero.most_bytes, remember, tell)
            staged = await staging.stage(before)
        finally:
            await api.close()
        return Staged(manifest=staged.manifest, files=staged.files, bytes=staged.bytes)

    async def _before(self, submission: Submission) -> str | None:
        """What the source was staged as the last time; in a space, whose files are its project's, maybe there."""
        async with self._pool.connection() as connection:
            for project in (submission.project, home_of(submission.project)):
                if manifest := await records.last_manifest(connection, project, submission.source_key):
                    return manifest
        return None

    async def _staged(self, submission: Submission, import_id: str) -> Staged | None:
        """As what an earlier import of the source was staged, if it came so far."""
        async with self._pool.connection() as connection:
            manifest = await records.manifest_of(connection, submission.project, import_id)
            planned = await planning.is_planned(connection, submission.project, import_id)
        if submission.library:
            return Staged(manifest=manifest, files=0, bytes=0) if planned else None
        if not manifest:
            return None
        return _staged_repository(manifest, read_snapshot(await self._blobs.read(submission.project, manifest)))


def choice_of(submission: Submission) -> Choice:
    return Choice(**submission.choice.model_dump()) if submission.choice else Choice()


def _staged_repository(manifest: str, snapshot: Snapshot) -> Staged:
    files = [entry for entry in snapshot.entries if entry.sha256]
    return Staged(
        manifest=manifest,
        files=len(files),
        bytes=sum(file.size for file in files),
        revision=Revision(commit=snapshot.head.commit, name=snapshot.head.branch),
    )
