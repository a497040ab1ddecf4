"""A project's bibliography as CSL-JSON, which citation programs read.

Types, fields and names are mapped as Zotero's own schema maps them (zotero/zotero-schema, `csl`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

TYPES = {
    "artwork": "graphic",
    "attachment": "document",
    "audioRecording": "song",
    "bill": "bill",
    "blogPost": "post-weblog",
    "book": "book",
    "bookSection": "chapter",
    "case": "legal_case",
    "computerProgram": "software",
    "conferencePaper": "paper-conference",
    "dataset": "dataset",
    "dictionaryEntry": "entry-dictionary",
    "document": "document",
    "email": "personal_communication",
    "encyclopediaArticle": "entry-encyclopedia",
    "film": "motion_picture",
    "forumPost": "post",
    "hearing": "hearing",
    "instantMessage": "personal_communication",
    "interview": "interview",
    "journalArticle": "article-journal",
    "letter": "personal_communication",
    "magazineArticle": "article-magazine",
    "manuscript": "manuscript",
    "map": "map",
    "newspaperArticle": "article-newspaper",
    "patent": "patent",
    "podcast": "broadcast",
    "preprint": "article",
    "presentation": "speech",
    "radioBroadcast": "broadcast",
    "report": "report",
    "standard": "standard",
    "statute": "legislation",
    "thesis": "thesis",
    "tvBroadcast": "broadcast",
    "videoRecording": "motion_picture",
    "webpage": "webpage",
}
_NAMES = {
    "artist": "author",
    "author": "author",
    "bookAuthor": "container-author",
    "cartographer": "author",
    "castMember": "performer",
    "composer": "composer",
    "contributor": "contributor",
    "director": "director",
    "editor": "editor",
    "guest": "guest",
    "interviewee": "author",
    "interviewer": "interviewer",
    "inventor": "author",
    "performer": "performer",
    "podcaster": "author",
    "presenter": "author",
    "producer": "producer",
    "programmer": "author",
    "recipient": "recipient",
    "reviewedAuthor": "reviewed-author",
    "scriptwriter": "script-writer",
    "seriesEditor": "collection-editor",
    "sponsor": "author",
    "translator": "translator",
}
_FIELDS = {
    "publisher": "publisher",
    "volume": "volume",
    "pages": "page",
    "isbn": "ISBN",
    "issn": "ISSN",
    "url": "URL",
    "abstract": "abstract",
    "language": "language",
}
_WITH_ISSUES = frozenset({"article-journal", "article-magazine", "article-newspaper"})
"""Elsewhere, the number of an item is its own: of a report, a patent, a standard."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERIC = re.compile(r"\s*(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?(?!\d)")
_NAMED_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})[a-z]*\b", re.IGNORECASE)
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")


def csl_line(document: Mapping[str, Any]) -> str | None:
    """A document's row as a member of the array; None for a note, which is no work."""
    return None if document["kind"] == "note" else json.dumps(csl_item(document), ensure_ascii=False)


def csl_item(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document's row as an item; what is not known is left out."""
    metadata = document["metadata"]
    kind = TYPES.get(document["kind"], "document")
    item: dict[str, Any] = {"id": str(document["id"]), "type": kind, "title": document["title"]}
    item |= _names(metadata.get("creators") or ())
    if issued := date_of(metadata.get("date") or "", document["year"]):
        item["issued"] = issued
    if venue := metadata.get("venue"):
        item["event-title" if kind == "speech" else "container-title"] = venue
    number = metadata.get("issue")
    if not number and kind == "article" and metadata.get("arxiv"):
        number = f"arXiv:{metadata['arxiv']}"
    if number:
        item["issue" if kind in _WITH_ISSUES else "number"] = number
    if document["doi"]:
        item["DOI"] = document["doi"]
    return item | {field: metadata[name] for name, field in _FIELDS.items() if metadata.get(name)}


def date_of(date: str, year: int | None) -> dict[str, Any] | None:
    """As precise as it is written: `2006/08/01`, `Nov 21, 1991`, `May 2003`; else the year alone."""
    if found := _NUMERIC.match(date):
        parts = [int(part) for part in found.groups() if part is not None]
    elif year is None:
        return {"literal": date} if date else None
    else:
        parts = [year, *_named_month(date)]
    while len(parts) > 1 and not _possible(parts):
        parts.pop()
    return {"date-parts": [parts]}


def _named_month(date: str) -> list[int]:
    named = _NAMED_MONTH.search(date)
    if named is None:
        return []
    day = _DAY.search(date)
    return [_MONTHS.index(named[1].lower()) + 1, *([int(day[1])] if day else [])]


def _possible(parts: list[int]) -> bool:
    return 1 <= parts[1] <= 12 and (len(parts) < 3 or 1 <= parts[2] <= 31)


def _names(creators: Iterable[Mapping[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Names by their variable, in the order of the source. A name in one piece is often that of a body."""
    names: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for creator in creators:
        family, given = creator.get("family") or "", creator.get("given") or ""
        if (variable := _NAMES.get(creator.get("role") or "")) and (family or given):
            names[variable].append(
                {"family": family, "given": given} if family and given else {"literal": family or given}
            )
    return dict(names)
