"""Parsers of other packages, in the processes that read documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.pool import ParserPool
from longshore.parsing.sniffing import promised
from longshore.plugins import added
from tests import addition


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path of modules, which holds nothing yet."""
    monkeypatch.syspath_prepend(tmp_path / "site")
    added.cache_clear()
    yield tmp_path / "site"
    added.cache_clear()


async def parse(path: Path, text: str) -> Parsed:
    path.write_text(text, encoding="utf-8")
    async with ParserPool(processes=1) as pool:
        return await pool.parse(path, None, path.name)


async def test_the_parser_of_the_documentation_reads_what_it_is_for(site: Path, tmp_path: Path) -> None:
    addition.install(site)
    parsed = await parse(tmp_path / "Voyage.SHIPLOG", addition.LOG)
    assert parsed.title == "Log from 3 May 2021"
    [chunk] = parsed.chunks
    assert (chunk.heading, chunk.lines) == ("3 May 2021, 4 May 2021", (1, 5))


async def test_its_refusal_is_the_files(site: Path, tmp_path: Path) -> None:
    addition.install(site)
    with pytest.raises(ParseFailure) as caught:
        await parse(tmp_path / "empty.shiplog", "Nothing happened.")
    assert (caught.value.code, "names no day" in str(caught.value)) == ("corrupt", True)


async def test_one_that_does_not_load_fails_its_files_and_no_others(site: Path, tmp_path: Path) -> None:
    addition.install(site, code="import nowhere_to_be_found")
    with pytest.raises(ParseFailure) as caught:
        await parse(tmp_path / "voyage.shiplog", addition.LOG)
    assert caught.value.code == "parser_crashed"
    assert "harbour-kinds 1.0" in str(caught.value)
    assert "nowhere_to_be_found" in str(caught.value)
    assert (await parse(tmp_path / "voyage.txt", addition.LOG)).chunks


def test_another_version_is_read_anew_and_nothing_else_is(site: Path) -> None:
    before = promised(None, "voyage.shiplog"), promised(None, "notes.md")
    addition.install(site)
    added.cache_clear()
    first = promised(None, "voyage.shiplog"), promised(None, "notes.md")
    (site / "harbour_kinds-1.0.dist-info").rename(site / "aside")
    addition.install(site, version="1.1")
    added.cache_clear()
    second = promised(None, "voyage.shiplog"), promised(None, "notes.md")
    assert len({before[0], first[0], second[0]}) == 3
    assert before[1] == first[1] == second[1]
