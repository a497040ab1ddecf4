"""The library that `make bench` measures with."""

from __future__ import annotations

from pathlib import Path

from bench.corpus import PAGES, make_catalogue, make_library
from longshore.parsing.pool import ParserPool
from longshore.sources.manifest import hash_files, scan
from longshore.sources.zotero import ZoteroLibrary


def test_the_same_bytes_whenever_it_is_made_and_no_two_papers_alike(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    make_library(first, 8)
    make_library(second, 8)
    files = hash_files(scan(first).files)
    assert files == hash_files(scan(second).files)
    assert len({file.sha256 for file in files}) == len(files) == 8 + 1


async def test_papers_have_text_in_two_languages_and_cite_each_other(tmp_path: Path) -> None:
    make_library(tmp_path / "library", 4)
    async with ParserPool(processes=1) as pool:
        papers = [
            await pool.parse(tmp_path / "library" / "files" / str(number) / "paper.pdf", None, "paper")
            for number in range(4)
        ]
    assert all(paper.pages == PAGES + 1 and len(paper.chunks) > 20 for paper in papers)
    assert all(len(paper.cited_dois) >= 3 for paper in papers)
    korean = ["연구" in "".join(chunk.text for chunk in paper.chunks) for paper in papers]
    assert korean == [False, False, False, True]


def test_a_catalogue_brings_entries_without_text(tmp_path: Path) -> None:
    make_catalogue(tmp_path / "catalogue", 50)
    items = list(ZoteroLibrary(tmp_path / "catalogue" / "library.rdf", {}).items())
    assert len(items) == 50
    assert not any(item.attachments or item.abstract or item.notes for item in items)
    assert all(item.doi and item.creators and item.tags for item in items)
