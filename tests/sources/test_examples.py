"""The example library holds what it promises, and its generator writes it again."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # it has no types
import pytest

from longshore.sources.identity import document_identity
from longshore.sources.manifest import hash_files, scan
from longshore.sources.model import Item
from longshore.sources.zotero import ZoteroLibrary

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "examples/library"


@pytest.fixture(scope="module")
def items() -> dict[str, Item]:
    files = {file.path: file for file in hash_files(scan(LIBRARY).files)}
    return {item.title: item for item in ZoteroLibrary(LIBRARY / "library.rdf", files).items()}


def test_every_file_of_the_folder_is_named_by_the_rdf_and_brought() -> None:
    source = scan(LIBRARY)
    on_disk = {path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*") if path.is_file()}
    assert {file.path for file in source.files} == on_disk
    assert source.name == "Longshore example library"
    assert sum(file.size for file in source.files) < 1_500_000


def test_every_kind_of_item_is_there(items: dict[str, Item]) -> None:
    assert len(items) == 15
    assert {item.item_type for item in items.values()} == {
        "journalArticle",
        "conferencePaper",
        "preprint",
        "book",
        "bookSection",
        "report",
        "manuscript",
        "blogPost",
        "attachment",
        "note",
    }
    assert {item.title for item in items.values() if item.notes and item.kind == "entry"} == {
        "Durable Workflows for Research Data: The Event History as Ground Truth",
        "한국어 학술 문헌 검색을 위한 음절 바이그램 색인",
    }
    assert ("Graphs and search", "한국어") in items["한국어 학술 문헌 검색을 위한 음절 바이그램 색인"].collections
    assert any(tag.automatic for item in items.values() for tag in item.tags)


def test_only_the_two_entries_with_one_doi_are_one_document(items: dict[str, Item]) -> None:
    same: defaultdict[str, list[str]] = defaultdict(list)
    for item in items.values():
        same[document_identity(item)].append(item.title)
    assert [titles for titles in same.values() if len(titles) > 1] == [
        ["Provenance-First Knowledge Graphs", "Provenance-first knowledge graphs."]
    ]


def test_one_file_is_missing_on_purpose(items: dict[str, Item]) -> None:
    missing = [item.title for item in items.values() for file in item.attachments if file.path and not file.sha256]
    assert missing == ["Checkpointing Long Batch Jobs"]


def test_the_journal_shared_by_reference_gives_its_doi_to_one_article(items: dict[str, Item]) -> None:
    article = items["Durable Workflows for Research Data: The Event History as Ground Truth"]
    assert (article.doi, article.venue, article.volume) == (
        "10.5555/longshore.2023.001",
        "Journal of Imaginary Systems",
        "7",
    )


def text(item: Item) -> str:
    document = pypdfium2.PdfDocument(LIBRARY / str(item.attachments[0].path))
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def test_the_pdfs_can_be_read_in_both_languages(items: dict[str, Item]) -> None:
    assert "412 imports were interrupted 1,967 times" in text(
        items["Durable Workflows for Research Data: The Event History as Ground Truth"]
    )
    assert "음절 바이그램 색인의 재현율은 0.61" in text(items["한국어 학술 문헌 검색을 위한 음절 바이그램 색인"])


def test_the_damaged_pdfs_are_damaged(items: dict[str, Item]) -> None:
    assert text(items["Minutes of the Ingestion Working Group"]) == ""
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        text(items["Quarterly Notes on Queue Backpressure"])


def test_the_generator_writes_the_same_library_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-m", "examples.make_library", tmp_path / name], cwd=ROOT, check=True)
    one, two = (
        {p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        for root in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert one.keys() == {p.relative_to(LIBRARY) for p in LIBRARY.rglob("*") if p.is_file()}
    assert one[Path("library.rdf")] == (LIBRARY / "library.rdf").read_bytes()
