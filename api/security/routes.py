"""Operations on the page's session."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from api.security.authentication import Authentication, verify
from api.security.principals import Principal, principal_of
from api.security.sessions import Sessions
from api.services import Door
from longshore.graph.api_keys import Scope

router = APIRouter(prefix="/v1/session", tags=["session"])


class KeyHolder(BaseModel):
    name: str
    scopes: list[Scope]
    projects: list[str] | None
    """Those that the key is bound to; null: all."""


class Session(BaseModel):
    required: bool
    """Whether everything else needs a key."""
    principal: KeyHolder | None
    """Who this is, as far as it is known."""


class SessionRequest(BaseModel):
    key: SecretStr = Field(max_length=200)


@router.get("", operation_id="get_session")
async def get_session(request: Request, response: Response) -> Session:
    """Who the caller is, and whether that must be known."""
    return _session(request, response, request.state.caller)


@router.post("", operation_id="begin_session")
async def begin_session(door: Door, request: Request, response: Response, given: SessionRequest) -> Session:
    """Swap an API key for a cookie, which no script can read and no other site can use."""
    key = await verify(given.key.get_secret_value().strip(), door)
    response.headers.append("Set-Cookie", _sessions(request).cookie(key.key_id))
    return _session(request, response, principal_of(key))


@router.delete("", operation_id="end_session")
async def end_session(request: Request, response: Response) -> Session:
    """Forget the cookie."""
    response.headers.append("Set-Cookie", _sessions(request).no_cookie())
    return _session(request, response, None)


def _session(request: Request, response: Response, caller: Principal | None) -> Session:
    response.headers["Cache-Control"] = "no-store"
    authentication: Authentication = request.app.state.authentication
    holder = caller and KeyHolder(
        name=caller.name,
        scopes=caller.scopes,
        projects=sorted(caller.projects) if caller.projects is not None else None,
    )
    return Session(required=authentication.required(request.scope), principal=holder)


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions
