"""Which key a request was sent with: the one in its header, else that of the page's session."""

from __future__ import annotations

from typing import NoReturn

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from api.problems import Problem
from api.security.addresses import is_loopback
from api.security.principals import LOCAL, Principal, principal_of
from api.security.sessions import Sessions
from api.services import Services
from longshore.graph import api_keys
from longshore.graph.api_keys import ApiKey
from longshore.settings import Settings

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host")


def keys_required(settings: Settings) -> bool:
    """As soon as others than this machine can reach the server, or a proxy stands before it."""
    return bool(
        settings.require_keys or settings.public_url or settings.trusted_proxies or not is_loopback(settings.host)
    )


def behind_a_proxy(scope: Scope) -> bool:
    """Whether the request came through a proxy that nobody told us of."""
    headers = Headers(scope=scope)
    return any(name in headers for name in _FORWARDED)


class Authentication:
    """Tells callers by their keys.

    Args:
        sessions: Reads the cookies of the page.
    """

    def __init__(self, settings: Settings, sessions: Sessions) -> None:
        self._required = keys_required(settings)
        self._published = bool(settings.public_url or settings.trusted_proxies)
        self._sessions = sessions

    def required(self, scope: Scope) -> bool:
        return self._required or behind_a_proxy(scope)

    async def caller(self, scope: Scope, services: Services) -> Principal | None:
        """Who sent the request; None for nobody known.

        Raises:
            Problem: 401 for a key that is wrong, revoked or expired.
        """
        headers = Headers(scope=scope)
        given = headers.getlist("authorization")
        if given:
            return principal_of(await self._by_key(given, services))
        key_id = self._sessions.key_in(HTTPConnection(scope).cookies)
        if key_id:
            async with services.connection() as connection:
                key = await api_keys.find(connection, key_id)
                if key and key.state == "active":
                    await api_keys.note_use(connection, key)
                    return principal_of(key)
        return None if self.required(scope) and not self._is_scraped_here(scope) else LOCAL

    def _is_scraped_here(self, scope: Scope) -> bool:
        """A Prometheus on this machine needs no key, unless it could be a proxy that asks for somebody else."""
        here = scope.get("client") and is_loopback(scope["client"][0])
        return bool(scope["path"] == "/metrics" and here and not self._published and not behind_a_proxy(scope))

    async def _by_key(self, given: list[str], services: Services) -> ApiKey:
        scheme, _, token = given[0].partition(" ")
        if len(given) != 1 or scheme.lower() != "bearer":
            refuse("invalid_key", "The Authorization header is not of the form `Bearer KEY`.")
        return await verify(token.strip(), services)


async def verify(token: str, services: Services) -> ApiKey:
    """Raises:
    Problem: 401 `invalid_key`, `key_revoked` or `key_expired`.
    """
    if api_keys.id_of(token) is None:
        refuse("invalid_key", "This is not an API key of this server.")
    async with services.connection() as connection:
        key = await api_keys.verified(connection, token)
        if key is None:
            refuse("invalid_key", "This is not an API key of this server.")
        if key.state == "revoked":
            refuse("key_revoked", "This API key was revoked.")
        if key.state == "expired":
            refuse("key_expired", "This API key has expired.")
        await api_keys.note_use(connection, key)
    return key


def refuse(code: str, message: str) -> NoReturn:
    """Raises:
    Problem: 401.
    """
    error = "" if code == "key_required" else ' error="invalid_token"'
    raise Problem(
        401,
        code,
        message,
        "Who runs the server makes one with `longshore keys create`; send it as `Authorization: Bearer KEY`, "
        "or name it to the command in LONGSHORE_API_KEY.",
        headers={"WWW-Authenticate": f'Bearer realm="longshore"{"," if error else ""}{error}'},
    )
