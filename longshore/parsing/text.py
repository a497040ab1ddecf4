"""Plain text in whatever encoding it was saved."""

from __future__ import annotations

import codecs
from dataclasses import replace

from charset_normalizer import from_bytes

from longshore.parsing.model import ParseFailure
from longshore.parsing.reading import Reading, clean
from longshore.parsing.references import CitedDois

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What the web and desktops really left behind; from all there are, the guess for a short text is often an exotic one.
_ENCODINGS = ["cp949", "cp932", "euc_jp", "gb18030", "big5", "cp1252", "cp1251", "koi8_r", "utf_16"]


def read_text(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    text = decode(data)
    if text is None:
        raise ParseFailure("unsupported", f"{name} is not text in any known encoding.", "Save it as UTF-8.")
    return replace(read_plain(text), lined=True)


def read_plain(text: str) -> Reading:
    text = clean(text)
    cited = CitedDois()
    cited.feed(text)
    return Reading(pages=[text], cited_dois=cited.sorted())


def decode(data: bytes) -> str | None:
    """Text by its byte order mark, as UTF-8, else by the most coherent guess; None if there is none."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        guess = from_bytes(data, cp_isolation=_ENCODINGS).best()
        return None if guess is None else str(guess)
