"""An untrusted zip that is one document: its parts are read into memory, and no more than there is room for."""

from __future__ import annotations

import posixpath
import zipfile

from lxml import etree

from longshore.parsing.model import ParseFailure

MAX_BYTES = 48 << 20
"""Of all parts that are read, unpacked."""

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """
    Args:
        name: what a person knows the document as.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._left = MAX_BYTES
        self.name = name
        self.names = frozenset(archive.namelist())

    def read(self, part: str) -> bytes:
        """
        Raises:
            ParseFailure: `corrupt` if there is no such part, `encrypted`, `too_large`.
        """
        if part not in self.names:
            raise ParseFailure("corrupt", f"{self.name} lacks its part {part}.", "Save it again.")
        if self._archive.getinfo(part).flag_bits & 0x1:
            raise ParseFailure("encrypted", f"{self.name} is protected by a password.", "Save it without one.")
        with self._archive.open(part) as file:
            data = file.read(self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise ParseFailure(
                "too_large", f"{self.name} unfolds to more than {MAX_BYTES >> 20} MB of text.", "Split the document."
            )
        return data

    def xml(self, part: str) -> etree._Element:
        """
        Raises:
            ParseFailure: as `read` does; `corrupt` for XML with a document type, which no writer of these makes.
        """
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
        root = etree.fromstring(self.read(part), parser)
        if root.getroottree().docinfo.internalDTD is not None:
            raise ParseFailure("corrupt", f"{self.name} declares a document type in {part}.", "Save it again.")
        return root

    def targets(self, part: str) -> dict[str, str]:
        """Parts that a part of an Office document refers to, by the ids of the relations."""
        folder, _, file = part.rpartition("/")
        relations = f"{folder}/_rels/{file}.rels"
        if relations not in self.names:
            return {}
        return {
            relation.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip(
                "/"
            )
            for relation in self.xml(relations).iter(_RELATION)
            if relation.get("TargetMode") != "External"
        }

    def core_title(self) -> str:
        """The title in an Office document's properties; empty if there is none."""
        if "docProps/core.xml" not in self.names:
            return ""
        return (self.xml("docProps/core.xml").findtext("{http://purl.org/dc/elements/1.1/}title") or "").strip()
