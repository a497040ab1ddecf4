"""BibTeX's values as text: accents, symbols and commands as what they print."""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import cache, lru_cache

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from longshore.sources.bibliography.records import one_line, paragraphs, unescaped

# It complains of every command that is written wrongly, on the worker's own log.
logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)

_LONGEST = 200_000
_ACCENTS = "\"'`^~=.cvHkrud"
_MARKS = "\u0308\u0301\u0300\u0302\u0303\u0304\u0307\u0327\u030c\u030b\u0328\u030a\u0306\u0323"
_COMBINING = dict(zip(_ACCENTS, _MARKS, strict=True))
_ACCENTED = re.compile(r"""\\(["'`^~=.]|[cvHkrud](?=[\s{]))\s?\{?\s?(?:\\([ij])(?![A-Za-z])\s?|([A-Za-z]))""")
"""What nearly all of the TeX in bibliographies is; the converter of all of TeX takes five times as long."""
_PLAIN = re.compile(r"\\([&%_#])")
_COMMENT_SIGN = re.compile(r"(?<!\\)%")
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "), ("{", ""), ("}", ""))
_ESCAPED = re.compile(r"\{?\\([_&%#$~{}])\}?")
_BACKSLASH = re.compile(r"\{?\$?\\(?:textbackslash|backslash)\b(?:\{\})?\$?\}?\s?")
_ACCENT = re.compile(r"\{\\[^\s{}]\s*(?:\{\\?[A-Za-z]*\}|\\?[A-Za-z])\}")
_TILDE = re.compile(r"\{\\textasciitilde(?:\{\})?\}|\\textasciitilde\b(?:\{\}|\s)?|\$\\sim\$")
_URL = re.compile(r"\\(?:url|href)\s*\{([^{}]*)\}")


def line(value: str) -> str:
    """A title, a name: what it prints, on one line."""
    return one_line(text(value))


def prose(value: str) -> str:
    """An abstract, a note: paragraphs, a blank line between them."""
    return "\n\n".join(paragraphs(text(value)))


def text(value: str) -> str:
    if "\\" in value or "$" in value:
        plain = _PLAIN.sub(r"\1", _ACCENTED.sub(_accented, value))
        if "\\" in plain or "$" in plain:
            return unescaped(_typeset(value) if len(value) <= _LONGEST else _untied(value))
        value = plain
    return unescaped(_untied(value))


def verbatim(value: str) -> str:
    """A URL, a DOI: only escaped, never typeset."""
    value = _TILDE.sub("~", value)
    if found := _URL.search(value):
        value = found.group(1)
    return one_line(_ESCAPED.sub(r"\1", unescaped(value)).replace("{", "").replace("}", ""))


def path(value: str) -> str:
    """A `file` field as its program meant it, before Mendeley or Zotero made TeX of it."""
    value = _BACKSLASH.sub(lambda _: "\\", value)
    value = _ACCENT.sub(lambda found: line(found.group()), value)
    return one_line(re.sub(r"\{?\\([_&%#$~])\}?", r"\1", value))


def _accented(found: re.Match[str]) -> str:
    accent, dotless, letter = found.groups()
    return unicodedata.normalize("NFC", (dotless or letter) + _COMBINING[accent])


def _untied(value: str) -> str:
    for mark, printed in _LIGATURES:
        value = value.replace(mark, printed)
    return value


@lru_cache(maxsize=4096)
def _typeset(value: str) -> str:
    try:
        # A percent sign is never meant as a comment here, but in TeX it would be one.
        return str(_converter().latex_to_text(_COMMENT_SIGN.sub(r"\\%", value)))
    except (RecursionError, ValueError, IndexError, AttributeError):
        return _untied(value)


@cache
def _converter() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    plain = [MacroTextSpec("url", simplify_repl="%s"), MacroTextSpec("href", simplify_repl="%(2)s")]
    silent = [MacroTextSpec(name, "") for name in ("today", "label", "cite", "ref", "input", "include")]
    context.add_context_category("bibliography", prepend=True, macros=[*plain, *silent])
    return LatexNodes2Text(latex_context=context, math_mode="verbatim", strict_latex_spaces=False)
