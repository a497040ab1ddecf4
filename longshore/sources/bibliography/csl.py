"""CSL-JSON, as citation programs and Longshore's own export write it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from longshore.sources import identifiers
from longshore.sources.bibliography.json_array import JSONArray
from longshore.sources.bibliography.records import (
    Record,
    as_html,
    broken,
    one_line,
    paragraphs,
    says_nothing,
    storable,
    tags,
    unescaped,
    unmarked,
)
from longshore.sources.dates import year_of
from longshore.sources.model import Creator, Item

TYPES = {
    "article": "preprint",
    "article-journal": "journalArticle",
    "article-magazine": "magazineArticle",
    "article-newspaper": "newspaperArticle",
    "bill": "bill",
    "book": "book",
    "broadcast": "tvBroadcast",
    "chapter": "bookSection",
    "classic": "book",
    "collection": "document",
    "dataset": "dataset",
    "document": "document",
    "entry": "encyclopediaArticle",
    "entry-dictionary": "dictionaryEntry",
    "entry-encyclopedia": "encyclopediaArticle",
    "event": "presentation",
    "figure": "artwork",
    "graphic": "artwork",
    "hearing": "hearing",
    "interview": "interview",
    "legal_case": "case",
    "legislation": "statute",
    "manuscript": "manuscript",
    "map": "map",
    "motion_picture": "film",
    "musical_score": "document",
    "pamphlet": "document",
    "paper-conference": "conferencePaper",
    "patent": "patent",
    "performance": "presentation",
    "periodical": "book",
    "personal_communication": "letter",
    "post": "forumPost",
    "post-weblog": "blogPost",
    "regulation": "statute",
    "report": "report",
    "review": "journalArticle",
    "review-book": "journalArticle",
    "software": "computerProgram",
    "song": "audioRecording",
    "speech": "presentation",
    "standard": "standard",
    "thesis": "thesis",
    "treaty": "statute",
    "webpage": "webpage",
}
_ROLES = {
    "author": "author",
    "editor": "editor",
    "translator": "translator",
    "container-author": "bookAuthor",
    "collection-editor": "seriesEditor",
    "composer": "composer",
    "contributor": "contributor",
    "director": "director",
    "guest": "guest",
    "interviewer": "interviewer",
    "performer": "performer",
    "producer": "producer",
    "recipient": "recipient",
    "reviewed-author": "reviewedAuthor",
    "script-writer": "scriptwriter",
}
_LOOKED_AT = 1 << 20
_PARAGRAPH = re.compile(r"</(?:p|jats:p|jats:title)>", re.IGNORECASE)
_ID = re.compile(r'"id"\s*:\s*(?:"((?:[^"\\]|\\.){1,200})"|(\d{1,20}))')


def read_csl(file: IO[str]) -> Iterator[Record]:
    """A record for each member of the array."""
    for member in JSONArray(file):
        if not isinstance(member.value, dict):
            found = _ID.search(member.text)
            name = storable(found.group(1) or found.group(2)) if found else None
            yield broken(name, member.line, member.reason)
            continue
        item = _item(_Values(member.value))
        name = _Values(member.value).line("id") or None
        yield broken(name, member.line, "it says nothing of a work") if says_nothing(item) else Record(name, item)


def is_csl(file: IO[str]) -> bool:
    """Whether the first member of the array is a reference, and not just any object. Looks at the first MiB only."""
    member = next(iter(JSONArray(io.StringIO(file.read(_LOOKED_AT)))), None)
    if member is None or not isinstance(member.value, dict):
        return False
    return str(member.value.get("type")) in TYPES and bool({"id", "title", "DOI"} & member.value.keys())


class _Values:
    """Texts of an object that may hold anything."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def raw(self, *names: str) -> Any:
        return next((value for name in names if (value := self._values.get(name)) not in (None, "", [])), None)

    def text(self, *names: str) -> str:
        return next((found for name in names if (found := _text(self._values.get(name)))), "")

    def line(self, *names: str) -> str:
        return one_line(unmarked(self.text(*names)))


def _item(values: _Values) -> Item:
    item_type = TYPES.get(values.line("type"), "document")
    date = _date(values.raw("issued", "submitted"))
    url = values.line("URL")
    doi = identifiers.doi(values.line("DOI")) or identifiers.doi_of_url(url)
    note = values.text("note")
    number = values.line("number")
    return Item(
        key="",
        kind="entry",
        item_type=item_type,
        title=values.line("title", "title-short"),
        creators=tuple(_creators(values)),
        date=date,
        year=year_of(date),
        doi=doi,
        arxiv=_arxiv(doi, number, values.line("archive_location"), note, url),
        isbn=identifiers.isbn(values.line("ISBN")),
        issn=identifiers.issn(values.line("ISSN")),
        url=url or None,
        venue=values.line("container-title", "event-title", "event") or None,
        publisher=values.line("publisher") or None,
        volume=values.line("volume") or None,
        issue=values.line("issue") or number or None,
        pages=values.line("page", "page-first").replace("–", "-") or None,
        abstract=_prose(values.text("abstract")),
        language=values.line("language") or None,
        extra=_prose(note),
        tags=tags(_keywords(values.raw("keyword", "categories"))),
        notes=tuple(html for html in (as_html(_prose(values.text("annote"))),) if html),
    )


def _creators(values: _Values) -> Iterator[Creator]:
    for variable, role in _ROLES.items():
        names = values.raw(variable)
        for name in names if isinstance(names, list) else ():
            if isinstance(name, dict) and (creator := _creator(_Values(name), role)):
                yield creator


def _creator(name: _Values, role: str) -> Creator | None:
    particle = name.line("non-dropping-particle") or name.line("dropping-particle")
    family = one_line(f"{particle} {name.line('family')}") if name.line("family") else ""
    given = ", ".join(filter(None, (name.line("given"), name.line("suffix"))))
    family, given = (family, given) if family else (name.line("literal") or given, "")
    return Creator(role=role, family=family, given=given) if family else None


def _date(date: Any) -> str:
    """As precise as it is: `2006`, `2006-08`, `2006-08-01`; else as it is written."""
    if not isinstance(date, dict):
        return one_line(_text(date))
    parts = date.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    numbers = [_text(part) for part in first[:3]]
    if numbers and all(number.isdecimal() for number in numbers):
        return "-".join([numbers[0], *(number.zfill(2) for number in numbers[1:])])
    return _Values(date).line("raw", "literal")


def _arxiv(doi: str | None, *texts: str) -> str | None:
    marked = [doi] if doi and doi.startswith("10.48550/") else []
    return next((found for text in (*marked, *texts) if (found := identifiers.arxiv(text))), None)


def _keywords(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_text(word) for word in value]
    text = _text(value)
    return text.split(";" if ";" in text else ",")


def _prose(text: str) -> str:
    return "\n\n".join(paragraphs(unmarked(_PARAGRAPH.sub("\n\n", text))))


def _text(value: Any) -> str:
    """Some programs give lists of one text, and numbers for volumes."""
    if isinstance(value, list):
        value = next((part for part in value if isinstance(part, str) and part), None)
    if isinstance(value, str):
        return unescaped(storable(value))
    return json.dumps(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
