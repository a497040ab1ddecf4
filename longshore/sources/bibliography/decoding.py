"""Text files of unknown encoding, read line by line."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import IO

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"^%\s*Encoding:\s*([\w.-]+)", re.IGNORECASE)
"""JabRef's first line."""
_GUESSES = ["cp949", "cp932", "euc_jp", "gb18030", "big5", "cp1252", "cp1251", "koi8_r"]
_SAMPLE = 256 << 10
_PIECE = 1 << 20
_STRAY = "longshore.stray"


def open_text(path: Path) -> IO[str]:
    """The file as text with line feeds for line ends. What is invalid in its encoding is read as Windows-1252 where
    the rest is UTF-8, as after a paste between editors, and else replaced, so that one byte spoils no other record."""
    encoding, errors = _encoding(path)
    return path.open(encoding=encoding, errors=errors, newline=None)


def _encoding(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        head = file.read(1024)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, "replace"
    valid, stray = _count_utf8(path)
    if stray <= valid:
        return "utf-8", _STRAY
    if (declared := _DECLARED.match(head)) and (known := _known(declared.group(1).decode())):
        return known, "replace"
    return _guess(_sample(path)), "replace"


def _count_utf8(path: Path) -> tuple[int, int]:
    """How many characters beyond ASCII the file has as UTF-8, and how many bytes are none."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    valid = stray = 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            text = "" if piece.isascii() and not decoder.getstate()[0] else decoder.decode(piece)
            if not text.isascii():
                wrong = sum("\udc80" <= character <= "\udcff" for character in text)
                stray += wrong
                valid += sum(character > "\x7f" for character in text) - wrong
    return valid, stray + len(decoder.getstate()[0])


def _known(name: str) -> str | None:
    try:
        return codecs.lookup(name.replace("_", "-")).name
    except LookupError:
        return None


def _sample(path: Path) -> bytes:
    """Lines that are not ASCII; the others say nothing."""
    found = bytearray()
    with path.open("rb") as file:
        while len(found) < _SAMPLE and (line := file.readline(_PIECE)):
            if not line.isascii():
                found += line
    return bytes(found)


def _guess(sample: bytes) -> str:
    if _is_korean(sample):
        return "cp949"
    guess = from_bytes(sample, cp_isolation=_GUESSES).best()
    return guess.encoding if guess else "cp1252"


def _is_korean(sample: bytes) -> bool:
    """Whether it reads as Hangul throughout: a few names are too little for a guess by frequencies."""
    try:
        foreign = [character for character in sample.decode("cp949") if character > "\x7f"]
    except UnicodeDecodeError:
        return False
    common = sum("가" <= c <= "힣" and min(c.encode("cp949")) >= 0xA1 for c in foreign)
    return common >= 0.8 * len(foreign)


def _stray(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_STRAY, _stray)
