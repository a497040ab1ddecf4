"""From what the web API says of an item and its children to an item, as one from an export is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from longshore.sources import identifiers
from longshore.sources.dates import year_of
from longshore.sources.model import Attachment, Creator, Item, Tag
from longshore.sources.zotero.deriving import arxiv_of, doi_of, first_line, plain_title, united_tags
from longshore.sources.zotero.web.mirror import Entry

STORED = frozenset({"imported_file", "imported_url"})
"""Link modes of attachments whose files Zotero keeps, unless their owner keeps them elsewhere."""
_LINKED = "linked_file"

# Zotero gives a field another name in some types of items; its RDF has one for all of them.
_TITLES = ("title", "caseName", "nameOfAct", "subject")
_DATES = ("date", "dateDecided", "dateEnacted", "issueDate")
_VENUES = (
    *("publicationTitle", "bookTitle", "proceedingsTitle", "encyclopediaTitle", "dictionaryTitle"),
    *("websiteTitle", "blogTitle", "forumTitle", "programTitle", "code", "reporter"),
    *("conferenceName", "meetingName"),
)
_PUBLISHERS = (
    *("publisher", "institution", "university", "repository", "company", "label", "studio", "distributor", "network"),
)
_VOLUMES = ("volume", "codeVolume", "reporterVolume")
_ISSUES = (
    *("issue", "number", "reportNumber", "archiveID", "identifier", "patentNumber", "documentNumber"),
    *("billNumber", "docketNumber", "publicLawNumber", "episodeNumber"),
)
_PAGES = ("pages", "firstPage", "codePages")

Paths = Sequence[tuple[str, ...]]
"""Of the collections that hold an item, each from the outermost name to the innermost."""


def build(entry: Entry, children: Sequence[Entry], paths: Paths) -> Item | None:
    """The item that an object under no other is; None for one that is not read.

    Args:
        children: Its notes and attachments.
    """
    match entry.data.get("itemType"):
        case None | "annotation":
            return None
        case "attachment":
            return _loose_file(entry, paths)
        case "note":
            return _loose_note(entry, paths)
    return _work(entry, children, paths)


def is_attachment(entry: Entry) -> bool:
    return entry.data.get("itemType") == "attachment"


def _work(entry: Entry, children: Sequence[Entry], paths: Paths) -> Item:
    data = entry.data
    item_type = str(data["itemType"])
    extra, url = _text(data, "extra"), _line(data, "url")
    own = [text for text in (_line(data, "DOI"),) if text]
    date, number = _line(data, *_DATES), _line(data, *_ISSUES)
    doi = doi_of(item_type, own, (), extra, url)
    notes = [child for child in children if child.data.get("itemType") == "note"]
    attachments = [child for child in children if is_attachment(child)]
    return Item(
        key=entry.key,
        kind="entry",
        item_type=item_type,
        title=plain_title(_line(data, *_TITLES)),
        creators=tuple(_creators(data)),
        date=date,
        year=year_of(date),
        doi=doi,
        arxiv=arxiv_of(doi, own, number, _line(data, "archiveID", "archiveLocation"), extra, url),
        isbn=identifiers.isbn(_line(data, "ISBN")),
        issn=identifiers.issn(_line(data, "ISSN")),
        url=url or None,
        venue=_line(data, *_VENUES) or None,
        publisher=_line(data, *_PUBLISHERS) or None,
        volume=_line(data, *_VOLUMES) or None,
        issue=number or None,
        pages=_line(data, *_PAGES) or None,
        abstract=_text(data, "abstractNote"),
        language=_line(data, "language") or None,
        extra=extra,
        tags=united_tags(*(_tags(one.data) for one in (entry, *attachments, *notes))),
        collections=tuple(sorted(set(paths))),
        notes=tuple(html for one in (*notes, *attachments) if (html := _text(one.data, "note"))),
        attachments=tuple(map(_attachment, attachments)),
    )


def _loose_file(entry: Entry, paths: Paths) -> Item:
    attachment = _attachment(entry)
    note = _text(entry.data, "note")
    return Item(
        key=entry.key,
        kind="attachment",
        item_type="attachment",
        title=attachment.title or attachment.path or "",
        url=attachment.url,
        tags=united_tags(_tags(entry.data)),
        collections=tuple(sorted(set(paths))),
        notes=(note,) if note else (),
        attachments=(attachment,),
    )


def _loose_note(entry: Entry, paths: Paths) -> Item:
    html = _text(entry.data, "note")
    return Item(
        key=entry.key,
        kind="note",
        item_type="note",
        title=first_line(html),
        tags=united_tags(_tags(entry.data)),
        collections=tuple(sorted(set(paths))),
        notes=(html,) if html else (),
    )


def _attachment(entry: Entry) -> Attachment:
    data, file = entry.data, entry.file
    mode = data.get("linkMode")
    brought = file if file and mode in STORED else None
    return Attachment(
        title=_line(data, "title"),
        path=_file_name(data) or None,
        media_type=_line(data, "contentType") or None,
        url=_line(data, "url") or None,
        sha256=brought.sha256 if brought else None,
        size=brought.size if brought else 0,
        missing=_LINKED if mode == _LINKED else brought.missing if brought else None,
    )


def _file_name(data: Mapping[str, Any]) -> str:
    """Without the folder: where a linked file lies is nobody's business but its owner's."""
    if data.get("linkMode") in STORED:
        return PurePosixPath(_line(data, "filename", "title").replace("\\", "/")).name or "file"
    path = _line(data, "path").removeprefix("attachments:").replace("\\", "/")
    return PurePosixPath(path).name


def _creators(data: Mapping[str, Any]) -> list[Creator]:
    creators = []
    for told in data.get("creators", ()):
        family = _line(told, "lastName", "name")
        given = _line(told, "firstName")
        if family or given:
            role = _line(told, "creatorType") or "contributor"
            creators.append(Creator(role=role, family=family or given, given=given if family else ""))
    return creators


def _tags(data: Mapping[str, Any]) -> list[Tag]:
    told = data.get("tags", ())
    return [Tag(name=name, automatic=tag.get("type") == 1) for tag in told if (name := _line(tag, "tag"))]


def _text(data: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := str(data.get(name) or "").strip())), "")


def _line(data: Mapping[str, Any], *names: str) -> str:
    return " ".join(_text(data, *names).split())
