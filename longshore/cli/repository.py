"""A git repository as `longshore import` is asked for one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from longshore.cli.output import BadInput


def is_url(text: str) -> bool:
    """Whether it names a place and not a path; also as it would be written for SSH, which is refused with advice."""
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]+://|[\w.-]+@[\w.-]+:", text.strip()))


@dataclass(frozen=True)
class Repository:
    """What is to be read of which repository."""

    url: str
    ref: str | None
    include: list[str]
    exclude: list[str]
    credential: str | None

    def refuse_choices(self) -> None:
        """
        Raises:
            BadInput: something was chosen that only a repository has.
        """
        for option, given in (
            ("--ref", self.ref),
            ("--include", self.include),
            ("--exclude", self.exclude),
            ("--credential", self.credential),
        ):
            if given:
                raise BadInput(
                    "only_for_repositories",
                    f"{option} is for git repositories, and {self.url} is none.",
                    "Name a repository by its URL: https://host/path, or file:///path for one on this machine.",
                )

    def body(self, name: str | None) -> dict[str, Any]:
        """The source as the API takes it.

        Raises:
            InvalidSource: `bad_repository_url`.
        """
        from longshore.sources.git.location import parse_location

        location = parse_location(self.url)
        return {
            "kind": "git",
            "url": location.url,
            "name": (name or location.name).strip(),
            "ref": self.ref,
            "include": self.include,
            "exclude": self.exclude,
            "credential": self.credential,
        }
