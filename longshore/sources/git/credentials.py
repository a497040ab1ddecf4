"""What private repositories ask for: kept by the operator, named by callers, and never written anywhere."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from longshore.errors import InvalidSource
from longshore.ids import home_of
from longshore.settings import Settings
from longshore.sources.git.fetching import Access
from longshore.sources.git.location import Location, parse_location
from longshore.sources.git.remote import Credential


class _Kept(BaseModel):
    """A table of the credentials' file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    """It is sent to repositories whose URL begins with this, and to no other."""
    projects: tuple[str, ...] | None = None
    """That may use it; all if absent."""
    username: str = "x-access-token"
    token: str = Field(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$")
    """Where the token itself is: `env:NAME` or `file:PATH`."""


@dataclass(frozen=True, slots=True)
class GitHosts:
    """What the operator says about where repositories may be, and what private ones ask for."""

    own: Sequence[str]
    """Hosts that may lie at private addresses, as `host` or `host:port`."""
    paths: Sequence[str]
    """Folders of this machine that repositories may be read from."""
    credentials: Path
    """A TOML file, a table for each credential."""

    @classmethod
    def of(cls, settings: Settings) -> GitHosts:
        return cls(settings.own_git_hosts, settings.allowed_git_paths, settings.git_credentials_file)

    def access(self, project: str, url: str, credential: str | None) -> Access:
        """How a project may reach a repository.

        Raises:
            InvalidSource: as `find_credential` does.
        """
        found = find_credential(self.credentials, credential, project, url) if credential else None
        return Access(self.own, self.paths, found)


def find_credential(file: Path, name: str, project: str, url: str) -> Credential:
    """The credential that the operator keeps under a name, for a repository that it is meant for.

    It is read anew each time, so that a token is changed without a restart.

    Raises:
        InvalidSource: `credential_unknown`, also where the project may not use it; `credential_elsewhere`;
            `credential_unusable`.
    """
    kept = _read(file).get(name)
    if kept is None or (kept.projects is not None and home_of(project) not in kept.projects):
        raise InvalidSource(
            "credential_unknown",
            f"There is no credential {name!r} for project {project}.",
            "Ask the operator for the names of those that there are.",
        )
    if not _covers(kept.url, parse_location(url)):
        raise InvalidSource(
            "credential_elsewhere",
            f"The credential {name!r} is meant for {kept.url}, and not for {url}.",
            "Name another one, or none.",
        )
    return Credential(kept.username, _token(name, kept.token))


def _covers(prefix: str, asked: Location) -> bool:
    """Whether a URL lies beneath another, which may be a host alone."""
    any_beneath = parse_location(f"{prefix.rstrip('/')}/any")
    same = (any_beneath.scheme, any_beneath.host, any_beneath.port) == (asked.scheme, asked.host, asked.port)
    return same and f"{asked.path}/".startswith(any_beneath.path.removesuffix("any"))


def _read(file: Path) -> dict[str, _Kept]:
    try:
        tables = tomllib.loads(file.read_text())
        return {name: _Kept.model_validate(table) for name, table in tables.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        # A message of the parser's could quote what was written by mistake where a reference belongs.
        broken = ", ".join(str(part["loc"]) for part in error.errors()) if isinstance(error, ValidationError) else ""
        raise InvalidSource(
            "credential_unusable",
            f"The operator's file of credentials cannot be read: {type(error).__name__} {broken}".rstrip() + ".",
            "Its tables have url, token, and if need be username and projects.",
        ) from None


def _token(name: str, reference: str) -> str:
    kind, _, where = reference.partition(":")
    try:
        token = os.environ[where] if kind == "env" else Path(where).read_text()
    except (KeyError, OSError, ValueError):
        token = ""
    if not token.strip():
        raise InvalidSource(
            "credential_unusable",
            f"The token of the credential {name!r} is not where the operator's file says.",
            "Ask the operator; the worker reads it from its own environment and files.",
        )
    return token.strip()
