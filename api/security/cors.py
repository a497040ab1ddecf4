"""Cross-origin requests of the pages that the settings allow, and of no others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.security.origins import DECODING

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "X-Request-Id",
)
_RESPONSE_HEADERS = (
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
)


class Cors:
    """ASGI middleware, outermost, so that every answer has its headers and no preflight is counted.

    Cookies are not for other origins: they send a key. The exception is Temporal's Web UI, which can send no key; it
    may use the cookie of whoever is signed in, to decode histories and for nothing else.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str], engine_pages: Collection[str] = ()) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_RESPONSE_HEADERS,
            max_age=600,
        )
        self._engine_pages = frozenset(engine_pages)
        self._decoding = CORSMiddleware(
            app,
            allow_origins=list(engine_pages),
            allow_methods=("POST",),
            allow_headers=(*_REQUEST_HEADERS, "X-Namespace"),
            allow_credentials=True,
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._for(scope)(scope, receive, send)

    def _for(self, scope: Scope) -> ASGIApp:
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin in self._engine_pages and scope["path"].startswith(DECODING):
            return self._decoding
        return self._cors if origin in self._origins else self._app
