"""Saved bibliographies: BibTeX and BibLaTeX, RIS, CSL-JSON."""

from longshore.sources.bibliography.library import Bibliography, is_bibliography, main_of

__all__ = ["Bibliography", "is_bibliography", "main_of"]
