"""The closed list of reasons."""

from __future__ import annotations

import re
from pathlib import Path

from longshore import codes, parsing
from longshore.graph import outcomes
from longshore.parsing.model import SKIPPED_CODES


def test_every_reason_that_the_program_gives_is_listed() -> None:
    sources = [*Path(parsing.__path__[0]).glob("*.py"), Path(str(outcomes.__file__))]
    given = {
        code
        for source in sources
        for code in re.findall(
            r'(?:ParseFailure\(|ItemOutcome\("skipped",|attachment.missing or)\s*"([a-z_]+)"',
            source.read_text(encoding="utf-8"),
        )
    }

    assert {"encrypted", "missing_file", "no_file", "parser_timeout"} <= given
    assert given | SKIPPED_CODES <= set(codes.KNOWN)


def test_every_listed_reason_has_a_meaning() -> None:
    assert set(codes.CODES) == set(codes.KNOWN)
    assert list(codes.KNOWN) == sorted(codes.KNOWN)


def test_what_is_not_listed_is_unexpected() -> None:
    assert [codes.listed("corrupt"), codes.listed("KeyError")] == ["corrupt", "unexpected"]
