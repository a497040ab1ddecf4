"""From an entry of BibTeX or BibLaTeX to an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from longshore.sources import identifiers
from longshore.sources.bibliography import latex
from longshore.sources.bibliography.attachments import Shelf, file_fields
from longshore.sources.bibliography.bibtex import BibTeX, Entry
from longshore.sources.bibliography.names import bibtex_names
from longshore.sources.bibliography.records import Record, as_html, broken, one_line, says_nothing, tags, unmarked
from longshore.sources.dates import year_of
from longshore.sources.model import Attachment, Creator, Item

_TYPES = {
    "article": "journalArticle",
    "artwork": "artwork",
    "audio": "audioRecording",
    "book": "book",
    "bookinbook": "bookSection",
    "booklet": "book",
    "collection": "book",
    "conference": "conferencePaper",
    "dataset": "dataset",
    "electronic": "webpage",
    "image": "artwork",
    "inbook": "bookSection",
    "incollection": "bookSection",
    "inproceedings": "conferencePaper",
    "inreference": "encyclopediaArticle",
    "jurisdiction": "case",
    "legislation": "statute",
    "letter": "letter",
    "manual": "report",
    "mastersthesis": "thesis",
    "movie": "film",
    "music": "audioRecording",
    "mvbook": "book",
    "mvcollection": "book",
    "mvproceedings": "book",
    "mvreference": "book",
    "online": "webpage",
    "patent": "patent",
    "periodical": "book",
    "phdthesis": "thesis",
    "proceedings": "book",
    "reference": "book",
    "report": "report",
    "software": "computerProgram",
    "standard": "standard",
    "suppbook": "bookSection",
    "suppcollection": "bookSection",
    "suppperiodical": "journalArticle",
    "techreport": "report",
    "thesis": "thesis",
    "unpublished": "manuscript",
    "video": "videoRecording",
    "www": "webpage",
}
_ROLES = (("author", "author"), ("editor", "editor"), ("translator", "translator"), ("bookauthor", "bookAuthor"))
_EDITORS = {"compiler": "compiler", "collaborator": "contributor", "director": "director", "organizer": "contributor"}
_WHERE = ("journaltitle", "journal", "booktitle", "maintitle", "eventtitle", "conference")
_PUBLISHERS = ("publisher", "school", "institution", "organization")
_NOTES = ("annote", "annotation", "review", "comment")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COMMAND = re.compile(r"\{*\\([A-Za-z]+)\}*")
_DASHES = re.compile(r"\s*[-–—]+\s*")
_ARXIV_ID = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?")


def read_bibtex(lines: Iterable[str], shelf: Shelf) -> Iterator[Record]:
    """A record for each entry; files are looked for on the shelf."""
    source = BibTeX(lines)
    for entry in source.entries():
        name = entry.key or None
        if entry.fault:
            yield broken(name, entry.line, entry.fault)
            continue
        item = _item(entry, source, shelf)
        yield broken(name, entry.line, "it says nothing of a work") if says_nothing(item) else Record(name, item)


def _item(entry: Entry, source: BibTeX, shelf: Shelf) -> Item:
    fields = entry.fields
    url = _url(fields)
    doi = identifiers.doi(latex.verbatim(fields.get("doi", ""))) or identifiers.doi_of_url(url)
    arxiv = _arxiv(fields, doi, url)
    item_type = _TYPES.get(entry.type, "document")
    date = _date(fields)
    return Item(
        key="",
        kind="entry",
        item_type="preprint" if arxiv and item_type == "document" else item_type,
        title=_title(fields),
        creators=tuple(_creators(fields)),
        date=date,
        year=year_of(date),
        doi=doi,
        arxiv=arxiv,
        isbn=identifiers.isbn(latex.verbatim(fields.get("isbn", ""))),
        issn=identifiers.issn(latex.verbatim(fields.get("issn", ""))),
        url=url or None,
        venue=_venue(fields),
        publisher=_first_line(fields, _PUBLISHERS),
        volume=_first_line(fields, ("volume",)),
        issue=_first_line(fields, ("number", "issue")),
        pages=_DASHES.sub("-", _first_line(fields, ("pages", "eid")) or "") or None,
        abstract=unmarked(latex.prose(fields.get("abstract", ""))),
        language=_first_line(fields, ("language", "langid")),
        extra=latex.prose(fields.get("note", "") or fields.get("addendum", "")),
        tags=tags(_keywords(fields)),
        collections=tuple(sorted(_collections(entry, source))),
        notes=tuple(as_html(latex.text(fields[name])) for name in _NOTES if fields.get(name, "").strip()),
        attachments=tuple(_attachments(fields, shelf, source.metadata.folder)),
    )


def _title(fields: dict[str, str]) -> str:
    title, subtitle = latex.line(fields.get("title", "")), latex.line(fields.get("subtitle", ""))
    return unmarked(f"{title}: {subtitle}" if title and subtitle else title or subtitle)


def _creators(fields: dict[str, str]) -> Iterator[Creator]:
    for name, role in _ROLES:
        if name == "editor":
            role = _EDITORS.get(fields.get("editortype", "").strip().lower(), role)
        yield from bibtex_names(fields.get(name, ""), role)


def _date(fields: dict[str, str]) -> str:
    """`date` as it stands, else year and month as `2020-05`."""
    if date := latex.line(fields.get("date", "")):
        return date
    year, month = latex.line(fields.get("year", "")), latex.line(fields.get("month", ""))
    number = next((n for n, name in enumerate(_MONTHS, start=1) if name in month.lower()), None)
    if not year or not month:
        return year
    if month.isdecimal() and 1 <= int(month) <= 12:
        number = int(month)
    return f"{year}-{number:02}" if number and re.fullmatch(r"\d{4}", year) else f"{month} {year}"


def _url(fields: dict[str, str]) -> str:
    for name in ("url", "link", "ee", "bdsk-url-1", "howpublished"):
        url = latex.verbatim(fields.get(name, ""))
        if url.lower().startswith(("http://", "https://", "ftp://")):
            return url.split()[0]
    return ""


def _arxiv(fields: dict[str, str], doi: str | None, url: str) -> str | None:
    archive = latex.verbatim(fields.get("archiveprefix") or fields.get("eprinttype") or "").lower()
    eprint = latex.verbatim(fields.get("eprint") or fields.get("arxivid") or "")
    eprint = re.sub(r"^arxiv:\s*", "", eprint, flags=re.IGNORECASE)
    if archive == "arxiv" or (not archive and _ARXIV_ID.fullmatch(eprint)):
        return identifiers.arxiv(f"arxiv:{eprint}")
    if doi and doi.startswith("10.48550/"):
        return identifiers.arxiv(doi)
    if (volume := fields.get("volume", "")).startswith("abs/"):
        # DBLP's volumes of CoRR.
        return identifiers.arxiv(f"arxiv:{volume.removeprefix('abs/')}")
    said = (fields.get(name, "") for name in ("journal", "journaltitle", "note", "howpublished", "number"))
    return next((found for text in (*said, url) if (found := identifiers.arxiv(text))), None)


def _venue(fields: dict[str, str]) -> str | None:
    for name in _WHERE:
        value = fields.get(name, "").strip()
        # Astronomers' journals are commands, which only their style file knows.
        if found := _COMMAND.fullmatch(value):
            return found.group(1)
        if venue := latex.line(value):
            return venue
    return None


def _keywords(fields: dict[str, str]) -> Iterator[str]:
    for name in ("keywords", "keyword", "mendeley-tags"):
        value = latex.line(fields.get(name, ""))
        yield from value.split(";" if ";" in value else ",")


def _collections(entry: Entry, source: BibTeX) -> set[tuple[str, ...]]:
    groups = [one_line(group) for group in latex.line(entry.fields.get("groups", "")).split(",")]
    folders = latex.line(entry.fields.get("mendeley-groups", "")).split(",")
    nested = {tuple(part for name in folder.split("/") if (part := name.strip())) for folder in folders}
    return source.metadata.collections(entry.key, filter(None, groups)) | (nested - {()})


def _attachments(fields: dict[str, str], shelf: Shelf, folder: str) -> Iterator[Attachment]:
    files = chain(
        file_fields(latex.path(fields.get("file", ""))),
        (("", latex.path(fields[name]), "") for name in ("pdf", "localfile", "local-url") if name in fields),
    )
    seen = set()
    for title, path, kind in files:
        found = shelf.attachment(path, title, kind, folder)
        if found and (found.path or found.url) not in seen:
            seen.add(found.path or found.url)
            yield found


def _first_line(fields: dict[str, str], names: Iterable[str]) -> str | None:
    return next((found for name in names if (found := latex.line(fields.get(name, "")))), None)
