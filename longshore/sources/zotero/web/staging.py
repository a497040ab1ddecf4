"""A library brought into the blob store: what has changed of it, and the files of the items that are to be read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from longshore.blobs import BlobStore
from longshore.errors import LongshoreError
from longshore.sources.choosing import Choice
from longshore.sources.parcel import Parcel
from longshore.sources.zotero.web.client import ZoteroApi
from longshore.sources.zotero.web.downloading import NotToBeHad, download
from longshore.sources.zotero.web.items import STORED
from longshore.sources.zotero.web.library import WebLibrary
from longshore.sources.zotero.web.mirror import RULES, Brought, Entry, Head, Mirror
from longshore.sources.zotero.web.syncing import bring_up_to_date

CHECKPOINT_S = 60.0
"""How much of the fetching a kill may cost."""
_AT_ONCE = 1000


@dataclass(frozen=True)
class Wanted:
    """What to read of a library."""

    collection: str | None = None
    choice: Choice = field(default_factory=Choice)


@dataclass(frozen=True)
class StagedLibrary:
    """`manifest` is the SHA-256 of the mirror; `files` and `bytes` count those of the items to be read."""

    manifest: str
    files: int
    bytes: int


@dataclass
class Staging:
    """One attempt to bring a library in.

    Args:
        remember: Is given the SHA-256 of an unfinished mirror, for the next attempt to go on from.
        most_bytes: Of one file.
    """

    blobs: BlobStore
    project: str
    api: ZoteroApi
    wanted: Wanted
    most_bytes: int
    remember: Callable[[str], Awaitable[None]]

    async def stage(self, before: str | None) -> StagedLibrary:
        """Fetch what is not there yet.

        Args:
            before: SHA-256 of what an earlier import of the same source was staged as, or an earlier attempt left.

        Raises:
            InvalidSource, LongshoreError: as the methods of `ZoteroApi` do.
        """
        mirror = await self._known(before)
        due = _clock() + CHECKPOINT_S

        async def reached() -> None:
            nonlocal due
            if _clock() >= due:
                await self._remember(mirror)
                due = _clock() + CHECKPOINT_S

        try:
            await bring_up_to_date(self.api, mirror, reached)
            files, size = await self._bring_files(mirror, reached)
        except LongshoreError:
            await self._remember(mirror)
            raise
        manifest = before if before and not mirror.changed else await self._keep(mirror)
        return StagedLibrary(manifest, files, size)

    async def _bring_files(self, mirror: Mirror, reached: Callable[[], Awaitable[None]]) -> tuple[int, int]:
        files = size = 0
        chosen = await asyncio.to_thread(self._attachments, mirror)
        lost = await self._lost(chosen)
        for entry in chosen:
            brought = entry.file
            if brought is None or brought.of != _version_of_file(entry) or brought.sha256 in lost:
                brought = await self._bring(entry)
                mirror.put(entry.model_copy(update={"file": brought}))
                await reached()
            if brought.sha256:
                files, size = files + 1, size + brought.size
        return files, size

    def _attachments(self, mirror: Mirror) -> list[Entry]:
        """Those of the items to be read whose files Zotero keeps."""
        shelved = WebLibrary(mirror, self.wanted.collection).shelved()
        found = [entry for one in shelved if self.wanted.choice.takes(one.item) for entry in one.attachments]
        return [entry for entry in found if entry.data.get("linkMode") in STORED]

    async def _lost(self, entries: list[Entry]) -> set[str]:
        """The files that were brought once and are not kept any more."""
        kept = sorted({entry.file.sha256 for entry in entries if entry.file and entry.file.sha256})
        lost: set[str] = set()
        for start in range(0, len(kept), _AT_ONCE):
            lost.update(await self.blobs.missing(self.project, kept[start : start + _AT_ONCE]))
        return lost

    async def _bring(self, entry: Entry) -> Brought:
        of = _version_of_file(entry)
        try:
            with await download(self.api, entry.key, str(entry.data.get("filename", "")), self.most_bytes) as parcel:
                return Brought(of=of, sha256=await parcel.keep(self.blobs, self.project), size=parcel.size)
        except NotToBeHad as reason:
            return Brought(of=of, missing=reason.code)

    async def _known(self, before: str | None) -> Mirror:
        """The mirror to go on from: an empty one where there is none, or none of this library."""
        fresh = Mirror(Head(library=self.api.library, api=self.api.base_url))
        if before is None:
            return fresh
        try:
            async with self.blobs.local_path(self.project, before) as path:
                mirror = await asyncio.to_thread(Mirror.read, path)
        except LongshoreError:
            return fresh
        head = mirror.head
        same = (head.library, head.api, head.rules) == (fresh.head.library, fresh.head.api, RULES)
        return mirror if same else fresh

    async def _remember(self, mirror: Mirror) -> None:
        if mirror.changed:
            await self.remember(await self._keep(mirror))

    async def _keep(self, mirror: Mirror) -> str:
        with Parcel() as parcel:
            await asyncio.to_thread(_write, mirror, parcel)
            return await parcel.keep(self.blobs, self.project)


def _write(mirror: Mirror, parcel: Parcel) -> None:
    for line in mirror.lines():
        parcel.write(line)


def _version_of_file(entry: Entry) -> str:
    return str(entry.data.get("md5") or entry.version)


def _clock() -> float:
    return asyncio.get_running_loop().time()
