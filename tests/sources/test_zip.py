"""Zips, honest and hostile."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longshore.errors import InvalidSource
from longshore.sources import zip as untrusted
from longshore.sources.zip import unpack

RDF = b"<rdf:RDF/>"


def make(tmp_path: Path, entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / "library.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def contents(path: Path) -> dict[str, bytes]:
    return {name: b"".join(chunks) for name, chunks in unpack(path)}


def refusal(path: Path) -> str:
    with pytest.raises(InvalidSource) as caught:
        contents(path)
    assert caught.value.hint
    return caught.value.code


def test_rdf_comes_first_and_the_others_by_name(tmp_path: Path) -> None:
    path = make(tmp_path, {"files/2/b.pdf": b"b", "files/1/a.pdf": b"a", "library.rdf": RDF})
    assert list(contents(path)) == ["library.rdf", "files/1/a.pdf", "files/2/b.pdf"]
    assert contents(path)["files/2/b.pdf"] == b"b"


def test_names_are_relative_to_the_folder_of_the_rdf(tmp_path: Path) -> None:
    entries = {"My Library/files/1/a.pdf": b"a", "My Library/My Library.rdf": RDF, "My Library/files/1/x.rdf": b"x"}
    assert list(contents(make(tmp_path, entries))) == ["My Library.rdf", "files/1/a.pdf", "files/1/x.rdf"]


def test_droppings_of_macos_are_ignored(tmp_path: Path) -> None:
    entries = {"L/l.rdf": RDF, "__MACOSX/L/._l.rdf": b"x", "L/.DS_Store": b"x", "L/files/._a.pdf": b"x", "L/": b""}
    assert list(contents(make(tmp_path, entries))) == ["l.rdf"]


def test_what_lies_outside_the_folder_of_the_rdf_is_skipped_with_the_reason(tmp_path: Path) -> None:
    path = make(tmp_path, {"L/l.rdf": RDF, "other.txt": b"x"})
    skipped: list[tuple[str, str]] = []
    for _, chunks in unpack(path, lambda name, reason: skipped.append((name, reason))):
        b"".join(chunks)
    assert skipped == [("other.txt", "it lies outside the folder of the RDF")]


def test_a_stream_that_is_not_read_is_passed_over(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/a": b"a" * 10_000})
    assert [name for name, _ in unpack(path)] == ["l.rdf", "files/a"]


def test_no_rdf(tmp_path: Path) -> None:
    assert refusal(make(tmp_path, {"files/1/a.pdf": b"a"})) == "no_rdf"


def test_several_rdf(tmp_path: Path) -> None:
    assert refusal(make(tmp_path, {"a/a.rdf": RDF, "b/b.rdf": RDF})) == "several_rdf"


@pytest.mark.parametrize("name", ["../evil", "files/../../evil", "/etc/evil", "C:/evil", "..\\evil"])
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    assert refusal(make(tmp_path, {"l.rdf": RDF, name: b"x"})) == "zip_unsafe"
    assert sorted(child.name for child in tmp_path.iterdir()) == ["library.zip"]


def test_duplicate_names_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/a": b"1"})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("files/a", b"2")
    assert refusal(path) == "zip_unsafe"


def test_names_that_differ_in_spelling_only_are_duplicates(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "files/é.pdf") for form in ("NFC", "NFD")]
    assert refusal(make(tmp_path, {"l.rdf": RDF, names[0]: b"1", names[1]: b"2"})) == "zip_unsafe"


def test_symbolic_links_are_skipped_and_never_followed(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF})
    link = zipfile.ZipInfo("files/1/secret.pdf")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/hostname")
    skipped: list[str] = []
    assert [name for name, _ in unpack(path, lambda name, _: skipped.append(name))] == ["l.rdf"]
    assert skipped == ["files/1/secret.pdf"]


def test_a_zip_within_is_a_file_like_any_other(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("../evil", b"x")
    assert contents(make(tmp_path, {"l.rdf": RDF, "files/1/data.zip": inner.getvalue()}))["files/1/data.zip"] == (
        inner.getvalue()
    )


def test_password_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    path.write_bytes(data)
    assert refusal(path) == "zip_encrypted"


def test_bomb_is_stopped_by_its_real_bytes(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/1/bomb.pdf": bytes(64 << 20)})
    taken = 0

    def take() -> None:
        nonlocal taken
        for _, chunks in unpack(path):
            for chunk in chunks:
                taken += len(chunk)

    with pytest.raises(InvalidSource) as caught:
        take()
    assert caught.value.code == "zip_bomb"
    assert taken <= (16 << 20) + (1 << 20)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_that_unfold_all_at_once_are_refused(tmp_path: Path, method: int) -> None:
    assert refusal(make(tmp_path, {"l.rdf": RDF, "files/1/bomb.pdf": bytes(1 << 20)}, method)) == "zip_unsafe"


def test_sizes_that_lie_are_found_out(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/1/a.pdf": b"a" * 100_000})
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    struct.pack_into("<I", data, second + 24, 10)
    path.write_bytes(data)
    assert refusal(path) == "zip_corrupt"


def test_total_and_single_size_are_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/a": b"a" * 600, "files/b": b"b" * 600}, zipfile.ZIP_STORED)
    monkeypatch.setattr(untrusted, "MAX_BYTES", 1_000)
    assert refusal(path) == "zip_too_large"
    monkeypatch.setattr(untrusted, "MAX_BYTES", 10_000)
    monkeypatch.setattr(untrusted, "MAX_ENTRY_BYTES", 500)
    assert refusal(path) == "zip_too_large"


def test_entries_are_capped(tmp_path: Path) -> None:
    entries = {"l.rdf": RDF} | {f"files/{i}": b"" for i in range(untrusted.MAX_ENTRIES)}
    assert refusal(make(tmp_path, entries, zipfile.ZIP_STORED)) == "zip_too_large"


def test_a_huge_directory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + 12, 1 << 30)
    path.write_bytes(data)
    assert refusal(path) == "zip_too_large"


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/a": b"a" * 1_000, "files/b": b"b" * 1_000}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    third = data.index(b"PK\x01\x02", second + 1)
    data[third + 42 : third + 46] = data[second + 42 : second + 46]
    path.write_bytes(data)
    assert refusal(path) == "zip_unsafe"


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_korean_names_without_the_unicode_flag(tmp_path: Path, encoding: str) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/1/AAAA.pdf": b"x"})
    name = "논문".encode(encoding)
    placeholder = b"A" * len(name)
    path = make(tmp_path, {"l.rdf": RDF, f"files/1/{placeholder.decode()}.pdf": b"x"})
    path.write_bytes(path.read_bytes().replace(placeholder, name))
    assert list(contents(path)) == ["l.rdf", "files/1/논문.pdf"]


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x05\x06", b"PK\x03\x04" + bytes(50)])
def test_what_is_no_zip_is_corrupt(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "library.zip"
    path.write_bytes(data)
    assert refusal(path) == "zip_corrupt"


def test_a_missing_zip_is_unreadable(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.zip") == "unreadable_file"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_zip_is_read_or_refused_but_never_breaks(tmp_path: Path, data: st.DataObject) -> None:
    path = make(tmp_path, {"l.rdf": RDF, "files/a": b"a" * 200, "files/b": bytes(range(256))})
    damaged = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged[: data.draw(st.integers(len(damaged) // 2, len(damaged)))])
    with contextlib.suppress(InvalidSource):
        contents(path)


def test_an_archive_is_called_as_a_person_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "0123abcd"
    path.write_bytes(b"no zip")
    with pytest.raises(InvalidSource, match=r"^my library\.zip is damaged"):
        list(unpack(path, called="my library.zip"))
