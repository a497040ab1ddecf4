"""What a zip holds decides who reads it."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from pathlib import Path

from lxml import etree

from longshore.parsing.model import ParseFailure
from longshore.parsing.packed.book import read_book
from longshore.parsing.packed.comic import read_comic
from longshore.parsing.packed.letter import read_letter
from longshore.parsing.packed.package import Package
from longshore.parsing.packed.sheets import read_sheets
from longshore.parsing.packed.slides import read_slides
from longshore.parsing.reading import Reading

_READERS = {
    "word/document.xml": read_letter,
    "ppt/presentation.xml": read_slides,
    "xl/workbook.xml": read_sheets,
    "META-INF/container.xml": read_book,
}
_MAX_ENTRIES = 20_000


def read_packed(path: Path, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `unsupported` for other archives; `corrupt`, `encrypted`, `too_large`, `image_only`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.filelist) > _MAX_ENTRIES:
                raise ParseFailure("too_large", f"{name} holds more than {_MAX_ENTRIES} parts.", "Unpack it first.")
            package = Package(archive, name)
            for mark, read in _READERS.items():
                if mark in package.names:
                    return read(package)
            if name.lower().endswith(".cbz") or "ComicInfo.xml" in package.names:
                return read_comic(package)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        etree.XMLSyntaxError,
        EOFError,
        NotImplementedError,
        UnicodeDecodeError,
        ValueError,
    ) as error:
        raise _damaged(name) from error
    except OSError as error:
        # A directory that names a place before the file's beginning; any other is the disk's, and may pass.
        if error.errno != errno.EINVAL:
            raise
        raise _damaged(name) from error
    raise ParseFailure(
        "unsupported",
        f"{name} is an archive of files; archives inside a source are not entered.",
        "Unpack it, or import it alone.",
    )


def _damaged(name: str) -> ParseFailure:
    return ParseFailure("corrupt", f"{name} is damaged and cannot be opened.", "Save or download it again.")
