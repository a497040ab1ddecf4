"""A Zotero library as an RDF file tells it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lxml import etree

from longshore.errors import InvalidSource
from longshore.ids import derived_id
from longshore.sources.identity import document_identity, normalised
from longshore.sources.model import FileRef, Item
from longshore.sources.spool import Place, Spool
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
        self._shelf = Spool()
        self._places: list[tuple[str, Place]] | None = None

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
        if self._places is None:
            self._places = self._build()
        for key, place in self._places:
            yield Item.model_validate_json(self._shelf.get(place)).model_copy(update={"key": key})

    def _build(self) -> list[tuple[str, Place]]:
        """Builds every item and puts it aside: which key is whose is known only after the last."""
        built: list[_Built] = []
        for element in nodes(self._rdf):
            if item := self._builder.build(element):
                data = item.model_dump_json().encode()
                rank = (normalised(item.title), hashlib.sha256(data).digest())
                built.append(_Built(_lasting_key(element, item), rank, self._shelf.put(data)))
        return list(zip(_unique_keys(built), (item.place for item in built), strict=True))


@dataclass(frozen=True, slots=True)
class _Built:
    key: str
    rank: tuple[str, bytes]
    """Its place among the items that share its key: what it is, not where it stands."""
    place: Place


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


def _unique_keys(built: list[_Built]) -> list[str]:
    """Numbers the items that share a key."""
    keys = [item.key for item in built]
    sharing: defaultdict[str, list[int]] = defaultdict(list)
    for position, item in enumerate(built):
        sharing[item.key].append(position)
    for key, positions in sharing.items():
        for number, position in enumerate(sorted(positions, key=lambda position: built[position].rank)):
            if number:
                keys[position] = f"{key}-{number + 1}"
    return keys
