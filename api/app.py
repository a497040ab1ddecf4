"""The application: its parts put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import Depends, FastAPI

from api import codec, metrics, page, problem_types, problems, providers, system
from api.comparisons import routes as comparisons
from api.engine import Engine
from api.graph import routes as graph
from api.imports import plans, watching
from api.imports import routes as imports
from api.projects import blobs, hooks, projects, schedules, sources, webhooks
from api.schema import describing
from api.security import routes as session
from api.security.authorisation import authorise
from api.security.middleware import secure
from api.services import Services
from longshore.blobs import BlobStore
from longshore.errors import StackError
from longshore.graph.db import open_pool
from longshore.histories.keyring import Keyring
from longshore.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The door, on a database that is migrated. It opens whether or not database and Temporal answer, and says so.

    Raises:
        StackError: `history_key_invalid`.
    """
    app = FastAPI(
        title="Longshore",
        version=system.release(),
        summary="Durable imports of research libraries into a knowledge graph.",
        lifespan=_lifespan(settings, Keyring.of(settings)),
        dependencies=[Depends(authorise)],
        responses=problems.RESPONSES,
        docs_url=None,  # Its scripts come from another server.
        redoc_url=None,
    )
    problems.install(app)
    secure(app, settings)
    for part in (
        imports,
        watching,
        projects,
        blobs,
        plans,
        comparisons,
        graph,
        sources,
        schedules,
        hooks,
        webhooks,
        session,
        system,
        providers,
        codec,
        metrics,
        problem_types,
        page,
    ):
        app.include_router(part.router)
    app.openapi = describing(app)  # type: ignore[method-assign]
    return app


def database_of(settings: Settings) -> str:
    """Raises:
    StackError: `no_database`.
    """
    if not settings.database_url:
        raise StackError("no_database", "LONGSHORE_DATABASE_URL is not set", "Start the stack with `longshore up`.")
    return settings.database_url


def _lifespan(settings: Settings, keyring: Keyring) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = await open_pool(database_of(settings))
        try:
            engine = await Engine.connect(settings, keyring)
            app.state.services = Services(settings, pool, engine, BlobStore(settings.blob_url), keyring)
            yield
            await app.state.services.embedder.close()
        finally:
            await pool.close()

    return lifespan
