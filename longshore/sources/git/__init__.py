"""Git repositories, by https: fetched at one commit, without history or working tree, each file an item."""

from longshore.sources.git.library import RepositoryLibrary
from longshore.sources.git.location import parse_location
from longshore.sources.git.snapshot import Snapshot, Wanted, read_snapshot

__all__ = ["RepositoryLibrary", "Snapshot", "Wanted", "parse_location", "read_snapshot"]
