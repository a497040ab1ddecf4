"""LaTeX: the text of the document, its formulas as they are written; files that it includes are not opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db
from pylatexenc.latexwalker import LatexWalker

from longshore.parsing.model import ParseFailure, Reference
from longshore.parsing.reading import Reading, bounded
from longshore.parsing.text import decode, read_plain

_TITLE = re.compile(r"\\title\s*(?:\[[^\]]*\]\s*)?(?=\{)")
_COMMENT = re.compile(r"(?<!\\)%.*")
_BLANK_LINES = re.compile(r"\n\s*\n\s*")
_INCLUDED = re.compile(r"\\(?:input|include|subfile|subfileinclude)\s*\{\s*([^{}\\#]+?)\s*\}")
_MAX_TITLE = 300


def read_latex(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes; `corrupt` if it is nested without end.
    """
    text = decode(data)
    if text is None:
        raise ParseFailure("unsupported", f"{name} is not text in any known encoding.", "Save it as UTF-8.")
    try:
        reading = read_plain(_BLANK_LINES.sub("\n\n", _converter().latex_to_text(text)).strip())
        return replace(reading, title=_title(text)[:_MAX_TITLE] or None, references=bounded(_included(text)))
    except RecursionError as error:
        raise ParseFailure("corrupt", f"{name} is nested too deeply to be read.", "Check its braces.") from error


def _included(text: str) -> Iterator[Reference]:
    for found in _INCLUDED.finditer(_COMMENT.sub("", text)):
        yield Reference(kind="latex", target=found[1])


def _converter() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    # The day of reading must not come into the text: it would be another text tomorrow.
    silent = [MacroTextSpec(name, "") for name in ("maketitle", "today", "label", "cite", "citep", "citet", "ref")]
    context.add_context_category("silent", prepend=True, macros=silent)
    return LatexNodes2Text(latex_context=context, math_mode="verbatim", strict_latex_spaces=False)


def _title(text: str) -> str:
    found = _TITLE.search(_COMMENT.sub("", text))
    if not found:
        return ""
    group, _, _ = LatexWalker(_COMMENT.sub("", text)).get_latex_expression(found.end())
    return " ".join(_converter().nodelist_to_text([group]).split())
