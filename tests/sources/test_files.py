from __future__ import annotations

from longshore.sources.files import FileLibrary, is_debris
from longshore.sources.identity import document_identity
from longshore.sources.model import FileRef, Item


def library(**files: str) -> list[Item]:
    refs = {path: FileRef(path=path, sha256=digest * 64, size=1) for path, digest in files.items()}
    return list(FileLibrary(refs).items())


def test_each_file_is_an_item_in_the_order_of_paths() -> None:
    items = library(**{"b/two.md": "b", "a.pdf": "a"})
    assert [(item.key, item.kind, item.title) for item in items] == [
        ("a.pdf", "attachment", "a"),
        ("b/two.md", "attachment", "two"),
    ]


def test_folders_are_collections() -> None:
    (item,) = library(**{"papers/2020/a.pdf": "a"})
    assert item.collections == (("papers", "2020"),)


def test_a_copy_and_a_renamed_file_are_one_document() -> None:
    first, second = library(**{"a.pdf": "a", "copy/b.pdf": "a"})
    assert document_identity(first) == document_identity(second)
    (other,) = library(**{"a.pdf": "c"})
    assert document_identity(first) != document_identity(other)


def test_debris_is_left_out() -> None:
    assert not library(**{"__MACOSX/a.pdf": "a", ".git/x": "b", "a/Thumbs.db": "c", "~$letter.docx": "d"})
    assert not is_debris("a.b/c.d")
