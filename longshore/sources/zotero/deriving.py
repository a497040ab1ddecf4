"""What Zotero's fields say about a work, whichever way they came: by an export or by the web API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from selectolax.lexbor import LexborHTMLParser

from longshore.sources import identifiers
from longshore.sources.model import Tag

_MARKUP = re.compile(r"</?(?:i|b|sub|sup|sc|span)(?:\s[^<>]*)?>", re.IGNORECASE)
_WEB_TYPES = frozenset({"webpage", "blogPost", "forumPost"})
_TITLE_CHARACTERS = 120


def plain_title(title: str) -> str:
    """On one line and without the markup that Zotero allows in titles."""
    return _MARKUP.sub("", " ".join(title.split()))


def doi_of(item_type: str, own: list[str], of_container: tuple[str, ...], extra: str, url: str) -> str | None:
    """The item's own DOI wins; a container's counts only if it names exactly one."""
    if mine := first(identifiers.doi, (text for text in own if not _is_other(text))):
        return mine
    container_dois = {found for text in marked("DOI", of_container) if (found := identifiers.doi(text))}
    if len(container_dois) == 1:
        return container_dois.pop()
    if stated := first(identifiers.doi, marked("DOI:", extra.splitlines())):
        return stated
    return identifiers.doi_of_url(url) if item_type not in _WEB_TYPES else None


def arxiv_of(doi: str | None, own: list[str], number: str, archive_id: str, extra: str, url: str) -> str | None:
    named = marked("ARXIV:", (*own, number, archive_id, *extra.splitlines()))
    return first(identifiers.arxiv, (*([doi] if doi and doi.startswith("10.48550/") else []), *named, url))


def united_tags(*groups: Iterable[Tag]) -> tuple[Tag, ...]:
    """Tags by name; one that a person has set is not automatic, whatever a translator set too."""
    tags = [tag for group in groups for tag in group]
    manual = {tag.name for tag in tags if not tag.automatic}
    return tuple(Tag(name=name, automatic=name not in manual) for name in sorted({tag.name for tag in tags}))


def first_line(html: str) -> str:
    body = LexborHTMLParser(html).body
    lines = body.text(separator="\n").split("\n") if body else []
    line = next((stripped for line in lines if (stripped := " ".join(line.split()))), "")
    return line if len(line) <= _TITLE_CHARACTERS else line[: _TITLE_CHARACTERS - 1].rstrip() + "…"


def marked(mark: str, texts: Iterable[str]) -> list[str]:
    return [text for text in (t.strip() for t in texts) if text.upper().startswith(mark)]


def _is_other(text: str) -> bool:
    return text.upper().startswith(("ISBN", "ISSN", "ARXIV"))


def first(read: Callable[[str], str | None], texts: Iterable[str]) -> str | None:
    return next((found for text in texts if (found := read(text))), None)
