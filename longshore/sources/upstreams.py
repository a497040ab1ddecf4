"""Where sources are fetched from, as far as the operator has a say in it."""

from __future__ import annotations

from dataclasses import dataclass

from longshore.settings import Settings
from longshore.sources.git.credentials import GitHosts
from longshore.sources.zotero.web.access import ZoteroAccess


@dataclass(frozen=True, slots=True)
class Upstreams:
    git: GitHosts
    zotero: ZoteroAccess

    @classmethod
    def of(cls, settings: Settings) -> Upstreams:
        return cls(GitHosts.of(settings), ZoteroAccess.of(settings))
