"""Every reader of strangers' bytes, and what it owes whatever it is given."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO
from pathlib import Path

from dulwich.errors import ObjectFormatException
from dulwich.object_store import MemoryObjectStore
from dulwich.objects import Blob, Tree

from longshore.errors import InvalidSource
from longshore.parsing.document import parse_file
from longshore.parsing.inline import parse_text
from longshore.parsing.model import Parsed, ParseFailure
from longshore.sources.bibliography import Bibliography
from longshore.sources.git.choosing import Patterns
from longshore.sources.git.snapshot import Entry, Head, Wanted, read_snapshot, write_snapshot
from longshore.sources.git.walk import Walk
from longshore.sources.manifest import read_manifest, write_manifest
from longshore.sources.model import FileRef, Item
from longshore.sources.paths import canonical
from longshore.sources.zip import unpack_files
from longshore.sources.zotero import ZoteroLibrary
from tests.poison.wholes import BIBTEX, CSL, HTML, PACKAGES, RDF, RIS, TEXT, files

Read = Callable[[bytes], None]
SHA = "0" * 64
_ENTRY = Entry(path="a.md", blob="0" * 40, sha256=SHA, size=4)


@dataclass(frozen=True)
class Reader:
    """`read` raises nothing that an import does not expect; what it asserts, the database relies on."""

    whole: bytes
    read: Read


@cache
def readers() -> Mapping[str, Reader]:
    """By name."""
    made = {f"parse {name}": Reader(whole, partial(_parse, name)) for name, whole in {**files(), **_archives()}.items()}
    for name, parts in PACKAGES.items():
        for part in parts:
            made[f"parse {name}, {part}"] = Reader(parts[part].encode(), partial(_parse_package, name, part))
    return {
        **made,
        "note": Reader(HTML.encode(), partial(_parse_inline, "text/html")),
        "abstract": Reader(TEXT.encode(), partial(_parse_inline, "text/plain")),
        "zotero": Reader(RDF.encode(), _read_zotero),
        "bibtex": Reader(BIBTEX.encode(), partial(_read_bibliography, "a.bib")),
        "ris": Reader(RIS.encode(), partial(_read_bibliography, "a.ris")),
        "csl": Reader(CSL.encode(), partial(_read_bibliography, "a.json")),
        "manifest": Reader(write_manifest([FileRef(path="a/b.md", sha256=SHA, size=1)]), _read_manifest),
        "snapshot": Reader(
            write_snapshot(Head(wanted=Wanted(url="https://example.org/a.git"), commit="0" * 40), [_ENTRY]),
            _read_snapshot,
        ),
        "archive": Reader(_zipped({"a.md": "# A", "b/c.txt": "text " * 100}), _unpack),
        "tree of git": Reader(_tree(), _walk),
    }


def _parse(name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with suppress(ParseFailure):
            _check_parsed(parse_file(path, None, name))


def _parse_package(name: str, part: str, data: bytes) -> None:
    """The part is damaged within an archive that is not: its checksum would keep its reader from ever seeing it."""
    parts: dict[str, str | bytes] = {**PACKAGES[name], part: data}
    _parse(name, _zipped(parts))


def _parse_inline(media_type: str, data: bytes) -> None:
    _check_parsed(parse_text(data.decode("utf-8", errors="replace"), media_type))


def _check_parsed(parsed: Parsed) -> None:
    last = 0
    for chunk in parsed.chunks:
        assert chunk.text
        assert last <= chunk.start < chunk.end <= parsed.characters
        last = chunk.start
    _check_storable(parsed.model_dump_json())


def _check_storable(message: str) -> None:
    """Postgres keeps no NUL, and UTF-8 no half of a character."""
    message.encode()
    assert r"\u0000" not in message.replace("\\\\", "")


def _read_zotero(data: bytes) -> None:
    _read_source(lambda path: ZoteroLibrary(path, {"a.pdf": FileRef(path="a.pdf", sha256=SHA, size=1)}), "a.rdf", data)


def _read_bibliography(name: str, data: bytes) -> None:
    _read_source(lambda path: Bibliography(path, {}), name, data)


def _read_source(opened: Callable[[Path], ZoteroLibrary | Bibliography], name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(InvalidSource):
        path = Path(folder) / name
        path.write_bytes(data)
        items = list(opened(path).items())
        assert len({item.key for item in items}) == len(items)
        for item in items:
            _check_item(item)


def _check_item(item: Item) -> None:
    assert item.key
    _check_storable(item.model_dump_json())


def _read_manifest(data: bytes) -> None:
    with suppress(InvalidSource):
        for file in read_manifest(data):
            assert canonical(file.path) == file.path


def _read_snapshot(data: bytes) -> None:
    with suppress(InvalidSource):
        read_snapshot(data)


def _unpack(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(InvalidSource):
        path = Path(folder) / "a.zip"
        path.write_bytes(data)
        for name, pieces in unpack_files(path):
            assert canonical(name) == name
            for _ in pieces:
                pass


def _walk(data: bytes) -> None:
    """What cannot be taken for a tree at all is refused by whoever walks it, whatever it is that goes wrong."""
    blob, inner = Blob.from_string(b"# A\n"), Tree()
    inner.add(b"b.md", 0o100644, blob.id)
    store = MemoryObjectStore()
    store.add_objects([(blob, None), (inner, None)])
    with suppress(InvalidSource, ObjectFormatException, KeyError):
        tree = Tree.from_string(data)
        for found in Walk(store, Patterns((), ()), {}).files(tree):
            if found.content is not None:
                assert canonical(found.entry.path) is not None
            _check_storable(found.entry.model_dump_json())


def _tree() -> bytes:
    blob, tree, inner = Blob.from_string(b"# A\n"), Tree(), Tree()
    inner.add(b"b.md", 0o100644, blob.id)
    tree.add(b"a.md", 0o100644, blob.id)
    tree.add(b"c", 0o040000, inner.id)
    return tree.as_raw_string()


def _zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(part), content)
    return out.getvalue()


def _archives() -> Mapping[str, bytes]:
    return {name: _zipped(parts) for name, parts in PACKAGES.items()}
