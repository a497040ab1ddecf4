"""SubRip and WebVTT: what is said, without when."""

from __future__ import annotations

import re

from longshore.parsing.model import ParseFailure
from longshore.parsing.reading import Reading
from longshore.parsing.text import decode, read_plain

_TIMING = re.compile(r"^\s*(?:\d+:)?\d+:\d+[.,]\d+\s*-->")
_MARKUP = re.compile(r"<[^<>\n]*>|\{\\[^{}\n]*\}")
_ASIDE = ("WEBVTT", "NOTE", "STYLE", "REGION")


def read_subtitles(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    text = decode(data)
    if text is None:
        raise ParseFailure("unsupported", f"{name} is not text in any known encoding.", "Save it as UTF-8.")
    said: list[str] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").lstrip("\ufeff")):
        lines = block.strip().split("\n")
        timing = next((number for number, line in enumerate(lines) if _TIMING.match(line)), None)
        if timing is not None:
            said.extend(_MARKUP.sub("", line).strip() for line in lines[timing + 1 :])
        elif not lines[0].startswith(_ASIDE):
            said.extend(lines)
    return read_plain("\n".join(line for line in said if line))
