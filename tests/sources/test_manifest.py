"""What is brought of a source, and what never is."""

from __future__ import annotations

import hashlib
import os
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.errors import InvalidSource
from longshore.sources.manifest import hash_files, item_keys, main_file, read_manifest, scan, write_manifest
from longshore.sources.model import FileRef
from longshore.sources.zotero import ZoteroLibrary

Write = Callable[..., Path]


def attachment(path: str, number: int = 1) -> str:
    return f"""<z:Attachment rdf:about="#item_{number}"><z:itemType>attachment</z:itemType>
        <rdf:resource rdf:resource="{path}"/><dc:title>PDF</dc:title></z:Attachment>"""


def put(path: Path, data: bytes = b"%PDF-1.7") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def paths(path: Path) -> list[str]:
    return [file.path for file in scan(path).files]


def refusal(path: Path) -> InvalidSource:
    with pytest.raises(InvalidSource) as caught:
        hash_files(scan(path).files)
    assert caught.value.hint
    return caught.value


def test_an_rdf_alone(write_rdf: Write) -> None:
    source = scan(write_rdf(attachment("files/1/gone.pdf"), "My Library.rdf"))
    assert (source.kind, source.name, [file.path for file in source.files]) == (
        "zotero",
        "My Library",
        ["My Library.rdf"],
    )


def test_an_rdf_with_its_files_beside_it(write_rdf: Write, tmp_path: Path) -> None:
    put(tmp_path / "files/1/a.pdf")
    assert paths(write_rdf(attachment("files/1/a.pdf"))) == ["files/1/a.pdf", "library.rdf"]


def test_a_folder_is_named_by_itself(write_rdf: Write, tmp_path: Path) -> None:
    put(tmp_path / "Theses/files/1/a.pdf")
    write_rdf(attachment("files/1/a.pdf"), "Theses/export.rdf")
    source = scan(tmp_path / "Theses")
    assert (source.name, [file.path for file in source.files]) == ("Theses", ["export.rdf", "files/1/a.pdf"])


def test_the_title_in_the_file_names_the_source(write_rdf: Write) -> None:
    said = '<rdf:Description rdf:about=""><dc:title>Our Library</dc:title></rdf:Description>'
    assert scan(write_rdf(said + attachment("x.pdf"))).name == "Our Library"


def test_files_that_the_rdf_does_not_name_stay_at_home(write_rdf: Write, tmp_path: Path) -> None:
    put(tmp_path / "files/1/a.pdf")
    put(tmp_path / "files/1/private.pdf")
    put(tmp_path / "diary.txt")
    assert paths(write_rdf(attachment("files/1/a.pdf"))) == ["files/1/a.pdf", "library.rdf"]


@pytest.mark.parametrize("kind", ["parent", "absolute", "file URL", "escaped parent"])
def test_files_outside_the_folder_are_never_brought(write_rdf: Write, tmp_path: Path, kind: str) -> None:
    outside = put(tmp_path / "secret.pdf")
    named = {
        "parent": "../secret.pdf",
        "absolute": str(outside),
        "file URL": outside.as_uri(),
        "escaped parent": "%2e%2e/secret.pdf",
    }[kind]
    assert paths(write_rdf(attachment(named), "lib/library.rdf")) == ["library.rdf"]


def test_a_link_that_leads_outside_is_never_followed(write_rdf: Write, tmp_path: Path) -> None:
    put(tmp_path / "secret/a.pdf")
    rdf = write_rdf(attachment("files/1/a.pdf") + attachment("files/2/b.pdf", 2), "lib/library.rdf")
    (tmp_path / "lib/files/2").mkdir(parents=True)
    (tmp_path / "lib/files/1").symlink_to(tmp_path / "secret")
    (tmp_path / "lib/files/2/b.pdf").symlink_to(tmp_path / "secret/a.pdf")
    assert paths(rdf) == ["library.rdf"]


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_rdf", ["NFC", "NFD"])
def test_names_are_found_however_they_are_composed(write_rdf: Write, tmp_path: Path, on_disk: str, in_rdf: str) -> None:
    name = "files/1/김예시 - Über Größe.pdf"
    put(tmp_path / unicodedata.normalize(on_disk, name))  # type: ignore[arg-type]
    rdf = write_rdf(attachment(unicodedata.normalize(in_rdf, name)))  # type: ignore[arg-type]
    assert paths(rdf) == [unicodedata.normalize("NFC", name), "library.rdf"]
    assert all(file.local.is_file() for file in scan(rdf).files)


def test_percent_escapes_are_decoded_if_no_file_is_called_so(write_rdf: Write, tmp_path: Path) -> None:
    put(tmp_path / "files/1/a b.pdf")
    put(tmp_path / "files/2/c%20d.pdf")
    rdf = write_rdf(attachment("files/1/a%20b.pdf") + attachment("files/2/c%20d.pdf", 2))
    assert paths(rdf) == ["files/1/a b.pdf", "files/2/c%20d.pdf", "library.rdf"]


def test_a_name_too_long_for_the_disk_is_a_missing_file(write_rdf: Write) -> None:
    assert paths(write_rdf(attachment(f"files/1/{'x' * 400}.pdf"))) == ["library.rdf"]


def zipped(tmp_path: Path, rdf: Path) -> Path:
    path = tmp_path / "Shared Library.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(rdf, "lib/library.rdf")
    return path


def test_a_zip_is_brought_whole(write_rdf: Write, tmp_path: Path) -> None:
    source = scan(zipped(tmp_path, write_rdf(attachment("files/1/a.pdf"), "lib/library.rdf")))
    assert (source.name, [file.path for file in source.files]) == ("Shared Library", ["Shared Library.zip"])


def test_the_library_in_a_zip_is_checked_before_anything_starts(write_rdf: Write, tmp_path: Path) -> None:
    assert refusal(zipped(tmp_path, write_rdf("", "lib/library.rdf"))).code == "empty_library"


def test_items_have_the_keys_that_an_import_gives_them(write_rdf: Write, tmp_path: Path) -> None:
    put(tmp_path / "files/1/a.pdf")
    book = '<bib:Book rdf:about="#b{}"><z:itemType>book</z:itemType><dc:title>Tides {}</dc:title>{}</bib:Book>'
    filed = book.format(1, 1, '<link:link rdf:resource="#item_1"/>')
    rdf = write_rdf(filed + attachment("files/1/a.pdf") + book.format(2, 2, ""))
    refs = hash_files(scan(rdf).files)
    keys = [item.key for item in ZoteroLibrary(rdf, {ref.path: ref for ref in refs}).items()]
    with zipfile.ZipFile(tmp_path / "library.zip", "w") as archive:
        archive.write(rdf, "library.rdf")
    bare = [item.key for item in ZoteroLibrary(rdf, {}).items()]

    assert item_keys("zotero", rdf, refs, 10) == item_keys("zotero", tmp_path, refs, 10) == keys
    assert item_keys("zotero", rdf, refs, 1) == keys[:1]
    assert item_keys("zotero", tmp_path / "library.zip", (), 10) == bare


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    problem = refusal(tmp_path / "none")
    assert problem.code == "path_not_found"
    assert str(tmp_path / "none") in str(problem)


def test_a_folder_without_rdf_is_a_batch_of_files(tmp_path: Path) -> None:
    put(tmp_path / "papers/1/a.pdf")
    put(tmp_path / "readme.md")
    put(tmp_path / ".git/config")
    put(tmp_path / "papers/.DS_Store")
    source = scan(tmp_path)
    assert (source.kind, source.name) == ("files", tmp_path.name)
    assert [file.path for file in source.files] == ["papers/1/a.pdf", "readme.md"]


def test_a_link_to_a_file_elsewhere_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "outside/secret.txt")
    put(tmp_path / "inside/a.txt")
    (tmp_path / "inside/b.txt").symlink_to(tmp_path / "outside/secret.txt")
    (tmp_path / "inside/c").symlink_to(tmp_path / "outside")
    assert [file.path for file in scan(tmp_path / "inside").files] == ["a.txt"]


def test_a_folder_of_nothing_but_debris_is_refused(tmp_path: Path) -> None:
    put(tmp_path / ".hidden/a.pdf")
    assert refusal(tmp_path).code == "no_files"


def test_a_zip_without_rdf_is_a_batch_of_files(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "batch.zip", "w") as archive:
        archive.writestr("b/two.md", "# Two")
        archive.writestr("a.txt", "One")
    source = scan(tmp_path / "batch.zip")
    assert (source.kind, source.name) == ("files", "batch")
    assert [file.path for file in source.files] == ["batch.zip"]
    assert item_keys("files", tmp_path / "batch.zip", (), 10) == ["a.txt", "b/two.md"]


def test_a_file_alone_is_a_batch_of_one(tmp_path: Path) -> None:
    put(tmp_path / "paper.pdf")
    source = scan(tmp_path / "paper.pdf")
    assert (source.kind, source.name, [file.path for file in source.files]) == ("files", "paper", ["paper.pdf"])


def test_a_folder_with_several_rdf_names_them(write_rdf: Write, tmp_path: Path) -> None:
    write_rdf(attachment("a.pdf"), "one.rdf")
    write_rdf(attachment("a.pdf"), "two.rdf")
    problem = refusal(tmp_path)
    assert problem.code == "several_rdf"
    assert "one.rdf, two.rdf" in str(problem)


def test_an_rdf_that_is_none_is_refused(tmp_path: Path) -> None:
    assert refusal(put(tmp_path / "paper.rdf")).code == "not_rdf"


def test_a_file_that_cannot_be_read_is_named(write_rdf: Write, tmp_path: Path) -> None:
    rdf = write_rdf(attachment("files/1/pipe.pdf"))
    (tmp_path / "files/1").mkdir(parents=True)
    os.mkfifo(tmp_path / "files/1/pipe.pdf")
    problem = refusal(rdf)
    assert problem.code == "unreadable_file"
    assert "pipe.pdf" in str(problem)


def test_a_file_that_vanishes_before_it_is_hashed_is_named(write_rdf: Write, tmp_path: Path) -> None:
    pdf = put(tmp_path / "files/1/a.pdf")
    source = scan(write_rdf(attachment("files/1/a.pdf")))
    pdf.unlink()
    with pytest.raises(InvalidSource, match=r"a\.pdf") as caught:
        hash_files(source.files)
    assert caught.value.code == "unreadable_file"


def test_hashing_tells_its_progress_in_bytes(write_rdf: Write, tmp_path: Path) -> None:
    data = b"x" * (3 << 20)
    put(tmp_path / "files/1/a.pdf", data)
    source = scan(write_rdf(attachment("files/1/a.pdf")))
    steps: list[int] = []
    refs = hash_files(source.files, steps.append)
    assert refs[0] == FileRef(path="files/1/a.pdf", sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    assert sum(steps) == sum(file.size for file in source.files)
    assert len(steps) > 3


files = st.lists(
    st.builds(
        FileRef,
        path=st.from_regex(r"[a-z가-힣 ]{1,8}(/[a-z가-힣\u2028 ]{1,8})?\.pdf", fullmatch=True),
        sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
        size=st.integers(0, 1 << 40),
    ),
    unique_by=lambda file: file.path,
)


@given(files)
def test_a_manifest_reads_back_and_does_not_depend_on_order(refs: list[FileRef]) -> None:
    data = write_manifest(refs)
    assert write_manifest(list(reversed(refs))) == data
    assert read_manifest(data) == tuple(sorted(refs, key=lambda file: file.path))


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "{}",
        '{"path":"../x","sha256":"%s","size":1}' % ("a" * 64),
        '{"path":"/x","sha256":"%s","size":1}' % ("a" * 64),
        '{"path":"x","sha256":"ABC","size":1}',
        '{"path":"x","sha256":"%s","size":-1}' % ("a" * 64),
        '{"path":"x","sha256":"%s","size":1}\n' % ("a" * 64) * 2,
    ],
)
def test_a_manifest_that_nobody_wrote_is_refused(line: str) -> None:
    with pytest.raises(InvalidSource) as caught:
        read_manifest(line.encode())
    assert caught.value.code == "bad_manifest"


def ref(path: str) -> FileRef:
    return FileRef(path=path, sha256="a" * 64, size=1)


def test_the_main_file_lies_in_no_folder() -> None:
    assert main_file([ref("files/1/data.rdf"), ref("files/2/x.zip"), ref("L.rdf")]).path == "L.rdf"
    assert main_file([ref("L.zip")]).path == "L.zip"
    with pytest.raises(InvalidSource) as none:
        main_file([ref("files/1/data.rdf")])
    assert none.value.code == "no_rdf"
