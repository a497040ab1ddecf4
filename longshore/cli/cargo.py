"""What an import brings: the files of a source on this machine, and the manifest that lists them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from longshore.cli.output import BadInput
from longshore.cli.uploading import Blob
from longshore.ids import slug
from longshore.sources.manifest import LocalSource, hash_files, write_manifest
from longshore.sources.model import FileRef

SAYS_NOTHING = frozenset(
    {
        *("data", "export", "exported items", "library", "my library", "rdf", "zotero"),
        *("bibliography", "citations", "literature", "refs", "references"),
    }
)
"""Names of files under which anyone's library may lie."""
LONGEST_NAME = 200


@dataclass(frozen=True)
class Cargo:
    """Everything to upload, the manifest last."""

    blobs: tuple[Blob, ...]
    manifest: str
    """SHA-256 of the manifest."""
    files: tuple[FileRef, ...]
    """What the manifest lists."""


def name_of(source: LocalSource, path: Path, given: str | None) -> str:
    """What the library is called: as the user says, else its title, else its folder or file.

    Raises:
        BadInput: a source cannot be told apart from others by that name.
    """
    name = source.name if given is None else given.strip()
    folder = path.expanduser().absolute().parent.name
    if given is None and path.is_file() and name.casefold() in SAYS_NOTHING and folder:
        name = folder
    try:
        slug(name)
    except ValueError:
        way = "Give it one with --name." if given is None else "Give it a --name that has one."
        raise BadInput("bad_name", f"{name!r} has no letter or digit to tell the library by.", way) from None
    if len(name) > LONGEST_NAME:
        raise BadInput("bad_name", f"The name has {len(name)} characters; {LONGEST_NAME} is the limit.", "Use --name.")
    return name


def load(source: LocalSource, progress: Callable[[int], None]) -> Cargo:
    """Reads every file once; `progress` is called with the bytes read since its last call.

    Raises:
        InvalidSource: a file cannot be read.
    """
    refs = hash_files(source.files, progress)
    local = {file.path: file.local for file in source.files}
    manifest = write_manifest(refs)
    digest = hashlib.sha256(manifest).hexdigest()
    blobs = (*(Blob(ref.sha256, ref.size, local[ref.path]) for ref in refs), Blob(digest, len(manifest), manifest))
    return Cargo(blobs, digest, refs)
