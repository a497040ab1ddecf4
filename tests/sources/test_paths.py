"""Paths of a source."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.sources.paths import canonical, spellings


@pytest.mark.parametrize(
    "path", ["", ".", "/", "/etc/passwd", "..", "a/../../b", "a/..", "C:\\x", "c:/x", "file:///x", "..\\x", "a\0b"]
)
def test_paths_that_lead_outside_or_nowhere_are_none(path: str) -> None:
    assert canonical(path) is None


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("files/1/a.pdf", "files/1/a.pdf"),
        ("./files//1/a.pdf", "files/1/a.pdf"),
        ("files\\1\\a.pdf", "files/1/a.pdf"),
        ("files/1/A: B.pdf", "files/1/A: B.pdf"),
        (unicodedata.normalize("NFD", "한글/é.pdf"), "한글/é.pdf"),
    ],
)
def test_one_spelling(path: str, clean: str) -> None:
    assert canonical(path) == clean


def test_escapes_never_hide_a_way_out() -> None:
    assert spellings("files/%2e%2e/%2e%2e/x") == ["files/%2e%2e/%2e%2e/x"]


@given(st.text())
def test_canonical_paths_are_their_own_spelling_and_stay_inside(path: str) -> None:
    clean = canonical(path)
    if clean is not None:
        assert canonical(clean) == clean
        assert not clean.startswith("/")
        assert ".." not in clean.split("/")
