"""LINKS_TO and IMPORTS: files of one source that name each other."""

from longshore.graph.linking.files.step import link_files

__all__ = ["link_files"]
