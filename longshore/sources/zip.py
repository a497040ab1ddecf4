"""An untrusted zip, read as a stream: its names never become paths, and what it says of sizes is not believed."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import IO

from longshore.errors import InvalidSource
from longshore.sources.paths import canonical

MAX_ENTRIES = 20_000
MAX_BYTES = 5 << 30
MAX_ENTRY_BYTES = 2 << 30
MAX_RATIO = 200
_RATIO_FROM = 16 << 20
"""A short file may compress better than any bomb."""
_MAX_DIRECTORY_BYTES = 16 << 20
_CHUNK = 1 << 20
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"


def unpack(
    path: Path, on_skip: Callable[[str, str], None] | None = None, *, called: str | None = None
) -> Generator[tuple[str, Iterator[bytes]]]:
    """The files of a zipped Zotero export: the RDF first, the others by name, each as a stream of bytes.

    Names are relative to the folder that holds the RDF; what lies outside it, symbolic links and the droppings of
    macOS are left out, and `on_skip` hears the name and the reason. Take each stream before the next file.

    Args:
        called: What a person knows the archive as, if not by its file's name.

    Raises:
        InvalidSource: `unreadable_file`, `zip_corrupt`, `zip_encrypted`, `zip_unsafe`, `zip_too_large`, `zip_bomb`,
            `no_rdf`, `several_rdf`.
    """
    title = called or path.name

    def library(entries: dict[str, zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
        rdf = _rdf_of(entries, title)
        base = rdf.rpartition("/")[0]
        for name in (rdf, *sorted(entries.keys() - {rdf})):
            if not base or name.startswith(f"{base}/"):
                yield name, name.removeprefix(f"{base}/")
            elif on_skip:
                on_skip(name, "it lies outside the folder of the RDF")

    yield from _unpack(path, on_skip, called, library)


def unpack_files(
    path: Path, on_skip: Callable[[str, str], None] | None = None, *, called: str | None = None
) -> Generator[tuple[str, Iterator[bytes]]]:
    """All files of a zip by name, each as a stream of bytes; archives in it are files like others.

    Otherwise as `unpack`.

    Raises:
        InvalidSource: as `unpack` does, but for what it says of RDF files.
    """
    yield from _unpack(path, on_skip, called, lambda entries: zip(sorted(entries), sorted(entries), strict=True))


def holds_rdf(path: Path) -> bool:
    """Whether a zip seems to be an export of a library.

    Raises:
        InvalidSource: as `unpack_files` does.
    """
    return any(name.lower().endswith(".rdf") for name, _ in unpack_files(path))


def _unpack(
    path: Path,
    on_skip: Callable[[str, str], None] | None,
    called: str | None,
    choose: Callable[[dict[str, zipfile.ZipInfo]], Iterable[tuple[str, str]]],
) -> Generator[tuple[str, Iterator[bytes]]]:
    """The chosen entries, each under the name that goes with it."""
    title = called or path.name
    try:
        with path.open("rb") as file, _open(file, title) as archive:
            entries = _entries(archive, title, on_skip or (lambda name, reason: None))
            budget = _Budget(title)
            for entry, name in choose(entries):
                yield name, _read(archive, entries[entry], title, budget)
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise InvalidSource(
            "unreadable_file", f"{called or path} cannot be read: {reason}.", "Check its permissions."
        ) from error


class _Budget:
    """What the archive may still unfold to, counted on real bytes."""

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._total = 0

    def take(self, entry: zipfile.ZipInfo, produced: int, chunk: int) -> None:
        self._total += chunk
        if self._total > MAX_BYTES or produced > MAX_ENTRY_BYTES:
            raise InvalidSource(
                "zip_too_large",
                f"{self._archive} unfolds to more than {MAX_BYTES >> 30} GiB, or one file in it to more than "
                f"{MAX_ENTRY_BYTES >> 30} GiB.",
                "Unpack it and import the folder instead.",
            )
        if produced > _RATIO_FROM and produced > MAX_RATIO * max(entry.compress_size, 1):
            raise InvalidSource(
                "zip_bomb",
                f"{self._archive} holds a file that unfolds to more than {MAX_RATIO} times its size.",
                "No export of a library does. Make a new zip from the folder that Zotero wrote.",
            )


def _open(file: IO[bytes], name: str) -> zipfile.ZipFile:
    try:
        if _directory_bytes(file) > _MAX_DIRECTORY_BYTES:
            raise _too_many(name)
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, struct.error, ValueError) as error:
        raise _corrupt(name) from error
    if len(archive.filelist) > MAX_ENTRIES:
        raise _too_many(name)
    return archive


def _directory_bytes(file: IO[bytes]) -> int:
    """The size that the archive gives for its directory, which `zipfile` would read into memory as a whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0:
        raise zipfile.BadZipFile
    (directory,) = struct.unpack_from("<I", tail, end + 12)
    end64 = end - 20 - 56
    if end64 >= 0 and tail[end64 : end64 + 4] == _END64:
        (directory,) = struct.unpack_from("<Q", tail, end64 + 40)
    return int(directory)


def _entries(
    archive: zipfile.ZipFile, archive_name: str, on_skip: Callable[[str, str], None]
) -> dict[str, zipfile.ZipInfo]:
    """The files by canonical name.

    Overlapping entries are how the densest bombs are made, and of two entries with one name nobody knows which counts.
    """
    files = [entry for entry in archive.filelist if not entry.is_dir()]
    end = 0
    for entry in sorted(files, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise _unsafe(archive_name, "entries overlap")
        end = entry.header_offset + 30 + entry.compress_size
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in files:
        name = _name(entry)
        clean = canonical(name)
        if clean is None:
            raise _unsafe(archive_name, f"the name {name!r} leads outside of it")
        last = clean.rpartition("/")[2]
        if clean.startswith("__MACOSX/") or last == ".DS_Store" or last.startswith("._"):
            continue
        if stat.S_ISLNK(entry.external_attr >> 16):
            on_skip(clean, "it is a symbolic link")
            continue
        if clean in found:
            raise _unsafe(archive_name, f"the name {clean!r} occurs twice")
        found[clean] = entry
    return found


def _name(entry: zipfile.ZipInfo) -> str:
    """Archivers of macOS write UTF-8, and Korean Windows CP949, without saying so; `zipfile` then reads CP437."""
    if entry.flag_bits & 0x800:
        return entry.filename
    raw = entry.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename


def _rdf_of(entries: dict[str, zipfile.ZipInfo], archive_name: str) -> str:
    """The outermost RDF: an attachment may be one too."""
    found = [name for name in entries if name.lower().endswith(".rdf")]
    depths = Counter(name.count("/") for name in found)
    if not found:
        raise InvalidSource(
            "no_rdf",
            f"{archive_name} holds no .rdf file.",
            "Zip the whole folder that Zotero's export wrote: the .rdf and the folder files beside it.",
        )
    outermost = [name for name in found if name.count("/") == min(depths)]
    if len(outermost) > 1:
        raise InvalidSource(
            "several_rdf",
            f"{archive_name} holds several libraries: {', '.join(sorted(outermost)[:5])}.",
            "Make one zip for each, and import them one by one.",
        )
    return outermost[0]


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, archive_name: str, budget: _Budget) -> Iterator[bytes]:
    if entry.flag_bits & 0x1:
        raise InvalidSource(
            "zip_encrypted", f"{archive_name} is protected by a password.", "Make a zip without a password."
        )
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The others unfold a whole block at once, however large, before a byte can be counted.
        raise _unsafe(archive_name, "it is packed by a method other than deflate")
    produced = 0
    try:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                produced += len(chunk)
                budget.take(entry, produced, len(chunk))
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise _corrupt(archive_name) from error


def _too_many(name: str) -> InvalidSource:
    return InvalidSource(
        "zip_too_large", f"{name} holds more than {MAX_ENTRIES} files.", "Unpack it and import the folder instead."
    )


def _unsafe(name: str, reason: str) -> InvalidSource:
    return InvalidSource(
        "zip_unsafe",
        f"{name} is not a plain archive: {reason}.",
        "Make a new zip from the folder that Zotero's export wrote.",
    )


def _corrupt(name: str) -> InvalidSource:
    return InvalidSource(
        "zip_corrupt",
        f"{name} is damaged, cut off, or not a zip that can be read.",
        "Make the zip again; if it was copied or downloaded, check that it is complete.",
    )
