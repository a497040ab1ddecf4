"""The library that `make bench` measures with."""

from __future__ import annotations

from pathlib import Path

from dulwich.repo import Repo

from bench import cargo
from bench.corpus import PAGES, make_catalogue, make_library
from longshore.parsing.document import parse_file
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


def test_cargo_of_every_kind_is_the_same_whenever_it_is_made(tmp_path: Path) -> None:
    for turn in ("first", "second"):
        folder = tmp_path / turn
        folder.mkdir()
        cargo.make_notes(folder / "notes", 8)
        cargo.make_letters(folder / "letters", 2)
        cargo.make_bibliography(folder / "references.bib", 3)
        cargo.make_repository(folder / "repository", 6)
    first, second = tmp_path / "first", tmp_path / "second"
    assert hash_files(scan(first / "notes").files) == hash_files(scan(second / "notes").files)
    assert hash_files(scan(first / "letters").files) == hash_files(scan(second / "letters").files)
    assert (first / "references.bib").read_bytes() == (second / "references.bib").read_bytes()
    assert Repo(str(first / "repository")).head() == Repo(str(second / "repository")).head()


def test_what_it_holds_is_read_without_a_failure(tmp_path: Path) -> None:
    cargo.make_letters(tmp_path / "letters", 1)
    cargo.make_notes(tmp_path / "notes", 4)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [len(parse_file(path, None, path.name).chunks) > 0 for path in files] == [True] * 5
