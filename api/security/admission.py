"""The gate: who calls is known, and does not ask too often, before anything else is looked at."""

from __future__ import annotations

import structlog
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from api.security.authentication import Authentication, refuse
from api.security.authorisation import needs_key
from api.security.buckets import Buckets
from api.security.limits import FAILURES, add_headers, exceeded, quota_of
from api.security.origins import SAFE
from api.security.principals import Principal

_log = structlog.get_logger()


class Admission:
    """ASGI middleware: puts the caller into the request's state as `caller`; nobody only where no key is needed."""

    def __init__(self, app: ASGIApp, authentication: Authentication) -> None:
        self._app = app
        self._authentication = authentication
        self._buckets = Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(("/v1/", "/metrics")):
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else ""
        caller = await self._known(scope, address)
        scope["state"]["caller"] = caller
        name = caller.key_id if caller and caller.key_id else address
        balance = self._buckets.take(quota_of(scope["method"], scope["path"]), name)
        if not balance.granted:
            raise exceeded(balance)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), balance)
                if scope["method"] not in SAFE:
                    _log.info("request", method=scope["method"], path=scope["path"], status=message["status"])
            await send(message)

        with structlog.contextvars.bound_contextvars(**({"key": caller.key_id} if caller and caller.key_id else {})):
            await self._app(scope, receive, counted)

    async def _known(self, scope: Scope, address: str) -> Principal | None:
        app: FastAPI = scope["app"]
        try:
            caller = await self._authentication.caller(scope, app.state.services)
            if caller is None and needs_key(scope["path"]):
                refuse("key_required", "This needs an API key.")
        except Problem as problem:
            # A key that is good is never held up by those that are not.
            _log.warning("refused", code=problem.code, address=address, path=scope["path"])
            failures = self._buckets.take(FAILURES, address)
            raise problem if failures.granted else exceeded(failures) from None
        return caller
