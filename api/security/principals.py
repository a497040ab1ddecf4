"""Who calls, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from longshore.graph.api_keys import SCOPES, ApiKey, Scope


@dataclass(frozen=True)
class Principal:
    key_id: str | None
    """None: whoever uses this machine, where no key is required."""
    name: str
    scope: Scope
    projects: frozenset[str] | None
    """Those that it is bound to; None: all."""

    @property
    def scopes(self) -> list[Scope]:
        """Its scope and those that it includes."""
        return list(SCOPES[: SCOPES.index(self.scope) + 1])

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    def sees(self, project: str) -> bool:
        return self.projects is None or project in self.projects


LOCAL = Principal(key_id=None, name="local", scope="admin", projects=None)


def principal_of(key: ApiKey) -> Principal:
    projects = frozenset(key.projects) if key.projects is not None else None
    return Principal(key.key_id, key.name, key.scope, projects)


def caller_of(request: Request) -> Principal:
    """Who sent the request, once it has been admitted."""
    caller: Principal = request.state.caller
    return caller


Caller = Annotated[Principal, Depends(caller_of)]
