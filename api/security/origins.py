"""The guard against foreign pages: DNS rebinding by the Host header, forged requests by Origin and Fetch Metadata."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem
from api.security.addresses import Addresses

PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by balancers and supervisors under whatever name, and told nothing else."""
SAFE = frozenset({"GET", "HEAD"})
DECODING = "/v1/system/codec/"
"""What the pages of Temporal's Web UI may ask, and nothing else."""
_OWN_SITES = frozenset({"same-origin", "none"})


class OriginGuard:
    """ASGI middleware. Programs send no Origin; a browser cannot leave it out where something changes."""

    def __init__(self, app: ASGIApp, addresses: Addresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBES:
            headers = Headers(scope=scope)
            self._check_host(headers, scope)
            if scope["method"] not in SAFE:
                self._check_origin(headers, scope)
        await self._app(scope, receive, send)

    def _check_host(self, headers: Headers, scope: Scope) -> None:
        hosts = headers.getlist("host")
        if len(hosts) == 1 and self._addresses.serves(hosts[0], scope):
            return
        raise Problem(
            421,
            "wrong_host",
            "This server is not known under the name that the request gave it.",
            "Use the address that `longshore status` shows, or set LONGSHORE_PUBLIC_URL to the one in use.",
        )

    def _check_origin(self, headers: Headers, scope: Scope) -> None:
        origins = headers.getlist("origin")
        if origins:
            trusted = len(origins) == 1 and (
                self._addresses.trusts(origins[0], scope)
                or (scope["path"].startswith(DECODING) and origins[0] in self._addresses.engine_pages)
            )
        else:
            trusted = headers.get("sec-fetch-site", "none") in _OWN_SITES
        if not trusted:
            raise Problem(
                403,
                "foreign_origin",
                "A page of another origin may not do this.",
                "LONGSHORE_CORS_ORIGINS lists the origins that may.",
            )
