"""The application: its parts put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import FastAPI

from api import problems, system
from api.engine import Engine
from api.imports import routes as imports
from api.projects import blobs, graph
from api.services import Services
from longshore.blobs import BlobStore
from longshore.errors import StackError
from longshore.graph.db import migrate, open_pool
from longshore.settings import Settings

_log = structlog.get_logger()


def create_app(settings: Settings) -> FastAPI:
    """The door. It opens without Temporal, and says so; it needs a database that answers once."""
    app = FastAPI(
        title="Longshore",
        version=system.release(),
        summary="Durable imports of research libraries into a knowledge graph.",
        lifespan=_lifespan(settings),
        responses=problems.RESPONSES,
    )
    problems.install(app)
    for part in (imports.router, blobs.router, graph.router, system.router):
        app.include_router(part)
    return app


def _lifespan(settings: Settings):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if settings.database_url is None:
            raise StackError("database_url_missing", "the API has no database", "Set LONGSHORE_DATABASE_URL.")
        await migrate(settings.database_url)
        pool = await open_pool(settings.database_url)
        try:
            engine = await Engine.connect(settings)
            app.state.services = Services(settings, pool, engine, BlobStore(settings.blob_url))
            yield
        finally:
            await pool.close()

    return lifespan
