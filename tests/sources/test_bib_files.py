"""Which files a bibliography means, in the spelling of each program, and which are brought."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from longshore.errors import InvalidSource
from longshore.sources.bibliography import main_of
from longshore.sources.manifest import hash_files, item_keys, scan
from longshore.sources.model import FileRef, Item

Read = Callable[..., list[Item]]
PDF = "a" * 64


def entry(field: str, name: str = "file") -> str:
    return f"@article{{a, title = {{T}}, {name} = {{{field}}}}}\n"


@pytest.mark.parametrize(
    ("written", "path", "title", "media_type"),
    [
        ("Full Text PDF:files/12/a b.pdf:application/pdf", "files/12/a b.pdf", "Full Text PDF", "application/pdf"),
        (":papers/a.pdf:PDF", "papers/a.pdf", "a.pdf", "application/pdf"),
        ("papers/a.pdf", "papers/a.pdf", "a.pdf", None),
        ("A\\; B:papers/a\\;b.pdf:PDF", "papers/a;b.pdf", "A; B", "application/pdf"),
        (":C$\\backslash$:/Documents/me/papers/a{\\_}b.pdf:pdf", "papers/a_b.pdf", "a_b.pdf", "application/pdf"),
        (":Users/me/papers/a.pdf:pdf", "papers/a.pdf", "a.pdf", "application/pdf"),
        (":C\\:\\\\Users\\\\me\\\\papers\\\\a.pdf:PDF", "papers/a.pdf", "a.pdf", "application/pdf"),
        ("/srv/me/papers/a.pdf", "papers/a.pdf", "a.pdf", None),
        (':papers/M{\\"{u}}ller.pdf:pdf', "papers/Müller.pdf", "Müller.pdf", "application/pdf"),
        ("papers\\\\a.pdf", "papers/a.pdf", "a.pdf", None),
    ],
)
def test_each_programs_spelling(read_bib: Read, written: str, path: str, title: str, media_type: str | None) -> None:
    [item] = read_bib(entry(written), {path: PDF})
    [attachment] = item.attachments
    assert (attachment.sha256, attachment.size, attachment.title) == (PDF, 7, title)
    assert attachment.media_type == media_type


def test_several_files_and_links(read_bib: Read) -> None:
    [item] = read_bib(entry("One:1.pdf:PDF;Two:2.pdf:PDF;:https\\://example.org/3.pdf:PDF"), {"1.pdf": PDF})
    assert [(a.path, a.sha256, a.url) for a in item.attachments] == [
        ("1.pdf", PDF, None),
        ("2.pdf", None, None),
        (None, None, "https://example.org/3.pdf"),
    ]


def test_the_folder_that_jabref_keeps_files_in(read_bib: Read) -> None:
    [item] = read_bib(entry(":a.pdf:PDF") + "@Comment{jabref-meta: fileDirectory:papers;}\n", {"papers/a.pdf": PDF})
    assert item.attachments[0].sha256 == PDF


def test_a_file_that_moved_with_its_machine_is_no_change(read_bib: Read) -> None:
    [one] = read_bib(entry("/srv/one/papers/a.pdf"), {"papers/a.pdf": PDF})
    [two] = read_bib(entry("C\\:\\\\papers\\\\a.pdf"), {"papers/a.pdf": PDF})
    assert one.content_hash() == two.content_hash()


def test_ris_links(read_ris: Read) -> None:
    [item] = read_ris(
        "TY  - JOUR\nTI  - T\nL1  - internal-pdf://1234567/a.pdf\nL1  - file:///C:/Documents/me/My%20Papers/b.pdf\n"
        "L2  - https://example.org/full\nER  - \n",
        {"PDF/1234567/a.pdf": PDF, "My Papers/b.pdf": PDF},
    )
    assert [attachment.sha256 for attachment in item.attachments] == [PDF, PDF]
    assert item.url == "https://example.org/full"


def put(path: Path, data: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data, encoding="utf-8")
    return path


def test_a_bibliography_named_itself_brings_what_it_names_beneath_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "thesis"
    put(folder / "papers/a.txt")
    put(folder / "papers/unnamed.txt")
    put(folder / ".hidden/b.txt")
    put(tmp_path / "outside.txt")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    main = put(
        folder / "refs.bib",
        entry(
            ":/elsewhere/thesis/papers/a.txt:TXT;gone.txt;../outside.txt;/outside.txt;.hidden/b.txt;link.txt;refs.bib"
        ),
    )
    source = scan(main)
    assert (source.kind, source.name) == ("bibliography", "refs")
    assert [file.path for file in source.files] == ["papers/a.txt", "refs.bib"]
    assert source.absent == ("gone.txt", "../outside.txt", "/outside.txt", ".hidden/b.txt", "link.txt", "refs.bib")
    assert scan(folder).kind == "files"


def test_a_renamed_or_moved_bibliography_has_the_same_keys(tmp_path: Path) -> None:
    unnamed = "@book{, title = {B}, year = 2000, author = {Author, One}}\n"
    text = f"@book{{broken, title = {{A}}\n@book{{one, title = {{A}}}}\n{unnamed}"
    first = put(tmp_path / "first.bib", text)
    moved = put(tmp_path / "elsewhere/renamed.bib", "\n".join(reversed(text.splitlines())))
    keys = [item_keys("bibliography", path, hash_files(scan(path).files), 10) for path in (first, moved)]
    assert keys[0] == keys[1][::-1]
    assert item_keys("bibliography", first, (), 1) == ["one"]


def test_json_is_a_bibliography_only_where_it_holds_references(tmp_path: Path) -> None:
    csl = put(tmp_path / "refs.json", '[{"id": "a", "type": "book", "title": "T"}]')
    other = put(tmp_path / "other.json", '[{"id": "a", "type": "circle"}]')
    assert (scan(csl).kind, scan(other).kind) == ("bibliography", "files")
    for text in ("", "{}", "[", "[1, 2]", '{"items": 3}', "nonsense", '[{"type": [], "id": 1}]'):
        assert scan(put(other, text)).kind == "files"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("a.bib", "", "not_bibliography"),
        ("a.ris", "Dear reader,\nnothing here.", "not_bibliography"),
        ("a.bib", "@comment{nothing}", "empty_library"),
    ],
)
def test_what_is_no_bibliography_is_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    with pytest.raises(InvalidSource) as caught:
        scan(put(tmp_path / name, text))
    assert caught.value.code == code
    assert caught.value.hint


def test_the_main_file_of_an_upload() -> None:
    def refs(*paths: str) -> list[FileRef]:
        return [FileRef(path=path, sha256=PDF, size=1) for path in paths]

    assert main_of(refs("a.pdf", "data/more.json", "refs.ris")).path == "refs.ris"
    for paths, code in (((), "no_bibliography"), (("a.bib", "b.json"), "several_bibliographies")):
        with pytest.raises(InvalidSource) as caught:
            main_of(refs(*paths))
        assert caught.value.code == code
