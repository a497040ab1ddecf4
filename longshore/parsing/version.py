"""Names all that decides how bytes become chunks, so that text parsed otherwise is never taken for this one's."""

from __future__ import annotations

from importlib.metadata import version

from longshore.parsing import chunking
from longshore.parsing.code.languages import GRAMMARS

REVISION = 8
"""Raised whenever code in this package changes what any document gives; tests/parsing/test_version.py notices."""

_LIBRARIES = (
    "charset-normalizer",
    "lxml",
    "pylatexenc",
    "pypdfium2",
    "selectolax",
    "semantic-text-splitter",
    "striprtf",
    "tree-sitter",
    *sorted({grammar.library for grammar in GRAMMARS.values()}),
)


def version_for(passage: int) -> str:
    """Part of the key under which parsed text is kept that is cut into passages of at most so many Latin letters."""
    return ";".join(
        [
            f"longshore-parsing={REVISION}",
            *(f"{library}={version(library)}" for library in _LIBRARIES),
            f"budgets={passage},{chunking.cjk_budget(passage)},{chunking.CJK_SHARE}",
        ]
    )


parser_version: str = version_for(chunking.LATIN_BUDGET)
