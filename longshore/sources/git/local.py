"""Repositories in folders of this machine, as far as its operator allows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from dulwich.client import LsRemoteResult
from dulwich.errors import NotGitRepository
from dulwich.object_store import BaseObjectStore
from dulwich.objects import ObjectID, Tree
from dulwich.protocol import PEELED_TAG_SUFFIX
from dulwich.refs import HEADREF, Ref, SymrefLoop
from dulwich.repo import Repo

from longshore.errors import InvalidSource
from longshore.sources.git.location import Location
from longshore.sources.git.remote import Tip, tip_of, tree_of


class LocalRepository:
    """A repository that lies beneath one of the operator's folders; of its working tree nothing is read.

    Raises:
        InvalidSource: `repository_refused_here`, `repository_not_found`.
    """

    def __init__(self, location: Location, allowed: Sequence[str]) -> None:
        self._location = location
        path = Path(unquote(location.path)).resolve()
        if not any(path.is_relative_to(Path(folder).resolve()) for folder in allowed):
            raise InvalidSource(
                "repository_refused_here",
                f"{location.url} does not lie in a folder that repositories may be read from.",
                "The operator names such folders in LONGSHORE_GIT_PATHS; restart the workers after that.",
            )
        try:
            self._repo = Repo(path)
        except (NotGitRepository, OSError) as error:
            raise InvalidSource(
                "repository_not_found", f"There is no repository at {location.url}.", "Check the spelling."
            ) from error

    def resolve(self, ref: str | None) -> Tip:
        """The commit that a name stands for; without one, that of HEAD.

        Raises:
            InvalidSource: `repository_empty`, `ref_not_found`.
        """
        refs: dict[Ref, ObjectID | None] = dict(self._repo.get_refs())
        for name in list(refs):
            if name.startswith(b"refs/tags/") and (peeled := self._repo.get_peeled(name)) != refs[name]:
                refs[Ref(name + PEELED_TAG_SUFFIX)] = peeled
        return tip_of(LsRemoteResult(refs, self._symrefs()), ref, self._location.url)

    def fetch(self, tip: Tip, into: Path) -> tuple[BaseObjectStore, Tree]:
        """The repository's own objects; nothing is copied.

        Raises:
            InvalidSource: `ref_not_found`.
        """
        return self._repo.object_store, tree_of(self._repo.object_store, tip)

    def _symrefs(self) -> dict[Ref, Ref]:
        try:
            names, _ = self._repo.refs.follow(HEADREF)
        except (KeyError, SymrefLoop):
            return {}
        return {HEADREF: names[-1]} if len(names) > 1 else {}
