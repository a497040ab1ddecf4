"""RIS, as reference managers and publishers write it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from longshore.sources import identifiers
from longshore.sources.bibliography.attachments import Shelf
from longshore.sources.bibliography.names import ris_name
from longshore.sources.bibliography.records import (
    LARGEST,
    BrokenRecord,
    Record,
    as_html,
    broken,
    one_line,
    paragraphs,
    says_nothing,
    tags,
    unescaped,
    unmarked,
)
from longshore.sources.dates import year_of
from longshore.sources.model import Attachment, Creator, Item

TAG = re.compile(r"\s{0,3}([A-Z][A-Z0-9])\s{1,2}-(?:\s(.*))?$", re.DOTALL)
_TYPES = {
    "ABST": "journalArticle",
    "AGGR": "dataset",
    "ART": "artwork",
    "BILL": "bill",
    "BLOG": "blogPost",
    "BOOK": "book",
    "CASE": "case",
    "CHAP": "bookSection",
    "COMP": "computerProgram",
    "CONF": "book",
    "CPAPER": "conferencePaper",
    "DATA": "dataset",
    "DICT": "dictionaryEntry",
    "EBOOK": "book",
    "ECHAP": "bookSection",
    "EDBOOK": "book",
    "EJOUR": "journalArticle",
    "ELEC": "webpage",
    "ENCYC": "encyclopediaArticle",
    "GOVDOC": "report",
    "HEAR": "hearing",
    "ICOMM": "email",
    "INPR": "journalArticle",
    "JFULL": "journalArticle",
    "JOUR": "journalArticle",
    "MAP": "map",
    "MGZN": "magazineArticle",
    "MPCT": "film",
    "NEWS": "newspaperArticle",
    "PAMP": "manuscript",
    "PAT": "patent",
    "PCOMM": "letter",
    "RPRT": "report",
    "SER": "book",
    "SLIDE": "presentation",
    "SOUND": "audioRecording",
    "STAND": "standard",
    "STAT": "statute",
    "THES": "thesis",
    "UNPB": "manuscript",
    "VIDEO": "videoRecording",
    "WEB": "webpage",
}
_ROLES = {"AU": "author", "A1": "author", "ED": "editor", "A2": "editor", "A3": "seriesEditor", "A4": "translator"}
_WHOLE_BOOKS = frozenset({"book", "thesis", "report"})
_WEB = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_EXPORTED_ON = re.compile(r"Export Date:[^;]*;?\s*", re.IGNORECASE)
"""Scopus' note of the day: no export would equal the one before."""

Fields = list[tuple[str, list[str]]]
"""Tags, each with the lines of its value."""


def read_ris(lines: Iterable[str], shelf: Shelf) -> Iterator[Record]:
    """A record for each reference; files are looked for on the shelf."""
    for began, fields, fault in _references(lines):
        values = _Values(fields)
        name = values.first("ID") or None
        try:
            if fault:
                raise BrokenRecord(fault)
            item = _item(values, shelf)
            if says_nothing(item):
                raise BrokenRecord("it says nothing of a work")
            yield Record(name, item)
        except BrokenRecord as error:
            yield broken(name, began, str(error))


def _references(lines: Iterable[str]) -> Iterator[tuple[int, Fields, str]]:
    """The line on which each reference begins, its fields, and why they are none. A `TY` ends what lacks its `ER`."""
    fields: Fields = []
    began, size = 1, 0
    for number, line in enumerate(lines, start=1):
        found = TAG.match(line.rstrip("\n"))
        tag, value = (found.group(1), (found.group(2) or "").strip()) if found else ("", line.strip())
        if tag in ("TY", "ER"):
            if fields:
                yield began, fields, _fault(fields, size)
            fields, began, size = [], number, 0
        if tag == "ER":
            continue
        size += len(value) + 1
        if size > LARGEST:
            continue
        if tag:
            began = began if fields else number
            fields.append((tag, [value]))
        elif fields:
            # Long values go on without a tag; what stands between references is no field.
            fields[-1][1].append(value)
    if fields:
        yield began, fields, _fault(fields, size)


def _fault(fields: Fields, size: int) -> str:
    if size > LARGEST:
        return "it is longer than any description of a work"
    return "" if fields[0][0] == "TY" else "it does not begin with its type, TY"


class _Values:
    def __init__(self, fields: Fields) -> None:
        self._values: defaultdict[str, list[str]] = defaultdict(list)
        self.fields = [(tag, unescaped("\n".join(lines).strip())) for tag, lines in fields]
        for tag, value in self.fields:
            if value:
                self._values[tag].append(value)

    def all(self, *tags: str) -> list[str]:
        return [value for tag in tags for value in self._values.get(tag, ())]

    def first(self, *tags: str) -> str:
        return one_line(next(iter(self.all(*tags)), ""))


def _item(values: _Values, shelf: Shelf) -> Item:
    item_type = _TYPES.get(values.first("TY").upper(), "document")
    title, venue = _titles(values, item_type)
    date = values.first("DA", "PY", "Y1").strip("/ ")
    year = year_of(values.first("PY", "Y1")) or year_of(date)
    urls = [part for value in values.all("UR", "LK", "L2", "L1") for part in value.split() if _WEB.match(part)]
    doi = _first_doi(values, urls)
    return Item(
        key="",
        kind="entry",
        item_type=item_type,
        title=title,
        creators=tuple(_creators(values)),
        date=date,
        year=year,
        doi=doi,
        arxiv=_arxiv(values, doi, urls),
        isbn=next((found for text in values.all("SN") if (found := identifiers.isbn(text))), None),
        issn=next((found for text in values.all("SN") if (found := _issn(text))), None),
        url=urls[0] if urls else None,
        venue=venue or None,
        publisher=values.first("PB") or None,
        volume=values.first("VL") or None,
        issue=values.first("IS") or None,
        pages=_pages(values),
        abstract="\n\n".join(paragraphs(unmarked(max(values.all("AB", "N2"), key=len, default="")))),
        language=values.first("LA") or None,
        tags=tags(part for value in values.all("KW") for part in re.split(r"[;\n]", value)),
        notes=tuple(html for text in values.all("N1", "RN") if (html := as_html(_EXPORTED_ON.sub("", text)))),
        attachments=tuple(_attachments(values, shelf)),
    )


def _titles(values: _Values, item_type: str) -> tuple[str, str]:
    """The work's title, and that of what it appeared in; in a book, `BT` is its own."""
    title = unmarked(values.first("TI", "T1", "CT"))
    if item_type in _WHOLE_BOOKS:
        return title or values.first("BT", "T2"), ""
    return title, values.first("T2", "JF", "BT", "JO", "JA", "J2", "J1")


def _creators(values: _Values) -> Iterator[Creator]:
    for tag, value in values.fields:
        if role := _ROLES.get(tag):
            for name in re.split(r"[;\n]", value):
                if (creator := ris_name(name, role)) and creator.family.casefold() not in ("et al.", "et al"):
                    yield creator


def _first_doi(values: _Values, urls: Sequence[str]) -> str | None:
    stated = (identifiers.doi(text) for text in values.all("DO"))
    linked = (identifiers.doi_of_url(url) for url in urls)
    return next((doi for doi in (*stated, *linked) if doi), None)


def _arxiv(values: _Values, doi: str | None, urls: Sequence[str]) -> str | None:
    texts = [*([doi] if doi and doi.startswith("10.48550/") else []), *values.all("AN", "M1", "T2", "JO"), *urls]
    return next((found for text in texts if (found := identifiers.arxiv(text))), None)


def _issn(text: str) -> str | None:
    """An ISBN may hold what looks like an ISSN."""
    return None if identifiers.isbn(text) else identifiers.issn(text)


def _pages(values: _Values) -> str | None:
    start, end = values.first("SP"), values.first("EP")
    return (f"{start}-{end}" if start and end and end != start else start or end or values.first("C7")) or None


def _attachments(values: _Values, shelf: Shelf) -> Iterator[Attachment]:
    for value in values.all("L1", "L2", "L3", "L4"):
        for path in re.split(r"[;\n]", value):
            if (found := shelf.attachment(path)) and not found.url:
                yield found
