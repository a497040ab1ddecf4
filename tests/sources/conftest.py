"""Exports as Zotero writes them, from the nodes that a test cares about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from longshore.sources.bibliography import Bibliography
from longshore.sources.model import FileRef, Item
from longshore.sources.zotero import ZoteroLibrary

HEAD = """<rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:link="http://purl.org/rss/1.0/modules/link/"
 xmlns:bib="http://purl.org/net/biblio#"
 xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/"
 xmlns:vcard="http://nwalsh.com/rdf/vCard#">
"""


@pytest.fixture
def write_rdf(tmp_path: Path) -> Callable[..., Path]:
    """Writes nodes as an export and gives its path."""

    def write(body: str, name: str = "library.rdf") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{HEAD}{body}</rdf:RDF>\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def read_items(write_rdf: Callable[..., Path]) -> Callable[..., list[Item]]:
    """The items of an export made of these nodes; `files` gives the paths that were brought, with a digest each."""

    def read(body: str, files: Mapping[str, str] | None = None) -> list[Item]:
        brought = {path: FileRef(path=path, sha256=digest, size=7) for path, digest in (files or {}).items()}
        return list(ZoteroLibrary(write_rdf(body), brought).items())

    return read


@pytest.fixture
def read_bib(tmp_path: Path) -> Callable[..., list[Item]]:
    """The items of a BibTeX file; `files` gives the paths that were brought, with a digest each."""
    return partial(_read_bibliography, tmp_path / "refs.bib")


@pytest.fixture
def read_ris(tmp_path: Path) -> Callable[..., list[Item]]:
    return partial(_read_bibliography, tmp_path / "refs.ris")


@pytest.fixture
def read_csl(tmp_path: Path) -> Callable[..., list[Item]]:
    return partial(_read_bibliography, tmp_path / "refs.json")


def _read_bibliography(path: Path, text: str | bytes, files: Mapping[str, str] | None = None) -> list[Item]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    brought = {name: FileRef(path=name, sha256=digest, size=7) for name, digest in (files or {}).items()}
    library = Bibliography(path, brought)
    assert list(library.items()) == list(library.items())
    return list(library.items())
