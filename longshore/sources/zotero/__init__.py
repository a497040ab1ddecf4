"""Zotero's RDF, as Zotero really writes it."""

from longshore.sources.zotero.library import ZoteroLibrary, referenced_files

__all__ = ["ZoteroLibrary", "referenced_files"]
