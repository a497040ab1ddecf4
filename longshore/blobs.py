"""Content-addressed files: what was brought, kept under its SHA-256 within its project.

A file that seems to be needed no longer is set aside before it is deleted: whoever asks for it finds it and thereby
brings it back. So nobody is told that a file is there and then does not find it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, from_url

from longshore.errors import LongshoreError
from longshore.ids import home_of

_PART_BYTES = 1024 * 1024
_CONCURRENT_LOOKUPS = 32
_DELETED_AT_ONCE = 1000
_LISTED_AT_ONCE = 500
_ABSENT = (NotFoundError, FileNotFoundError)
_ASIDE = "aside"
_DAMAGED = "damaged"
_KEY = re.compile(rf"[^/]+/(?P<aside>{_ASIDE}/)?[0-9a-f]{{2}}/(?P<sha256>[0-9a-f]{{64}})")
_REMNANT = re.compile(r"[0-9a-f]{64}#\d+")
"""What an upload is called in a folder until all of it has arrived."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store. `changed_at` is when it was brought, or set aside; `size` in bytes."""

    sha256: str
    size: int
    changed_at: datetime
    aside: bool


class BlobStore:
    """A folder, or any object store that obstore reaches.

    Args:
        url: A folder's path, or an s3://, gs:// or az:// URL.
    """

    def __init__(self, url: str) -> None:
        self._folder = None if "://" in url else Path(url)
        self._store = LocalStore(self._folder, mkdir=True) if self._folder else from_url(url)

    async def put(self, project: str, sha256: str, content: AsyncIterable[bytes]) -> int:
        """Store a stream; nothing appears unless all of it arrived and is what it claims to be.

        Returns:
            Size in bytes.

        Raises:
            LongshoreError: `digest_mismatch`, or `no_disk_space`.
        """
        digest, size = hashlib.sha256(), 0

        async def verified() -> AsyncIterator[bytes]:
            nonlocal size
            pending = bytearray()
            async for piece in content:
                digest.update(piece)
                size += len(piece)
                pending += piece
                if len(pending) >= _PART_BYTES:
                    yield bytes(pending)
                    pending.clear()
            if digest.hexdigest() != sha256:
                raise LongshoreError(
                    "digest_mismatch", f"the content's SHA-256 is {digest.hexdigest()}, not {sha256}", "Send it again."
                )
            yield bytes(pending)

        try:
            await obstore.put_async(self._store, _key(project, sha256), verified(), chunk_size=_PART_BYTES)
        except Exception as error:
            raise _explained(error) from error
        return size

    async def put_bytes(self, project: str, data: bytes) -> str:
        """Store bytes that are already in memory; returns their SHA-256 in hex."""
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            await obstore.put_async(self._store, _key(project, sha256), data)
        except Exception as error:
            raise _explained(error) from error
        return sha256

    async def missing(self, project: str, sha256s: Sequence[str]) -> list[str]:
        """Those of the digests that the store lacks, in the order given."""
        gate = asyncio.Semaphore(_CONCURRENT_LOOKUPS)

        async def lacks(sha256: str) -> bool:
            async with gate:
                try:
                    await obstore.head_async(self._store, _key(project, sha256))
                except _ABSENT:
                    return not await self._bring_back(project, sha256)
                return False

        answers = await asyncio.gather(*(lacks(sha256) for sha256 in sha256s))
        return [sha256 for sha256, absent in zip(sha256s, answers, strict=True) if absent]

    async def read(self, project: str, sha256: str) -> bytes:
        """All of a small blob.

        Raises:
            LongshoreError: `blob_missing`.
        """
        return b"".join([piece async for piece in self.stream(project, sha256)])

    async def head(self, project: str, sha256: str, octets: int) -> bytes:
        """The first bytes of a blob that is not empty.

        Raises:
            LongshoreError: `blob_missing`.
        """
        try:
            return bytes(await obstore.get_range_async(self._store, _key(project, sha256), start=0, length=octets))
        except _ABSENT as error:
            raise _missing(sha256) from error

    async def stream(self, project: str, sha256: str) -> AsyncIterator[bytes]:
        """A blob in pieces of about a megabyte.

        Raises:
            LongshoreError: `blob_missing`.
        """
        try:
            found = await obstore.get_async(self._store, _key(project, sha256))
        except _ABSENT:
            await self._bring_back(project, sha256)
            try:
                found = await obstore.get_async(self._store, _key(project, sha256))
            except _ABSENT as error:
                raise _missing(sha256) from error
        async for piece in found.stream(min_chunk_size=_PART_BYTES):
            yield bytes(piece)

    @asynccontextmanager
    async def local_path(self, project: str, sha256: str) -> AsyncIterator[Path]:
        """A readable file with the blob's content: the stored one, or a temporary copy of a remote one.

        Raises:
            LongshoreError: `blob_missing`.
        """
        if self._folder:
            path = self._folder / _key(project, sha256)
            if not path.is_file():
                await self._bring_back(project, sha256)
                if not path.is_file():
                    raise _missing(sha256)
            yield path
            return
        with tempfile.NamedTemporaryFile(prefix="longshore-") as copy:
            async for piece in self.stream(project, sha256):
                copy.write(piece)
            copy.flush()
            yield Path(copy.name)

    async def usage(self, project: str) -> tuple[int, int]:
        """How many files a project has, and their size in bytes."""
        files = size = 0
        async for page in obstore.list(self._store, prefix=project):
            files += len(page)
            size += sum(entry["size"] for entry in page)
        return files, size

    async def delete_all(self, project: str) -> AsyncIterator[int]:
        """Delete everything of a project, and yield how many files each step took."""
        async for page in obstore.list(self._store, prefix=project, chunk_size=_DELETED_AT_ONCE):
            paths = [entry["path"] for entry in page]
            await obstore.delete_async(self._store, paths)
            yield len(paths)

    async def projects(self) -> list[str]:
        """Those that have files, whether or not anything was imported into them."""
        listed = await obstore.list_with_delimiter_async(self._store)
        return sorted(listed["common_prefixes"])

    async def stored(self, project: str) -> AsyncIterator[list[StoredFile]]:
        """All files of a project, a page at a time, in no order; also those that are set aside."""
        async for page in obstore.list(self._store, prefix=project, chunk_size=_LISTED_AT_ONCE):
            matched = [(_KEY.fullmatch(entry["path"]), entry) for entry in page]
            yield [
                StoredFile(match["sha256"], entry["size"], entry["last_modified"], bool(match["aside"]))
                for match, entry in matched
                if match
            ]

    async def digest(self, project: str, file: StoredFile) -> str:
        """SHA-256 in hex of what is stored, which is the file's name unless the disk has damaged it.

        Raises:
            LongshoreError: `blob_missing`, where the file has been moved or deleted meanwhile.
        """
        found = hashlib.sha256()
        try:
            content = await obstore.get_async(self._store, _key(project, file.sha256, file.aside))
            async for piece in content.stream(min_chunk_size=_PART_BYTES):
                found.update(piece)
        except _ABSENT as error:
            raise _missing(file.sha256) from error
        return found.hexdigest()

    async def put_away_damaged(self, project: str, file: StoredFile) -> None:
        """Move a file that is not what its name says out of the way, so that it is asked for and brought again."""
        await self._move(_key(project, file.sha256, file.aside), f"{project}/{_DAMAGED}/{file.sha256}")

    def remnants(self, project: str, before: datetime) -> list[Path]:
        """What uploads that were broken off have left in a folder, and what has not grown since then."""
        return list(_remnants(self._folder / project, before)) if self._folder else []

    async def set_aside(self, project: str, sha256s: Iterable[str]) -> None:
        """Move files to where they are kept until they are deleted, or asked for."""

        async def set_one(sha256: str) -> None:
            if self._folder:
                # Before it is moved: were it killed in between, the file would only look newer than it is.
                with suppress(FileNotFoundError):
                    os.utime(self._folder / _key(project, sha256))
            await self._move(_key(project, sha256), _key(project, sha256, aside=True))

        await _some_at_once(set_one(sha256) for sha256 in sha256s)

    async def bring_back(self, project: str, sha256s: Iterable[str]) -> None:
        """Put files that were set aside where they were."""

        async def bring_one(sha256: str) -> None:
            await self._bring_back(project, sha256)

        await _some_at_once(bring_one(sha256) for sha256 in sha256s)

    async def delete_aside(self, project: str, sha256s: Iterable[str]) -> None:
        """Delete files that are set aside; one that was brought back meanwhile stays."""

        async def delete_one(sha256: str) -> None:
            with suppress(*_ABSENT):
                await obstore.delete_async(self._store, _key(project, sha256, aside=True))

        await _some_at_once(delete_one(sha256) for sha256 in sha256s)

    async def delete_remnants(self, project: str, before: datetime) -> int:
        """Delete what uploads that were broken off have left in a folder; other stores have rules for that.

        Args:
            before: Only what has not grown since then.

        Returns:
            How many there were.
        """
        return await asyncio.to_thread(_delete_remnants, self._folder / project, before) if self._folder else 0

    async def _bring_back(self, project: str, sha256: str) -> bool:
        return await self._move(_key(project, sha256, aside=True), _key(project, sha256))

    async def _move(self, source: str, target: str) -> bool:
        """Whether there was something to move."""
        try:
            await obstore.rename_async(self._store, source, target)
        except _ABSENT:
            return False
        return True


async def _some_at_once(steps: Iterable[Coroutine[Any, Any, None]]) -> None:
    gate = asyncio.Semaphore(_CONCURRENT_LOOKUPS)

    async def run(step: Coroutine[Any, Any, None]) -> None:
        async with gate:
            await step

    await asyncio.gather(*(run(step) for step in steps))


def _delete_remnants(folder: Path, before: datetime) -> int:
    deleted = 0
    for path in _remnants(folder, before):
        with suppress(FileNotFoundError):
            path.unlink()
            deleted += 1
    return deleted


def _remnants(folder: Path, before: datetime) -> Iterator[Path]:
    for path in folder.rglob("*#*"):
        with suppress(FileNotFoundError):
            if _REMNANT.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                yield path


def _key(project: str, sha256: str, aside: bool = False) -> str:
    """A space has no files of its own: those of the project beside which it lies are its files."""
    home = home_of(project)
    return f"{home}/{_ASIDE}/{sha256[:2]}/{sha256}" if aside else f"{home}/{sha256[:2]}/{sha256}"


def _missing(sha256: str) -> LongshoreError:
    return LongshoreError("blob_missing", f"the file with SHA-256 {sha256} is not in the store", "Upload it again.")


def _explained(error: Exception) -> Exception:
    if isinstance(error, LongshoreError):
        return error
    if "No space left on device" in str(error) or "os error 28" in str(error):
        return LongshoreError(
            "no_disk_space", "the blob store has no space left", "Free some space, then send the file again."
        )
    return error
