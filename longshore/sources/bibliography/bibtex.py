"""BibTeX as it is written: blocks, their fields and strings, and what inherits from what."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields

from bibtexparser.exceptions import ParserStateException
from bibtexparser.model import (
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    ExplicitComment,
    ParsingFailedBlock,
    String,
)
from bibtexparser.model import (
    Entry as Block,
)
from bibtexparser.splitter import Splitter

from longshore.sources.bibliography.jabref import Metadata
from longshore.sources.bibliography.records import LARGEST, BrokenRecord
from longshore.sources.spool import Place, Spool

# What it would warn of becomes an outcome of the entry.
logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

_START = re.compile(r"\s*@\w+[ \t]*[{(]")
_KEY = re.compile(r"\s*@(\w+)[ \t]*[{(]\s*([^\s,={}\"#%']+)\s*,")
_BARE = re.compile(r"[^\s#{}\",=]+")
_MARKS = re.compile(r'(?<!\\)[{}"]')
_SPACE = re.compile(r"\s*")
_NO_ENTRIES = frozenset({"comment", "preamble", "string", "set", "control", "ieeetranbstctl"})
_LONGEST_STRING = 64 << 10
_LONGEST_VALUE = 1 << 20
_MOST_ANCESTORS = 20
_MOST_GROWTH = 64 << 20
"""Characters that strings and inheritance may add to a file."""
_INHERITED = frozenset(
    {
        *("booktitle", "editor", "editortype", "publisher", "address", "location", "organization", "institution"),
        *("year", "month", "date", "volume", "number", "series", "isbn", "issn", "journal", "journaltitle"),
        *("eventtitle", "edition", "language", "langid"),
    }
)
"""What a part has in common with its whole. A DOI, a URL, an abstract or a file of the whole are not the part's."""
_WITHIN_BOOKS = frozenset({"inbook", "bookinbook", "suppbook", "incollection", "inproceedings", "inreference"})
_BY_THE_BOOKS_AUTHOR = frozenset({"inbook", "bookinbook", "suppbook"})


@dataclass(frozen=True, slots=True)
class Entry:
    """`fields` by their names in lower case, with strings put in and TeX as it is written."""

    line: int
    type: str
    key: str
    fields: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    """Why it cannot be read."""


_NAMES = tuple(named.name for named in fields(Entry))


class BibTeX:
    """The entries of one file.

    Opening it reads the file once: entries may name strings and other entries that come after them.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._shelf = Spool()
        self._places: list[Place] = []
        self._by_key: dict[str, Place] = {}
        self._strings: dict[str, str] = {}
        self._grown = 0
        self.metadata = Metadata()
        for line, block in _blocks(lines):
            self._take(line, block)

    def entries(self) -> Iterator[Entry]:
        """In the order of the file, with what they inherit."""
        self._grown = 0
        for place in self._places:
            entry = self._load(place)
            if entry.type == "xdata" or (entry.fault and entry.type in _NO_ENTRIES):
                continue
            try:
                yield entry if entry.fault else self._whole(entry)
            except BrokenRecord as fault:
                yield Entry(entry.line, entry.type, entry.key, fault=str(fault))

    def _take(self, line: int, text: str) -> None:
        if len(text) > LARGEST:
            self._keep(_faulty(line, text, "it is longer than any description of a work"))
            return
        try:
            blocks = Splitter(text).split().blocks
        except ParserStateException as error:
            self._keep(_faulty(line, text, str(error)))
            return
        written = text.split("\n")
        for found in blocks:
            # BibTeX knows no comments; those who write this mean one all the same.
            if written[found.start_line or 0].lstrip().startswith("%"):
                continue
            began = line + (found.start_line or 0)
            block: object = found
            if isinstance(found, (DuplicateFieldKeyBlock, DuplicateBlockKeyBlock)):
                block = found.ignore_error_block
            if isinstance(block, Block):
                self._keep(_entry(began, block))
            elif isinstance(block, ParsingFailedBlock):
                self._keep(_faulty(began, block.raw or "", _reason(block)))
            elif isinstance(block, ExplicitComment):
                self.metadata.read(block.comment)
            elif isinstance(block, String):
                self._define(block)

    def _define(self, block: String) -> None:
        try:
            value = expand(block.value, self._strings)
        except BrokenRecord:
            return
        if len(value) <= _LONGEST_STRING:
            self._strings[block.key.lower()] = value

    def _keep(self, entry: Entry) -> None:
        if entry.type in _NO_ENTRIES:
            return
        place = self._shelf.put(json.dumps({name: getattr(entry, name) for name in _NAMES}).encode())
        self._places.append(place)
        if entry.key and not entry.fault:
            self._by_key.setdefault(entry.key.lower(), place)

    def _load(self, place: Place) -> Entry:
        return Entry(**json.loads(self._shelf.get(place)))

    def _whole(self, entry: Entry) -> Entry:
        if self._grown > _MOST_GROWTH:
            raise BrokenRecord("the file's strings and references multiply without end")
        fields = self._fields(entry, set())
        self._grown += sum(map(len, fields.values())) - sum(map(len, entry.fields.values()))
        return Entry(entry.line, entry.type, entry.key, fields)

    def _fields(self, entry: Entry, heirs: set[str]) -> dict[str, str]:
        fields = {name: expand(value, self._strings) for name, value in entry.fields.items()}
        heirs.add(entry.key.lower())
        for key in fields.get("xdata", "").split(","):
            if whole := self._named(key, heirs):
                fields = self._fields(whole, heirs) | fields
        if whole := self._named(fields.get("crossref", ""), heirs):
            fields = _of_whole(entry.type, self._fields(whole, heirs)) | fields
        return fields

    def _named(self, key: str, heirs: set[str]) -> Entry | None:
        """What an entry inherits from, unless that inherits from it."""
        name = key.strip().lower()
        place = self._by_key.get(name) if name not in heirs and len(heirs) < _MOST_ANCESTORS else None
        return self._load(place) if place else None


def expand(value: str, strings: dict[str, str]) -> str:
    """A value as it stands behind the `=`: pieces in braces or quotes, numbers and strings' names, joined by `#`.

    Raises:
        BrokenRecord: it is not such a value.
    """
    found: list[str] = []
    length = 0
    position = _after_space(value, 0)
    while position < len(value):
        end = _end_of_piece(value, position)
        piece = value[position:end]
        found.append(piece[1:-1] if piece[0] in '{"' else strings.get(piece.lower(), piece))
        length += len(found[-1])
        if length > _LONGEST_VALUE:
            raise BrokenRecord("a field is longer than any description of a work")
        position = _after_space(value, end)
        if position < len(value):
            if value[position] != "#":
                raise BrokenRecord("a comma is missing behind a field")
            position = _after_space(value, position + 1)
    return "".join(found)


def _end_of_piece(value: str, start: int) -> int:
    if value[start] not in '{"':
        found = _BARE.match(value, start)
        if not found:
            raise BrokenRecord(f"a field's value cannot begin with {value[start]}")
        return found.end()
    closing, depth = ("}" if value[start] == "{" else '"'), 0
    for mark in _MARKS.finditer(value, start):
        character = mark.group()
        depth += (character == "{") - (character == "}")
        if depth == 0 and character == closing and mark.start() > start:
            return mark.end()
    raise BrokenRecord("a brace or a quotation mark is not closed")


def _after_space(value: str, position: int) -> int:
    found = _SPACE.match(value, position)
    return found.end() if found else position


def _blocks(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Pieces that begin with an entry each, and the line that they begin on. What is not closed ends with its piece."""
    piece: list[str] = []
    size, began = 0, 1
    for number, line in enumerate(lines, start=1):
        if _START.match(line):
            if piece:
                yield began, "".join(piece)
            piece, size, began = [], 0, number
        if size <= LARGEST:
            piece.append(line)
            size += len(line)
    yield began, "".join(piece)


def _entry(line: int, block: Block) -> Entry:
    fields: dict[str, str] = {}
    for named in block.fields:
        # BibTeX too keeps the first of several.
        fields.setdefault(named.key.lower(), str(named.value))
    return Entry(line, block.entry_type.lower(), block.key.strip(), fields)


def _faulty(line: int, text: str, reason: str) -> Entry:
    """An entry that is known by what can still be read of it."""
    found = _KEY.match(text)
    kind = re.match(r"\s*@(\w+)", text)
    return Entry(line, kind.group(1).lower() if kind else "", found.group(2) if found else "", fault=reason)


def _reason(block: ParsingFailedBlock) -> str:
    reason = str(getattr(block.error, "abort_reason", block.error))
    if "end of file" in reason or "block start" in reason:
        return "a brace, a quotation mark or a comma is missing"
    return reason[:1].lower() + reason[1:].rstrip(".")


def _of_whole(kind: str, fields: dict[str, str]) -> dict[str, str]:
    """What an entry has of the one that its `crossref` names; a whole's title is its parts' book title."""
    inherited = {name: value for name, value in fields.items() if name in _INHERITED}
    if kind in _WITHIN_BOOKS and "title" in fields:
        inherited.setdefault("booktitle", fields["title"])
    if kind in _BY_THE_BOOKS_AUTHOR and "author" in fields:
        inherited["author"] = fields["author"]
    return inherited
