"""The refusals that do not come from reading a document but from the limits put on whoever reads it."""

from __future__ import annotations

from longshore.parsing.model import ParseFailure

_TRY_A_COPY = "Save it again with another program and import it again."


def took_too_long(name: str) -> ParseFailure:
    return ParseFailure("parser_timeout", f"Reading {name} took longer than a document may take.", _TRY_A_COPY)


def out_of_memory(name: str) -> ParseFailure:
    return ParseFailure(
        "parser_out_of_memory", f"Reading {name} took more memory than a document may take.", _TRY_A_COPY
    )


def crashed(name: str, how: str) -> ParseFailure:
    return ParseFailure("parser_crashed", f"The parser broke down over {name} ({how}).", _TRY_A_COPY)


def too_large(name: str) -> ParseFailure:
    return ParseFailure("too_large", f"{name} holds more text than a document may hold.", "Split the file.")
