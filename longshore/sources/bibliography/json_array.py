"""The members of a JSON array, one at a time, and on past those that are broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from longshore.sources.bibliography.records import LARGEST

_PIECE = 64 << 10
_BETWEEN = re.compile(r"[\s,]*")
_WRAPPED = re.compile(r'\s*\{\s*"items"\s*:\s*\[')
_NEXT = re.compile(r'[}\],]\s*(?=\{\s*"(?:id|type)"\s*:)')
"""Where, after something broken, the next record seems to begin: exporters write its id or type first."""


@dataclass(frozen=True, slots=True)
class Member:
    """`line` is where it begins, from 1. `value` is None for what is broken, of which `text` is the beginning."""

    line: int
    value: Any
    text: str = ""
    reason: str = ""


class JSONArray:
    """An array, or an object whose first member is the array `items`; yields nothing for anything else."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._decoder = json.JSONDecoder()

    def __iter__(self) -> Iterator[Member]:
        if not self._begin():
            return
        while self._seek():
            if self._text[self._at] == "]":
                return
            yield self._member()

    def _begin(self) -> bool:
        self._read(_PIECE)
        start = len(self._text) - len(self._text.lstrip())
        if self._text.startswith("[", start):
            self._advance(start + 1)
            return True
        if found := _WRAPPED.match(self._text):
            self._advance(found.end())
        return bool(found)

    def _seek(self) -> bool:
        """Goes to the next member, or to the array's end; False at that of the file."""
        while True:
            found = _BETWEEN.match(self._text, self._at)
            self._advance(found.end() if found else self._at)
            if self._at < len(self._text):
                return True
            if self._ended:
                return False
            self._read(_PIECE)

    def _member(self) -> Member:
        line, wanted = self._line, _PIECE
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if self._ended or len(self._text) - self._at > LARGEST:
                    return self._past_broken(line, error)
            else:
                # A number may go on behind what was read of it; nothing else may.
                if end < len(self._text) or self._ended or isinstance(value, dict):
                    self._advance(end)
                    return Member(line, value, reason="" if isinstance(value, dict) else "it is no object")
            self._read(wanted)
            wanted *= 2

    def _past_broken(self, line: int, error: Exception) -> Member:
        reason = "it is nested too deeply"
        if isinstance(error, json.JSONDecodeError):
            at = line + self._text.count("\n", self._at, error.pos)
            reason = f"it is not valid JSON on line {at} ({error.msg[:1].lower() + error.msg[1:]})"
        text = self._text[self._at : self._at + 1000]
        self._advance(self._at + 1)
        while not (found := _NEXT.search(self._text, self._at)):
            if self._ended:
                self._advance(len(self._text))
                return Member(line, None, text, reason)
            # What ends one record and begins the next may lie across two pieces.
            self._advance(max(self._at, len(self._text) - 1000))
            self._read(_PIECE)
        self._advance(found.end())
        return Member(line, None, text, reason)

    def _advance(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to

    def _read(self, size: int) -> None:
        """Reads on, and lets go of what is behind."""
        piece = self._file.read(size)
        self._ended = not piece
        self._text, self._at = self._text[self._at :] + piece, 0
