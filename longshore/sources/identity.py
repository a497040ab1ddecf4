"""Which document an item is, as far as the item alone can tell."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import urlsplit

from longshore.sources.model import REPOSITORY_FILE, Item

SECTIONS = frozenset({"bookSection", "encyclopediaArticle", "dictionaryEntry"})
"""Parts of a book: they often carry the DOI, ISBN and URL of the whole."""
_TAG = re.compile(r"<[^<>]*>")
_FAMILY_FIRST = re.compile(r"[가-힣一-鿿]")
_TELLING_TITLE = 20
"""Bytes; what is called less ("Introduction", "편집자의 말") may be many works."""


def document_identity(item: Item) -> str:
    """A string that is equal for items that are the same document, and different for different works.

    In order of trust: DOI or arXiv id; ISBN of a whole book; URL; title, year and first author; a digest of the
    content. ISBN and URL only count together with the title, because real libraries hold different works under one
    ISBN (volumes of a set) or one URL (a page and the report it offers). A loose file is its content, unless its front
    page says what it is (longshore/graph/loose.py). What this leaves apart, linking may unite; what this merged could
    never be told apart again.
    """
    title = normalised(item.title)
    if item.kind == "note":
        return _digest("note", *item.notes)
    if item.item_type == REPOSITORY_FILE:
        return _digest("repository-file", item.url or "")
    if item.kind == "attachment":
        return _registered(item) or (_titled(item) if work_of(item) else None) or _attachment_identity(item)
    if registered := _registered(item):
        return registered
    if item.isbn and item.item_type == "book":
        return _digest("isbn", item.isbn, normalised(re.split(r"[:.–—]", item.title)[0]), item.volume or "")
    if item.url:
        return _digest("url", _normalised_url(item.url), title)
    if title and item.year and item.creators:
        return _titled(item)
    return _digest(
        "content",
        item.item_type,
        title,
        item.date,
        item.publisher or "",
        item.abstract,
        *_place(item),
        *(f"{creator.role}/{creator.family}/{creator.given}" for creator in item.creators),
        *sorted(attachment.sha256 or "" for attachment in item.attachments),
    )


def is_registered(identity: str) -> bool:
    """Whether it is a DOI or an arXiv id, and so the same wherever the document is met."""
    return identity.startswith(("doi:", "arxiv:"))


def work_of(item: Item) -> tuple[str, int, str] | None:
    """Title, year and first author, where together they tell a work from others; equal for those of one work."""
    title = normalised(item.title)
    if not item.year or not item.creators or len(title.encode()) < _TELLING_TITLE:
        return None
    first = item.creators[0]
    # Korean and Chinese names are kept whole by some and in two parts by others.
    author = first.family + first.given if _FAMILY_FIRST.match(first.family) else first.family
    return title, item.year, normalised(author)


def normalised(text: str) -> str:
    """Words of letters and digits in lower case, one space between them, without markup."""
    folded = unicodedata.normalize("NFKC", _TAG.sub("", text)).casefold()
    return " ".join(re.findall(r"[^\W_]+", folded))


def _registered(item: Item) -> str | None:
    if item.arxiv and (item.doi is None or item.doi.startswith("10.48550/")):
        return f"arxiv:{item.arxiv}"
    if item.doi and item.item_type in SECTIONS:
        return _digest("doi", item.doi, normalised(item.title))
    return f"doi:{item.doi}" if item.doi else None


def _titled(item: Item) -> str:
    title = normalised(item.title)
    within = _place(item) if item.item_type in SECTIONS or len(title.split()) < 3 else ()
    return _digest("title", title, str(item.year), normalised(item.creators[0].family), *within)


def _attachment_identity(item: Item) -> str:
    hashes = [attachment.sha256 for attachment in item.attachments if attachment.sha256]
    if hashes:
        return _digest("file", *sorted(hashes))
    if item.url:
        return _digest("url", _normalised_url(item.url), normalised(item.title))
    return _digest("missing-file", item.title, *(attachment.path or "" for attachment in item.attachments))


def _place(item: Item) -> tuple[str, ...]:
    """Where in its container an item stands: tells apart what is only called `Editorial` or `Introduction`."""
    return (normalised(item.venue or ""), item.volume or "", item.issue or "", item.pages or "")


def _normalised_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip()) if "[" not in url else None
    except ValueError:
        parts = None
    if parts is None or not parts.netloc:
        return url.strip()
    host = parts.netloc.rpartition("@")[2].lower().removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{parts.path.rstrip('/')}{query}"


def _digest(scheme: str, *parts: str) -> str:
    joined = "\0".join(parts)
    return f"{scheme}:{hashlib.sha256(joined.encode()).hexdigest()[:40]}"
