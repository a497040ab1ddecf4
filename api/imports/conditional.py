"""Reading an import only when it is another than the one that the caller has."""

from __future__ import annotations

import asyncio

from fastapi import Response, status

from api.imports.representation import Representation
from api.imports.schemas import Import
from api.services import Services
from workflows.contracts import TERMINAL

POLL_AFTER_S = "2"


async def read(services: Services, project: str, import_id: str, known: str | None, wait_s: float) -> Response:
    """The import; 304 where it is still as the caller knows it.

    Args:
        known: The If-None-Match header.
        wait_s: How long to wait for a change, of what the caller knows or else of how it is now.

    Raises:
        Problem: 404 `import_not_found`.
    """
    now = Representation(await services.imports.find(project, import_id))
    if wait_s and (known is None or _matches(now, known)):
        now = await _changed(services, now, wait_s)
    headers = {"ETag": etag(now), "Cache-Control": "no-cache"}
    if now.view.state not in TERMINAL:
        headers["Retry-After"] = POLL_AFTER_S
    if known is not None and _matches(now, known):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(now.body, headers=headers, media_type="application/json")


def etag(shown: Representation) -> str:
    """Weak, for what a worker's last sign of life changes is not told."""
    return f'W/"{shown.tag}"'


async def _changed(services: Services, first: Representation, wait_s: float) -> Representation:
    """The import once it is another than the first, or after the wait. Shares the look at it with all who watch."""
    view: Import = first.view
    if view.state in TERMINAL:
        return first
    async with services.hub.watch(view.project, view.id) as watch:
        version = watch.version
        try:
            async with asyncio.timeout(wait_s):
                while not watch.ended:
                    await watch.changed(version)
                    version = watch.version
                    if watch.latest.tag != first.tag:
                        return watch.latest
        except TimeoutError:
            return first
        return watch.latest


def _matches(shown: Representation, known: str) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in known.split(",")}
    return bool(tags & {shown.tag, "*"})
