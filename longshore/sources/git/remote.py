"""The conversation with a git server: what its names stand for, and one commit without its history."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3
from dulwich.client import HTTPUnauthorized, LsRemoteResult, Urllib3HttpGitClient
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository
from dulwich.object_store import BaseObjectStore
from dulwich.objects import Commit, ObjectID, ShaFile, Tag, Tree
from dulwich.protocol import PEELED_TAG_SUFFIX
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo

from longshore.errors import InvalidSource, LongshoreError
from longshore.sources.git.location import Location
from longshore.sources.git.network import PinnedPoolManager, addresses_of, check

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_STATUS = re.compile(r"unexpected http resp (\d{3})")
_NAMED_IN_ERRORS = 8


@dataclass(frozen=True, slots=True)
class Credential:
    username: str
    token: str

    def __repr__(self) -> str:
        return "Credential(…)"


@dataclass(frozen=True, slots=True)
class Tip:
    """A commit that a name stands for on the server."""

    commit: bytes
    name: str | None
    """None where the commit itself was asked for."""
    wanted: bytes
    """What to ask for: the tag where an annotated one leads to the commit, for servers hand out only what they name."""


class Remote:
    """A repository on a server that speaks git's smart protocol.

    Args:
        own_hosts: of the operator, which may lie at private addresses.

    Raises:
        InvalidSource: the URL is not one that may be fetched.
    """

    def __init__(self, location: Location, own_hosts: Collection[str], credential: Credential | None) -> None:
        self._location = location
        private = check(self._location, own_hosts)
        addresses = addresses_of(self._location.host, self._location.port, private=private)
        self._client = Urllib3HttpGitClient(
            self._location.url,
            pool_manager=PinnedPoolManager(addresses),
            username=credential.username if credential else None,
            password=credential.token if credential else None,
            quiet=True,
        )

    def resolve(self, ref: str | None) -> Tip:
        """The commit that a branch, a tag, a commit's id, or without any the default branch stands for.

        Raises:
            InvalidSource: `repository_not_found`, `repository_empty`, `ref_not_found`, `credential_needed`.
            LongshoreError: `repository_unreachable`.
        """
        with self._translated():
            remote = self._client.get_refs(self._location.path)
        if self._client.dumb:
            raise self._not_found("no git repository is served there")
        return tip_of(remote, ref, self._location.url)

    def fetch(self, tip: Tip, into: Path) -> tuple[BaseObjectStore, Tree]:
        """Bring one commit, without its history, into a new bare repository.

        Args:
            into: an empty folder.

        Raises:
            InvalidSource: `ref_not_found`: the server does not hand that commit out; `repository_too_large`.
            LongshoreError: `repository_unreachable`.
        """
        repository = Repo.init_bare(into)
        wanted = ObjectID(tip.wanted)
        with self._translated():
            self._client.fetch(
                self._location.path,
                repository,
                determine_wants=lambda refs, depth=None: [wanted],
                depth=1,
            )
        store = repository.object_store
        return store, tree_of(store, tip)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except HTTPUnauthorized as error:
            raise self._forbidden() from error
        except KeyError as error:
            raise InvalidSource(
                "ref_not_found", "The server does not hand that commit out.", "Name a branch."
            ) from error
        except NotGitRepository as error:
            raise self._not_found("the server knows no such repository") from error
        except GitProtocolError as error:
            raise self._refusal(error) from error
        except (urllib3.exceptions.HTTPError, HangupException, ConnectionError, TimeoutError) as error:
            raise self._unreachable(str(error)) from error

    def _refusal(self, error: GitProtocolError) -> LongshoreError:
        status = _STATUS.search(str(error))
        code = int(status[1]) if status else 0
        if code in (401, 403):
            return self._forbidden()
        if code in (404, 410):
            return self._not_found("the server knows no such repository")
        if 300 <= code < 400:
            return self._not_found("the server sends elsewhere, and redirects are not followed")
        return self._unreachable(str(error))

    def _forbidden(self) -> LongshoreError:
        return InvalidSource(
            "credential_needed",
            f"{self._location.url} is not handed out without a credential, or not with this one.",
            "Name a credential that the operator has set up, or ask for one.",
        )

    def _not_found(self, reason: str) -> LongshoreError:
        return InvalidSource(
            "repository_not_found",
            f"There is no repository at {self._location.url}: {reason}.",
            "Check the spelling; a private repository needs a credential.",
        )

    def _unreachable(self, reason: str) -> LongshoreError:
        return LongshoreError(
            "repository_unreachable",
            f"{self._location.url} cannot be read at the moment: {reason}.",
            "It is tried again.",
        )


def tree_of(store: BaseObjectStore, tip: Tip) -> Tree:
    """The files of a commit.

    Raises:
        InvalidSource: `ref_not_found`: the store has no such commit.
    """
    try:
        found: ShaFile | None = store[ObjectID(tip.wanted)]
    except KeyError:
        found = None
    while isinstance(found, Tag):
        found = store[found.object[1]]
    tree = store[found.tree] if isinstance(found, Commit) else None
    if not isinstance(tree, Tree):
        raise InvalidSource(
            "ref_not_found", f"The repository has no commit {tip.commit.decode()}.", "Name a branch, or a tag."
        )
    return tree


def tip_of(remote: LsRemoteResult, ref: str | None, url: str) -> Tip:
    """What a name stands for among the names that a repository has.

    Raises:
        InvalidSource: `repository_empty`, `ref_not_found`.
    """
    if not remote.refs:
        raise InvalidSource("repository_empty", f"{url} has no commit yet.", "Import it once something was pushed.")
    return _default(remote, url) if ref is None else _named(remote, ref)


def _default(remote: LsRemoteResult, url: str) -> Tip:
    head = remote.refs.get(HEADREF)
    if head is None:
        raise InvalidSource(
            "ref_not_found", f"{url} names no default branch.", f"Name one of its branches: {_branches(remote)}."
        )
    target = remote.symrefs.get(HEADREF)
    return Tip(head, _short(target) if target else None, head)


def _named(remote: LsRemoteResult, ref: str) -> Tip:
    """In git's own order: as written, then a tag, then a branch; an annotated tag stands for its commit."""
    wanted = ref.encode()
    for name in (wanted, b"refs/" + wanted, b"refs/tags/" + wanted, b"refs/heads/" + wanted):
        found = remote.refs.get(Ref(name))
        if found:
            return Tip(remote.refs.get(Ref(name + PEELED_TAG_SUFFIX)) or found, ref, found)
    if _COMMIT.fullmatch(ref):
        return Tip(wanted, None, wanted)
    raise InvalidSource(
        "ref_not_found",
        f"The repository has no branch or tag {ref!r}.",
        f"Name one of its branches ({_branches(remote)}), a tag, or a commit's whole id.",
    )


def _branches(remote: LsRemoteResult) -> str:
    names = sorted(_short(name) for name in remote.refs if name.startswith(b"refs/heads/"))
    more = "" if len(names) <= _NAMED_IN_ERRORS else f" and {len(names) - _NAMED_IN_ERRORS} more"
    return ", ".join(names[:_NAMED_IN_ERRORS]) + more


def _short(name: bytes) -> str:
    return name.removeprefix(b"refs/heads/").decode(errors="replace")
