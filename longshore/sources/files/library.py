"""A batch of files: no bibliography says what they are, so each speaks for itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from longshore.sources.files.debris import is_debris
from longshore.sources.model import Attachment, FileRef, Item


class FileLibrary:
    """One item for each file, its path as the key and its folders as the collection that holds it.

    The content decides which document a file is, so that copies and renamed files are one document.

    Args:
        files: by their paths in the source.
    """

    def __init__(self, files: Mapping[str, FileRef]) -> None:
        self._files = files

    def items(self) -> Iterator[Item]:
        """In the order of their paths."""
        for path, file in sorted(self._files.items()):
            if not is_debris(path):
                yield _item(PurePosixPath(path), file)


def _item(path: PurePosixPath, file: FileRef) -> Item:
    return Item(
        key=str(path),
        kind="attachment",
        item_type="file",
        title=path.stem,
        collections=(path.parent.parts,) if path.parent.parts else (),
        attachments=(
            Attachment(
                title=path.name,
                path=str(path),
                sha256=file.sha256,
                size=file.size,
            ),
        ),
    )
