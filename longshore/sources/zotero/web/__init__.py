"""Zotero libraries as zotero.org keeps them: a user's or a group's, read through the web API, version 3."""

from longshore.sources.zotero.web.library import WebLibrary
from longshore.sources.zotero.web.place import Place, is_of_zotero, parse_place

__all__ = ["Place", "WebLibrary", "is_of_zotero", "parse_place"]
