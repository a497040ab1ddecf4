"""A library brought into the blob store: what has changed of it, and the files of the items that are to be read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

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
_FORBIDDEN = Brought(of="", missing="forbidden_file")
"""Of no version, so that it is asked for again the next time: another key may be let in."""


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


class _File(NamedTuple):
    """An attachment's key, what tells this version of its file from others, and what became of an earlier one."""

    key: str
    of: str
    before: Brought | None


@dataclass
class Staging:
    """One attempt to bring a library in.

    Args:
        most_bytes: Of one file.
        remember: Is given the SHA-256 of an unfinished mirror, for the next attempt to go on from.
        tell: Is told how many files are there, and of how many.
    """

    blobs: BlobStore
    project: str
    api: ZoteroApi
    wanted: Wanted
    most_bytes: int
    remember: Callable[[str], Awaitable[None]]
    tell: Callable[[int, int], None]

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
        due = await asyncio.to_thread(self._files, mirror)
        lost = await self._lost(due)
        forbidden = False
        for number, (key, of, before) in enumerate(due):
            self.tell(number, len(due))
            brought = before
            if brought is None or brought.of != of or brought.sha256 in lost:
                # Who may read a library's files is settled for all of them.
                brought = _FORBIDDEN if forbidden else await self._bring(mirror.get(key), of)
                forbidden = brought == _FORBIDDEN
            if brought != before:
                mirror.put(mirror.get(key).model_copy(update={"file": brought}))
                await reached()
            if brought.sha256:
                files, size = files + 1, size + brought.size
        return files, size

    def _files(self, mirror: Mirror) -> list[_File]:
        """Those of the items to be read that Zotero keeps."""
        shelved = WebLibrary(mirror, self.wanted.collection).shelved()
        found = (entry for one in shelved if self.wanted.choice.takes(one.item) for entry in one.attachments)
        return [
            _File(entry.key, str(entry.data.get("md5") or entry.version), entry.file)
            for entry in found
            if entry.data.get("linkMode") in STORED
        ]

    async def _lost(self, files: list[_File]) -> set[str]:
        """Those that were brought once and are not kept any more."""
        kept = sorted({file.before.sha256 for file in files if file.before and file.before.sha256})
        lost: set[str] = set()
        for start in range(0, len(kept), _AT_ONCE):
            lost.update(await self.blobs.missing(self.project, kept[start : start + _AT_ONCE]))
        return lost

    async def _bring(self, entry: Entry, of: str) -> Brought:
        try:
            with await download(self.api, entry.key, str(entry.data.get("filename", "")), self.most_bytes) as parcel:
                return Brought(of=of, sha256=await parcel.keep(self.blobs, self.project), size=parcel.size)
        except NotToBeHad as reason:
            return _FORBIDDEN if reason.code == "forbidden_file" else Brought(of=of, missing=reason.code)

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


def _clock() -> float:
    return asyncio.get_running_loop().time()
