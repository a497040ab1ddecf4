"""Source code: read as it is written, with its symbols, what it imports, and what it says in words."""

from __future__ import annotations

from dataclasses import replace

from tree_sitter import Parser

from longshore.parsing.code.imports import go_module, imports
from longshore.parsing.code.languages import GRAMMARS, loaded
from longshore.parsing.code.names import language_of_head, language_of_name
from longshore.parsing.code.prose import remarks
from longshore.parsing.code.symbols import symbols
from longshore.parsing.reading import Reading, bounded
from longshore.parsing.text import read_text

MAX_SYMBOL_BYTES = 1 << 20
"""Longer texts are made by programs; a syntax tree takes some thirty times their size."""
_MAX_LINE = 200
"""Characters in the average line of what a person wrote."""


def read_code(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `unsupported` if no encoding makes text of the bytes.
    """
    reading = read_text(data, name)
    (text,) = reading.pages
    language = language_of_name(name) or language_of_head(data)
    if language == "go-module":
        return replace(reading, references=bounded(go_module(text)))
    if language is None or len(data) > MAX_SYMBOL_BYTES or len(text) > _MAX_LINE * (text.count("\n") + 1):
        return reading
    asked, imported = loaded(language), GRAMMARS[language].imported
    root = Parser(asked.language).parse(text.encode()).root_node
    return replace(
        reading,
        sections=symbols(root, asked.symbols, text),
        references=bounded(imports(root, asked.imports, imported)) if asked.imports and imported else (),
        remarks=tuple(remarks(root, asked.comments)),
    )
