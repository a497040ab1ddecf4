"""Errors as RFC 9457 problem details, every one of them, and the id that every request carries."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.paths import allowed_methods
from api.problem_types import PROBLEM_TYPES
from longshore.errors import LongshoreError

MEDIA_TYPE = "application/problem+json"
REQUEST_ID = "X-Request-Id"
RETRY_AFTER_S = 5

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_STATUS_OF_CODE = {
    "blob_missing": 404,
    "database_unreachable": 503,
    "digest_mismatch": 422,
    "history_damaged": 503,
    "history_key_missing": 503,
    "no_disk_space": 507,
    "orchestrator_unavailable": 503,
}
_log = structlog.get_logger()


class InvalidPart(BaseModel):
    pointer: str
    detail: str


class ProblemDetails(BaseModel):
    """What went wrong, why, and what to do next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    """Stable machine-readable reason."""
    hint: str
    request_id: str
    errors: list[InvalidPart] | None = None
    """The parts of an invalid request."""


class Problem(LongshoreError):
    """An error that knows its HTTP status.

    Args:
        extra: Further members of the problem, such as what stands in the way.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        hint: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code, message, hint)
        self.status = status
        self.headers = headers
        self.extra = extra


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "model": ProblemDetails, "content": {MEDIA_TYPE: {}}}
    for status in (400, 401, 403, 404, 408, 409, 413, 421, 422, 429, 500, 503)
}
"""What every operation may answer instead."""


class RequestIds:
    """ASGI middleware: names the request in its answer and its logs, and turns what nobody caught into a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def named(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, named)
            except ClientDisconnect:
                _log.info("client_left", method=scope["method"], path=scope["path"])
            except (LongshoreError, psycopg.OperationalError) as error:
                if started:
                    raise
                await (await _handled(Request(scope), error))(scope, receive, named)
            except Exception:
                _log.exception("request_failed", method=scope["method"], path=scope["path"])
                if started:
                    raise
                await _unexpected(Request(scope))(scope, receive, named)


def install(app: FastAPI) -> None:
    """Answer every error that the operations raise as a problem; `RequestIds` does so for all that stands before."""
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(LongshoreError, _expected)
    app.add_exception_handler(psycopg.OperationalError, _database_error)


def _answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    hint: str = "",
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> JSONResponse:
    details = ProblemDetails(
        type=f"/problems/{code}" if code in PROBLEM_TYPES else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        hint=hint,
        request_id=request.state.request_id,
    )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {**(headers or {}), "Retry-After": str(RETRY_AFTER_S)}
    content = {**details.model_dump(exclude_none=True), **jsonable_encoder(extra)}
    return JSONResponse(content, status, headers, MEDIA_TYPE)


async def _handled(request: Request, error: Exception) -> JSONResponse:
    return await (_expected if isinstance(error, LongshoreError) else _database_error)(request, error)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    detail = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.scope['path']}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible at {request.scope['path']}.",
    }.get(status, str(error.detail))
    headers = dict(error.headers) if error.headers else {}
    if status == HTTPStatus.METHOD_NOT_ALLOWED and (allowed := allowed_methods(request.app, request.scope["path"])):
        headers["Allow"] = ", ".join(allowed)
    return _answer(request, status, status.name.lower(), detail, headers=headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    parts = [InvalidPart(pointer=_pointer(found["loc"], error.body), detail=found["msg"]) for found in error.errors()]
    detail = "; ".join(f"{part.pointer}: {part.detail}" for part in parts[:3])
    return _answer(request, 422, "invalid_request", detail, "The API's schema is at /openapi.json.", errors=parts)


def _pointer(location: Sequence[str | int], body: object) -> str:
    """Where in the request it is, without the kind that pydantic puts among the steps where one of several is meant."""
    steps, here = [str(location[0])], body if location[0] == "body" else None
    for step in location[1:-1]:
        if isinstance(here, dict):
            if step not in here:
                continue
            here = here[step]
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step]
        steps.append(str(step))
    return "/" + "/".join([*steps, *map(str, location[1:][-1:])])


async def _expected(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, LongshoreError)
    if isinstance(error, Problem):
        return _answer(request, error.status, error.code, str(error), error.hint, error.headers, **error.extra)
    status = _STATUS_OF_CODE.get(error.code)
    if status is None:
        _log.error("unmapped_error", code=error.code, detail=str(error))
        return _unexpected(request)
    return _answer(request, status, error.code, str(error), error.hint)


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    _log.warning("database_unavailable", detail=str(error))
    return _answer(
        request, 503, "database_unavailable", "The database does not answer.", "`longshore status` shows its state."
    )


def _unexpected(request: Request) -> JSONResponse:
    return _answer(
        request,
        500,
        "internal_error",
        "Something went wrong that nobody foresaw.",
        "The API's log has the details under this request id.",
    )
