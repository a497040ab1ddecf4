"""What there is to bring of a source on this machine, and the manifest that lists it."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydantic import ValidationError

from longshore.errors import InvalidSource
from longshore.sources.bibliography import Bibliography, is_bibliography
from longshore.sources.bibliography.library import may_be_main
from longshore.sources.files import is_debris
from longshore.sources.further import further_kinds, kind_of, open_further
from longshore.sources.model import FileRef
from longshore.sources.paths import canonical, spellings
from longshore.sources.zip import holds_rdf, unpack, unpack_files
from longshore.sources.zotero import ZoteroLibrary

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class LocalFile:
    """`path` is its name in the source, `local` where it lies on this machine, `size` in bytes."""

    path: str
    local: Path
    size: int


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A source as it lies on this machine. `name` is what it is called unless the user says otherwise."""

    kind: str
    """One of `Kind`, or one that another package brings."""
    name: str
    files: tuple[LocalFile, ...]
    """Sorted by path."""
    absent: tuple[str, ...] = ()
    """Paths of the files that it names and does not have; a zip is not looked through for them."""


def scan(path: Path) -> LocalSource:
    """Finds what there is: a Zotero export, which is an `.rdf`, the folder that holds one, or a zip of that folder;
    a bibliography, which is a `.bib`, `.ris` or CSL `.json` that is named itself; what another package reads a source
    from; and whatever else lies in a folder, in a zip, or alone, as files.

    Of an export's folder, or that of another file which names some, only the files that it names are brought. Nothing
    that lies outside of the folder is brought, nor what is hidden or what the system keeps for itself.

    Raises:
        InvalidSource: `path_not_found`, `several_rdf`, `no_files`, `unreadable_file`, and what `ZoteroLibrary`,
            `Bibliography` and `unpack` refuse.
    """
    path = path.expanduser().absolute()
    try:
        if path.is_dir():
            return _scan_library(_rdf_in(path), path.resolve().name) if _rdfs_in(path) else _scan_folder(path)
        if path.is_file():
            return _scan_file(path)
    except OSError as error:
        raise _unreadable(Path(error.filename or path), error, "Check its permissions, and those above it.") from error
    if path.exists():
        raise InvalidSource("unreadable_file", f"{path} is neither a file nor a folder.", "Name a Zotero export.")
    raise InvalidSource("path_not_found", f"{path} does not exist.", "Check the spelling.")


def item_keys(kind: str, path: Path, files: Iterable[FileRef], limit: int) -> list[str]:
    """Keys of the first items of what `scan` found, as an import gives them.

    The files in a zip are not looked at, so items that only their files tell apart have other keys here.

    Raises:
        InvalidSource: as `scan` does.
    """
    path = path.expanduser().absolute()
    if kind == "files":
        paths = [name for name, _ in unpack_files(path)] if _is_archive(path) else [file.path for file in files]
        return [name for name in sorted(paths) if not is_debris(name)][:limit]
    if kind == "bibliography":
        entries = Bibliography(path, {file.path: file for file in files}).items()
        return list(islice((entry.key for entry in entries if not entry.refusal), limit))
    if kind in further_kinds():
        source = open_further(kind, path, {file.path: file for file in files})
        return [item.key for item in islice(source.items(), limit)]
    with _rdf_of_zip(path) if path.is_file() and _is_archive(path) else nullcontext(path) as found:
        rdf = _rdf_in(found) if found.is_dir() else found
        library = ZoteroLibrary(rdf, {file.path: file for file in files})
        return [item.key for item in islice(library.items(), limit)]


def hash_files(files: Iterable[LocalFile], progress: Callable[[int], None] | None = None) -> tuple[FileRef, ...]:
    """Reads every file once; `progress` is called with the number of bytes read since its last call.

    Raises:
        InvalidSource: `unreadable_file`, naming the file.
    """
    return tuple(_hash(file, progress or (lambda _: None)) for file in sorted(files, key=lambda file: file.path))


def write_manifest(files: Iterable[FileRef]) -> bytes:
    """JSON Lines, one object for each file, sorted by path: equal files give equal bytes."""
    return b"".join(file.model_dump_json().encode() + b"\n" for file in sorted(files, key=lambda file: file.path))


def read_manifest(data: bytes) -> tuple[FileRef, ...]:
    """Raises: InvalidSource `bad_manifest`: it was not written by `write_manifest`."""
    try:
        files = tuple(FileRef.model_validate_json(line) for line in data.splitlines())
    except ValidationError as error:
        raise _bad_manifest("a line is not a file's path, sha256 and size") from error
    for file in files:
        if file.path != canonical(file.path):
            raise _bad_manifest(f"the path {file.path!r} is not a plain relative path")
        if len(file.sha256) != 64 or not set(file.sha256) <= set("0123456789abcdef") or file.size < 0:
            raise _bad_manifest(f"the digest or size of {file.path!r} is impossible")
    if len({file.path for file in files}) < len(files):
        raise _bad_manifest("a path occurs twice")
    return files


def main_file(files: Iterable[FileRef]) -> FileRef:
    """The file that a source is opened by: the one `.rdf` or `.zip` that lies in no folder.

    Raises:
        InvalidSource: `no_rdf`, `several_rdf`.
    """
    outermost = {file.path: file for file in files if "/" not in file.path}
    return outermost[_one([path for path in outermost if path.lower().endswith((".rdf", ".zip"))], "The upload")]


def _scan_library(rdf: Path, folder_name: str) -> LocalSource:
    library = ZoteroLibrary(rdf, {})
    base = rdf.parent
    found, absent = {rdf.name: rdf}, []
    for named in library.referenced_files:
        for spelling in spellings(named):
            if local := _locate(base, spelling):
                found.setdefault(spelling, local)
                break
        else:
            absent.append(named)
    return LocalSource("zotero", library.title or folder_name, _local_files(found), tuple(absent))


def _scan_bibliography(main: Path) -> LocalSource:
    # Among what is brought, the bibliography is told by its name.
    named = {
        name: [place for place in places if not (may_be_main(place) or is_debris(place))]
        for name, places in Bibliography(main, {}).named_files.items()
    }
    return _with_named("bibliography", main, named)


def _scan_further(kind: str, main: Path) -> LocalSource:
    """Of the files that it names, those whose paths are plain: what leads elsewhere is not brought."""
    attachments = (attachment for item in open_further(kind, main, {}).items() for attachment in item.attachments)
    named = {
        path: [path] if canonical(path) == path and kind_of(path) != kind else []
        for attachment in attachments
        if (path := attachment.path)
    }
    return _with_named(kind, main, named)


def _with_named(kind: str, main: Path, named: Mapping[str, Sequence[str]]) -> LocalSource:
    """Args: named: Files that it names, each with the places where it may lie, the likeliest first."""
    found, absent = {main.name: main}, []
    for name, places in named.items():
        for place in places:
            if local := _locate(main.parent, place):
                found.setdefault(place, local)
                break
        else:
            absent.append(name)
    return LocalSource(kind, main.stem, _local_files(found), tuple(absent))


def _scan_folder(folder: Path) -> LocalSource:
    found: dict[str, Path] = {}
    for root, _, names in os.walk(folder):
        for name in names:
            local = Path(root, name)
            path = unicodedata.normalize("NFC", local.relative_to(folder).as_posix())
            if not is_debris(path) and canonical(path) == path and _lies_in(local, folder):
                found[path] = local
    if not found:
        raise InvalidSource(
            "no_files", f"{folder} holds no file that could be read.", "Name a folder with files that are not hidden."
        )
    return LocalSource("files", folder.resolve().name, _local_files(found))


def _scan_file(path: Path) -> LocalSource:
    if _is_archive(path):
        if holds_rdf(path):
            return _scan_zip(path)
    elif path.suffix.lower() == ".rdf":
        return _scan_library(path, path.stem)
    elif kind := kind_of(path.name):
        return _scan_further(kind, path)
    if is_bibliography(path):
        return _scan_bibliography(path)
    return LocalSource("files", path.stem, _local_files({path.name: path}))


def _scan_zip(path: Path) -> LocalSource:
    """The zip is brought as it is, but what would be refused later is refused now."""
    with _rdf_of_zip(path) as rdf:
        title = ZoteroLibrary(rdf, {}).title
    return LocalSource("zotero", title or path.stem, _local_files({path.name: path}))


@contextmanager
def _rdf_of_zip(path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder, closing(unpack(path)) as entries:
        rdf = Path(folder) / "library.rdf"
        _, chunks = next(entries)
        with rdf.open("wb") as copy:
            copy.writelines(chunks)
        yield rdf


def _is_archive(path: Path) -> bool:
    """Office files and books are zips as well, but each is one document."""
    return path.suffix.lower() == ".zip" or (path.suffix.lower() in ("", ".rdf") and zipfile.is_zipfile(path))


def _rdf_in(folder: Path) -> Path:
    return folder / _one(_rdfs_in(folder), str(folder))


def _rdfs_in(folder: Path) -> list[str]:
    names = [child.name for child in folder.iterdir() if child.suffix.lower() == ".rdf"]
    return [name for name in names if not name.startswith(".")]


def _lies_in(local: Path, folder: Path) -> bool:
    """Whether it is a file, and no link to one elsewhere."""
    return local.resolve().is_relative_to(folder.resolve()) and local.is_file()


def _one(names: list[str], where: str) -> str:
    if not names:
        raise InvalidSource(
            "no_rdf",
            f"{where} holds no .rdf file.",
            "In Zotero choose File, Export Library, format Zotero RDF, and import the folder that it writes.",
        )
    if len(names) > 1:
        raise InvalidSource(
            "several_rdf",
            f"{where} holds several .rdf files: {', '.join(sorted(names)[:5])}.",
            "Name the one to import.",
        )
    return names[0]


def _locate(base: Path, path: str) -> Path | None:
    """The file that a canonical path means below a folder, however its name is composed on this disk."""
    here = base
    for part in path.split("/"):
        child = here / part
        if not child.exists():
            same = (other for other in _children(here) if unicodedata.normalize("NFC", other.name) == part)
            child = next(same, child)
        here = child
    inside = here.resolve().is_relative_to(base.resolve())
    return here if inside and here.exists() and not here.is_dir() else None


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _local_files(found: dict[str, Path]) -> tuple[LocalFile, ...]:
    files = []
    for name, local in sorted(found.items()):
        status = local.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _unreadable(local, OSError(0, "it is not a regular file"))
        files.append(LocalFile(unicodedata.normalize("NFC", name), local, status.st_size))
    return tuple(files)


def _hash(file: LocalFile, progress: Callable[[int], None]) -> FileRef:
    digest = hashlib.sha256()
    size = 0
    try:
        with file.local.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                progress(len(chunk))
    except OSError as error:
        raise _unreadable(file.local, error) from error
    return FileRef(path=file.path, sha256=digest.hexdigest(), size=size)


def _unreadable(
    path: Path, error: OSError, hint: str = "Check its permissions, or take the attachment out of the library."
) -> InvalidSource:
    return InvalidSource(
        "unreadable_file",
        f"{path} cannot be read: {error.strerror or 'unknown reason'}.",
        hint,
    )


def _bad_manifest(reason: str) -> InvalidSource:
    return InvalidSource("bad_manifest", f"The manifest cannot be used: {reason}.", "Submit the import again.")
