"""The page that people watch imports on: built files, served beside the API."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

STATIC = Path(__file__).parent / "static"
"""What `make page` builds from web/; package data of the wheel."""

_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "font-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
}
"""Beside those that every answer has (api/security/headers.py)."""
_FOR_EVER = "public, max-age=31536000, immutable"
"""The names of built files hold a digest of their content."""
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Longshore</title>
<h1>Longshore is running, but its page has not been built</h1>
<p>In the checkout that this API runs from, <code>make page</code> builds it; then load this page again. It brings its
own Node.js where the machine has none.</p>
<p>The API works without it: its schema is at <a href="/openapi.json">/openapi.json</a>, and
<code>longshore imports</code> shows in a terminal what the page would.</p>
"""

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
@router.api_route("/p/{rest:path}", methods=["GET", "HEAD"])
@router.api_route("/providers", methods=["GET", "HEAD"])
async def page() -> Response:
    """The same document for every view: the page reads from the address what to show."""
    index = STATIC / "index.html"
    if not index.is_file():
        return HTMLResponse(_NOT_BUILT, 503, {**_HEADERS, "Cache-Control": "no-store"})
    return FileResponse(index, headers={**_HEADERS, "Cache-Control": "no-cache"})


@router.api_route("/assets/{name}", methods=["GET", "HEAD"])
@router.api_route("/icon.svg", methods=["GET", "HEAD"])
async def asset(name: str | None = None) -> Response:
    path = STATIC / "assets" / name if name else STATIC / "icon.svg"
    if path.name.startswith(".") or not path.is_file():
        raise HTTPException(404)
    age = _FOR_EVER if name else "public, max-age=86400"
    return FileResponse(path, headers={**_HEADERS, "Cache-Control": age})
