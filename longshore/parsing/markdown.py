"""Markdown: read as it is written, with the title that it gives itself, its headings and its links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from longshore.parsing.headings import Heading, sections_of
from longshore.parsing.links import relative_links
from longshore.parsing.model import Reference
from longshore.parsing.reading import Reading, bounded
from longshore.parsing.text import read_plain, read_text

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)(?:\n|\Z)", re.DOTALL)
_STATED = re.compile(r"^title:\s*(['\"]?)(.+?)\1\s*$", re.MULTILINE)
_FENCED = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)[^\n]*?[^`\n]\1(?!`)")
_HEADING = re.compile(
    r"^ {0,3}(?P<marks>#{1,6})[ \t]+(?P<after>\S.*?)(?:[ \t]+#+)?[ \t]*$"
    r"|^(?P<above>[^\s|>*+#-].*)\n(?P<line>=+|-{2,})[ \t]*$",
    re.MULTILINE,
)
_LINK = re.compile(
    r"\]\(\s*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*))"  # [text](address)
    r"|^ {0,3}\[[^\]\n]+\]:[ \t]*<?([^\s<>]+)"  # [name]: address
    r"|<a\s[^<>]*?href=[\"']([^\"'<>]+)",
    re.MULTILINE,
)
_WIKI_LINK = re.compile(r"\[\[([^\[\]|#\n]+)(?:#[^\[\]|\n]*)?(?:\|[^\[\]\n]*)?\]\]")
_LABEL = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)|[*_`]+(?=\S)|(?<=\S)[*_`]+")
_MAX_TITLE = 300


def read_markdown(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    return _understood(read_text(data, name))


def read_markdown_text(text: str) -> Reading:
    return _understood(read_plain(text))


def _understood(reading: Reading) -> Reading:
    """With the title of its front matter, else its first heading of the first level; code is not asked."""
    (text,) = reading.pages
    front = _FRONT_MATTER.match(text)
    stated = _STATED.search(front[1]) if front else None
    prose = _FENCED.sub(_blank, _blank(front) + text[front.end() :] if front else text)
    headings = list(_headings(prose))
    title = stated[2] if stated else next((heading.title for heading in headings if heading.level == 1), "")
    return replace(
        reading,
        title=title.strip()[:_MAX_TITLE] or None,
        sections=tuple(sections_of([heading._replace(title=_label(heading.title)) for heading in headings], len(text))),
        references=bounded(_references(_CODE.sub(_blank, prose))),
    )


def _blank(found: re.Match[str]) -> str:
    """As much of nothing, so that all else stays in its place."""
    return re.sub(r"[^\n]", " ", found[0])


def _headings(prose: str) -> Iterator[Heading]:
    for found in _HEADING.finditer(prose):
        level = len(found["marks"]) if found["marks"] else 1 if found["line"].startswith("=") else 2
        yield Heading(found.start(), level, found["after"] or found["above"])


def _label(title: str) -> str:
    """What a heading says, without its dress."""
    return _LABEL.sub(lambda found: found[1] or "", title).strip()


def _references(prose: str) -> Iterator[Reference]:
    yield from relative_links(next(filter(None, found.groups()), "") for found in _LINK.finditer(prose))
    for found in _WIKI_LINK.finditer(prose):
        yield Reference(kind="wiki", target=found[1].strip())
