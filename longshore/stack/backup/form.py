"""What a backup consists of, and how it is written and read: as one tar file, or as a folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from longshore.errors import StackError

FORMAT = 1
HEADER, MANIFEST = "backup.json", "manifest.json"
TEMPORAL, DATABASE, FILE_LIST = "temporal.db", "database.dump", "files.list"
HOME, FILES = "home/", "files/"
TAR = ".tar"

_PIECE = 1024 * 1024
_Model = TypeVar("_Model", bound=BaseModel)
_NAME = re.compile(
    r"[\w.-]+\.(?:json|db|dump|list)|home/[^\0]+|files/[a-z0-9-]{1,63}/(?:aside/)?[0-9a-f]{2}/[0-9a-f]{64}"
)


class Header(BaseModel):
    """What stands first in a backup: who made it, and of what."""

    format: int = FORMAT
    longshore: str
    temporal: str
    """Version of the server that kept the runs."""
    postgres: int
    """Major version of the server that was dumped; any later one can restore it."""
    migrations: Mapping[int, str]
    """Number and checksum of those that the database had seen."""
    began_at: datetime


class Entry(BaseModel):
    sha256: str
    size: int


class Manifest(BaseModel):
    """What stands last: a backup without it is not complete."""

    entries: Mapping[str, Entry]
    """All but the files that were brought, which are named by their digest and listed in `files.list`."""
    files: int
    bytes: int
    """Of the files that were brought."""
    damaged: list[str]
    """Files that were not what their name says when they were copied."""
    ended_at: datetime


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Digesting:
    """A reader that knows the SHA-256 of what went through it."""

    def __init__(self, source: Readable) -> None:
        self._source, self._digest, self.size = source, hashlib.sha256(), 0

    def read(self, size: int = -1, /) -> bytes:
        piece = self._source.read(size)
        self._digest.update(piece)
        self.size += len(piece)
        return piece

    def sha256(self) -> str:
        return self._digest.hexdigest()


class Writer(Protocol):
    def add(self, name: str, size: int, content: Readable) -> None: ...

    def close(self) -> None: ...


class FolderWriter:
    """Files in a folder that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700)

    def add(self, name: str, size: int, content: Readable) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(path, "xb", opener=_private) as file:
            shutil.copyfileobj(content, file, _PIECE)

    def close(self) -> None:
        os.sync()


class TarWriter:
    """A tar file that only its owner can read."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600, exist_ok=False)
        self._tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - `close` closes it

    def add(self, name: str, size: int, content: Readable) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, content)

    def close(self) -> None:
        self._tar.close()
        os.sync()


class _Legible:
    """Content of a backup; what keeps it from being read is said of the backup."""

    def __init__(self, backup: Path, content: IO[bytes]) -> None:
        self._backup, self._content = backup, content

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._content.read(size)
        except (OSError, tarfile.TarError, EOFError) as error:
            raise _illegible(self._backup, error) from error


def read_entries(backup: Path) -> Iterator[tuple[str, Readable]]:
    """Name and content of everything in a backup, one after the other.

    Raises:
        StackError: `backup_invalid`.
    """
    entries = _folder_entries(backup) if backup.is_dir() else _tar_entries(backup)
    while True:
        try:
            name, content = next(entries)
        except StopIteration:
            return
        except (OSError, tarfile.TarError, EOFError) as error:
            raise _illegible(backup, error) from error
        yield name, _Legible(backup, content)


def read_header(backup: Path) -> Header:
    """What a backup says of itself.

    Raises:
        StackError: `backup_invalid`.
    """
    for name, content in read_entries(backup):
        if name == HEADER:
            return read_model(backup, Header, content)
        if not backup.is_dir():
            break
    raise invalid(backup, f"it does not begin with {HEADER}")


def read_model(backup: Path, model: type[_Model], content: Readable) -> _Model:
    """Raises StackError, `backup_invalid`, where it is not what this version or an older one writes."""
    try:
        return model.model_validate_json(content.read())
    except ValidationError as error:
        raise invalid(backup, f"its {model.__name__.lower()} cannot be understood") from error


def invalid(backup: Path, why: str) -> StackError:
    return StackError(
        "backup_invalid", f"{backup} is not a whole backup of Longshore: {why}.", "Use another one, or copy it again."
    )


def _illegible(backup: Path, error: Exception) -> StackError:
    return invalid(backup, f"it cannot be read ({error})")


def _folder_entries(backup: Path) -> Iterator[tuple[str, IO[bytes]]]:
    for path in sorted(backup.rglob("*")):
        if path.is_file():
            with path.open("rb") as content:
                yield _checked(backup, path.relative_to(backup).as_posix()), content


def _tar_entries(backup: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(backup, "r|") as tar:
        for entry in tar:
            content = tar.extractfile(entry) if entry.isreg() else None
            if content is None:
                raise invalid(backup, f"{entry.name!r} is not a file")
            yield _checked(backup, entry.name), content


def _checked(backup: Path, name: str) -> str:
    if not _NAME.fullmatch(name) or ".." in Path(name).parts:
        raise invalid(backup, f"{name!r} has no place in one")
    return name


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
