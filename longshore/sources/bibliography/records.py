"""What every format's reader gives: an item for each record, whether it can be read or not."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from longshore.sources.model import Item, Refusal, Tag

LARGEST = 4 << 20
"""Characters of a record; more are no description of a work."""

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}\d{0,2});")
_MARKUP = re.compile(r"</?(?:i|b|sub|sup|inf|sc|span|em|strong|p|jats:[\w-]+)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


class BrokenRecord(Exception):
    """A record cannot be read; the message says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Record:
    name: str | None
    """What the file itself calls it: a citation key, an id."""
    item: Item
    """Without key."""


def broken(name: str | None, line: int | None, reason: str) -> Record:
    """
    Args:
        line: where the record begins, from 1.
    """
    where = f"The entry that begins on line {line}" if line else "The entry"
    refusal = Refusal(state="failed", code="broken_record", detail=f"{where} cannot be read: {reason}.")
    return Record(name, Item(key="", kind="entry", title=name or "", refusal=refusal))


def says_nothing(item: Item) -> bool:
    """Whether there is nothing that would tell the work from any other."""
    return not (item.title or item.creators or item.doi or item.arxiv or item.isbn or item.url or item.abstract)


def storable(text: str) -> str:
    """Without what no database keeps as text: control characters and halves of characters."""
    return _UNSTORABLE.sub("", text)


def unescaped(text: str) -> str:
    """Publishers' exports hold what was made for web pages: `R&amp;D`."""
    return _ENTITY.sub(lambda found: storable(html.unescape(found.group())), text) if "&" in text else text


def unmarked(text: str) -> str:
    """Without the markup that titles and abstracts carry: `H<sub>2</sub>O`."""
    return _MARKUP.sub("", text) if "<" in text else text


def one_line(text: str) -> str:
    return " ".join(text.split())


def paragraphs(text: str) -> list[str]:
    """Texts are broken at any width; only a blank line ends a paragraph."""
    return [one_line(paragraph) for paragraph in _BLANK_LINES.split(text.strip()) if paragraph.strip()]


def as_html(text: str) -> str:
    return "".join(f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in paragraphs(text))


def tags(names: Iterable[str]) -> tuple[Tag, ...]:
    return tuple(Tag(name=name) for name in sorted({one_line(name) for name in names} - {""}))
