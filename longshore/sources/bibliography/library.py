"""A bibliography as one file tells it, with the files that lie beside it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from longshore.errors import InvalidSource
from longshore.ids import derived_id
from longshore.sources.bibliography.attachments import Shelf
from longshore.sources.bibliography.bibtex_items import read_bibtex
from longshore.sources.bibliography.csl import is_csl, read_csl
from longshore.sources.bibliography.decoding import open_text
from longshore.sources.bibliography.records import LARGEST, Record, storable
from longshore.sources.bibliography.ris import TAG, read_ris
from longshore.sources.identity import document_identity, normalised
from longshore.sources.model import FileRef, Item
from longshore.sources.spool import Place, Spool

_SUFFIXES = frozenset({".bib", ".ris", ".json"})
_BIBTEX = re.compile(r"\s*@\w+\s*[{(]")
_LOOKED_AT = 20_000
"""Characters of a file in which its first record begins; publishers put notices before it."""
_LONGEST_KEY = 100
_POSITION = re.compile(r"\d{1,12}|ITEM-\d+|temp_id_\d+|nokey|noauthor", re.IGNORECASE)
"""What programs call a record by its place in the file: the next export calls another one so."""


class Bibliography:
    """The items of one BibTeX, BibLaTeX, RIS or CSL-JSON file.

    Opening it reads the file once. A record that cannot be read is an item that says so; the others are not affected.

    Args:
        main: The file. Which format it is, its content tells.
        files: What was brought along, by path relative to the file's folder.

    Raises:
        InvalidSource: `unreadable_file`, `not_bibliography`, `empty_library`.
    """

    def __init__(self, main: Path, files: Mapping[str, FileRef]) -> None:
        self._files = Shelf(files)
        self._spool = Spool()
        try:
            with open_text(main) as file:
                built = [self._put(record) for record in _records(file, main.name, self._files)]
        except OSError as error:
            why = error.strerror or "unknown reason"
            raise InvalidSource(
                "unreadable_file", f"{main} cannot be read: {why}.", "Check its permissions."
            ) from error
        if not built:
            raise InvalidSource(
                "empty_library",
                f"{main.name} is a bibliography without a single entry.",
                "Export it again, and check that the chosen collection is not empty.",
            )
        self._places = list(zip(_unique_keys(built), (item.place for item in built), strict=True))

    @property
    def named_files(self) -> Mapping[str, list[str]]:
        """Every path that an entry names, as written, with the places beneath the file's folder where it may lie."""
        return self._files.named

    def items(self) -> Iterator[Item]:
        """Every item, in the order of the file; may be called again."""
        for key, place in self._places:
            yield Item.model_validate_json(self._spool.get(place)).model_copy(update={"key": key})

    def _put(self, record: Record) -> _Built:
        data = record.item.model_dump_json().encode()
        rank = (record.item.refusal is not None, normalised(record.item.title), hashlib.sha256(data).digest())
        return _Built(_lasting_key(record), rank, self._spool.put(data))


def is_bibliography(path: Path) -> bool:
    """Whether a file is one by its name; of JSON, which may be anything, its first member decides."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        with open_text(path) as file:
            return is_csl(file)
    return suffix in _SUFFIXES


def main_of(files: Iterable[FileRef]) -> FileRef:
    """The bibliography among what was handed over: the one that lies in no folder.

    Raises:
        InvalidSource: `no_bibliography`, `several_bibliographies`.
    """
    found = [file for file in files if may_be_main(file.path)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidSource(
            "no_bibliography", "The upload holds no .bib, .ris or .json file.", "Name the bibliography itself."
        )
    names = ", ".join(sorted(file.path for file in found)[:5])
    raise InvalidSource("several_bibliographies", f"The upload holds several: {names}.", "Import them one by one.")


def may_be_main(path: str) -> bool:
    """Whether a file of that name, brought along as an attachment, would be taken for the bibliography itself."""
    return "/" not in path and PurePosixPath(path).suffix.lower() in _SUFFIXES


@dataclass(frozen=True, slots=True)
class _Built:
    key: str
    rank: tuple[bool, str, bytes]
    """Its place among the items that share its key: what it is, not where it stands."""
    place: Place


def _records(file: IO[str], name: str, shelf: Shelf) -> Iterator[Record]:
    head = file.read(_LOOKED_AT)
    file.seek(0)
    if head.lstrip()[:1] in ("[", "{") and head.lstrip():
        return read_csl(file)
    for line in head.splitlines():
        if _BIBTEX.match(line):
            return read_bibtex(_lines(file), shelf)
        if TAG.match(line):
            return read_ris(_lines(file), shelf)
    raise InvalidSource(
        "not_bibliography",
        f"{name} is neither BibTeX nor RIS nor CSL-JSON.",
        "Export the bibliography again in one of these formats.",
    )


def _lines(file: IO[str]) -> Iterator[str]:
    while line := file.readline(LARGEST):
        yield storable(line)


def _lasting_key(record: Record) -> str:
    """What stays when the bibliography is edited and exported again; two items may share it."""
    name = (record.name or "").strip()
    if not name or _POSITION.fullmatch(name):
        of = document_identity(record.item) if not record.item.refusal else record.item.refusal.detail
        return derived_id("bibliography", "entry", of).hex
    return name if len(name) <= _LONGEST_KEY else derived_id("bibliography", "key", name).hex


def _unique_keys(built: list[_Built]) -> list[str]:
    """Numbers the items that share a key, past the keys that others have."""
    keys = [item.key for item in built]
    taken = set(keys)
    sharing: defaultdict[str, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        sharing[key].append(position)
    for key in sorted(key for key, positions in sharing.items() if len(positions) > 1):
        number = 1
        for position in sorted(sharing[key], key=lambda position: built[position].rank)[1:]:
            while keys[position] in taken:
                number += 1
                keys[position] = f"{key}-{number}"
            taken.add(keys[position])
    return keys
