"""Markdown: read as it is written, with the title that it gives itself."""

from __future__ import annotations

import re
from dataclasses import replace

from longshore.parsing.reading import Reading
from longshore.parsing.text import read_plain, read_text

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_STATED = re.compile(r"^title:\s*(['\"]?)(.+?)\1\s*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^# +(.+?)(?: +#+)?$|^(\S.*)\n=+$", re.MULTILINE)
_MAX_TITLE = 300


def read_markdown(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    return titled(read_text(data, name))


def read_markdown_text(text: str) -> Reading:
    return titled(read_plain(text))


def titled(reading: Reading) -> Reading:
    """With the title of its front matter, else its first heading of the first level; code is not asked."""
    (text,) = reading.pages
    front = _FRONT_MATTER.match(text)
    stated = _STATED.search(front[1]) if front else None
    heading = _HEADING.search(_FENCED.sub("", text))
    found = stated[2] if stated else (heading[1] or heading[2]) if heading else ""
    return replace(reading, title=found.strip()[:_MAX_TITLE] or None)
