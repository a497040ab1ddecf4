"""Bibliographies in whatever encoding they were saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.sources.model import Item

Read = Callable[..., list[Item]]

WESTERN = "@book{a, title = {Über die Größe}, author = {Müller, Jörg and García, José}}\n"
KOREAN = "@book{a, title = {지식 그래프의 구축}, author = {홍길동}}\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (WESTERN, "utf-8"),
        (WESTERN, "utf-8-sig"),
        (WESTERN, "utf-16"),
        (WESTERN, "latin-1"),
        (WESTERN, "cp1252"),
        (KOREAN, "utf-8"),
        (KOREAN, "utf-8-sig"),
        (KOREAN, "cp949"),
        (KOREAN, "utf-16"),
    ],
)
def test_each_is_read_as_what_was_written(read_bib: Read, text: str, encoding: str) -> None:
    [expected] = read_bib(text)
    assert read_bib(text.encode(encoding)) == [expected]
    assert expected.title in ("Über die Größe", "지식 그래프의 구축")


def test_a_single_korean_name_is_enough(read_bib: Read) -> None:
    [item] = read_bib("@book{a, title = {T}, author = {김철수}}".encode("cp949"))
    assert item.creators[0].family == "김철수"


def test_what_jabref_declares_counts(read_bib: Read) -> None:
    [item] = read_bib("% Encoding: ISO8859_2\n@book{a, title = {Dvořák}}\n".encode("iso8859-2"))
    assert item.title == "Dvořák"


def test_a_stray_byte_spoils_nothing_else(read_bib: Read) -> None:
    first, second = read_bib(KOREAN.encode() + "@book{b, title = {Größe}}\n".encode("latin-1"))
    assert (first.title, second.title) == ("지식 그래프의 구축", "Größe")


def test_ris_and_json_too(read_ris: Read, read_csl: Read) -> None:
    [ris] = read_ris("TY  - BOOK\r\nTI  - 지식 그래프\r\nER  - \r\n".encode("cp949"))
    [csl] = read_csl('[{"id": "a", "type": "book", "title": "Größe"}]'.encode("latin-1"))
    assert (ris.title, csl.title) == ("지식 그래프", "Größe")


def test_nul_and_control_characters_are_left_out(read_bib: Read) -> None:
    [item] = read_bib(b"@book{a, title = {A\x00 T\x07itle}}")
    assert item.title == "A Title"
