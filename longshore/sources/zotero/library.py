"""A Zotero library as an RDF file tells it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from lxml import etree

from longshore.errors import InvalidSource
from longshore.ids import derived_id
from longshore.sources.identity import document_identity, normalised
from longshore.sources.model import FileRef, Item
from longshore.sources.zotero import names
from longshore.sources.zotero.index import Index, text_of
from longshore.sources.zotero.items import ItemBuilder
from longshore.sources.zotero.stream import nodes


class ZoteroLibrary:
    """The items of one export.

    Opening it reads the file once, so whatever is wrong with it is known before the first item.

    Args:
        rdf: The export.
        files: What was brought along, by path relative to the RDF's folder.

    Raises:
        InvalidSource: `unreadable_file`, `doctype`, `not_rdf`, `malformed_rdf`, `empty_library`.
    """

    def __init__(self, rdf: Path, files: Mapping[str, FileRef]) -> None:
        self._rdf = rdf
        self._index = Index.read(rdf)
        if not self._index.items:
            raise InvalidSource(
                "empty_library",
                f"{rdf.name} is an RDF file without a single Zotero item.",
                "Export the library again, and check that the chosen collection is not empty.",
            )
        self._builder = ItemBuilder(self._index, files)
        self._keys: list[str] | None = None

    @property
    def title(self) -> str | None:
        """The library's title, if the file says one; Zotero puts it into the file's name only."""
        return self._index.title

    @property
    def referenced_files(self) -> list[str]:
        """Paths as the attachments name them, each once."""
        return list(self._index.paths)

    def items(self) -> Iterator[Item]:
        """Every item, in the order of the file; may be called again."""
        if self._keys is None:
            self._keys = _unique_keys((_lasting_key(element, item), item) for element, item in self._built())
        for key, (_, item) in zip(self._keys, self._built(), strict=True):
            yield item.model_copy(update={"key": key})

    def _built(self) -> Iterator[tuple[etree._Element, Item]]:
        for element in nodes(self._rdf):
            if item := self._builder.build(element):
                yield element, item


def referenced_files(rdf: Path) -> list[str]:
    """The paths that the attachments of an export name, as written.

    Raises:
        InvalidSource: as `ZoteroLibrary` does.
    """
    return ZoteroLibrary(rdf, {}).referenced_files


def _lasting_key(element: etree._Element, item: Item) -> str:
    """What stays when the library is edited and exported again; two items may share it.

    Notes and files are known by their titles, which outlive an edit of their text.
    """
    if key := text_of(element, names.KEY):
        return key if len(key) <= 100 else derived_id("zotero", "key", key).hex
    if item.kind == "note":
        return derived_id("zotero", "note", normalised(item.title)).hex
    if item.kind == "attachment":
        files = [PurePosixPath(attachment.path).name for attachment in item.attachments if attachment.path]
        return derived_id("zotero", "attachment", normalised(item.title), item.url or "", *files).hex
    return derived_id("zotero", "entry", document_identity(item)).hex


def _unique_keys(items: Iterator[tuple[str, Item]]) -> list[str]:
    """Numbers the items that share a key, in an order that depends on what they are, not on where they stand."""
    keys: list[str] = []
    sharing: defaultdict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for position, (key, item) in enumerate(items):
        keys.append(key)
        sharing[key].append((normalised(item.title), item.content_hash(), position))
    for key, group in sharing.items():
        for number, (_, _, position) in enumerate(sorted(group)):
            if number:
                keys[position] = f"{key}-{number + 1}"
    return keys
