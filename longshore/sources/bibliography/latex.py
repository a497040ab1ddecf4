"""BibTeX's values as text: accents, symbols and commands as what they print."""

from __future__ import annotations

import re
from functools import cache

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from longshore.sources.bibliography.records import one_line, paragraphs

_LONGEST = 200_000
_COMMENT_SIGN = re.compile(r"(?<!\\)%")
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "), ("{", ""), ("}", ""))
_ESCAPED = re.compile(r"\{?\\([_&%#$~{}])\}?")
_BACKSLASH = re.compile(r"\{?\$?\\(?:textbackslash|backslash)\b(?:\{\})?\$?\}?\s?")
_ACCENT = re.compile(r"\{\\[^\s{}]\s*(?:\{\\?[A-Za-z]*\}|\\?[A-Za-z])\}")
_URL = re.compile(r"\\(?:url|href)\s*\{([^{}]*)\}")


def line(value: str) -> str:
    """A title, a name: what it prints, on one line."""
    return one_line(text(value))


def prose(value: str) -> str:
    """An abstract, a note: paragraphs, a blank line between them."""
    return "\n\n".join(paragraphs(text(value)))


def text(value: str) -> str:
    if "\\" in value or "$" in value:
        try:
            if len(value) <= _LONGEST:
                # A percent sign is never meant as a comment here, but in TeX it would be one.
                return str(_converter().latex_to_text(_COMMENT_SIGN.sub(r"\\%", value)))
        except (RecursionError, ValueError, IndexError, AttributeError):
            pass
    for mark, printed in _LIGATURES:
        value = value.replace(mark, printed)
    return value


def verbatim(value: str) -> str:
    """A URL, a DOI: only escaped, never typeset."""
    if found := _URL.search(value):
        value = found.group(1)
    return one_line(_ESCAPED.sub(r"\1", value).replace("{", "").replace("}", ""))


def path(value: str) -> str:
    """A `file` field as its program meant it, before Mendeley or Zotero made TeX of it."""
    value = _BACKSLASH.sub(lambda _: "\\", value)
    value = _ACCENT.sub(lambda found: line(found.group()), value)
    return one_line(re.sub(r"\{?\\([_&%#$~])\}?", r"\1", value))


@cache
def _converter() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    plain = [MacroTextSpec("url", simplify_repl="%s"), MacroTextSpec("href", simplify_repl="%(2)s")]
    silent = [MacroTextSpec(name, "") for name in ("today", "label", "cite", "ref", "input", "include")]
    context.add_context_category("bibliography", prepend=True, macros=[*plain, *silent])
    return LatexNodes2Text(latex_context=context, math_mode="verbatim", strict_latex_spaces=False)
