"""What the operations work with, made once when the API starts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api.engine import Engine
from api.graph.querying import QueryEmbedder
from api.imports.board import Board
from api.imports.events import Hub
from api.imports.listing import Listing
from api.imports.status import Imports
from longshore.blobs import BlobStore
from longshore.graph.db import Connection, Pool
from longshore.histories.keyring import Keyring
from longshore.providers.settings import Providers, read_providers
from longshore.settings import Settings

_PATIENCE_S = 4
"""How long a request waits for a connection before it says that the database is down."""
_EXPORTS = 2
"""Exports at a time."""


@dataclass
class Services:
    settings: Settings
    pool: Pool
    engine: Engine
    blobs: BlobStore
    keyring: Keyring
    """With which histories are read, and written if it is not empty."""
    imports: Imports = field(init=False)
    listing: Listing = field(init=False)
    hub: Hub = field(init=False)
    board: Board = field(init=False)
    providers: Providers = field(init=False)
    embedder: QueryEmbedder = field(init=False)
    exports: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_EXPORTS))
    """Each holds a connection for as long as its reader takes."""

    def __post_init__(self) -> None:
        self.providers = read_providers(self.settings.providers_file)
        self.embedder = QueryEmbedder(self.providers, self.connection)
        self.imports = Imports(self.engine, self.connection)
        self.listing = Listing(self.engine, self.imports, self.connection)
        self.hub = Hub(self.imports.find)
        self.board = Board(self.listing, self.imports)

    def end_streams(self) -> None:
        """Let every stream end, so that a server that stops need not wait for its watchers."""
        self.hub.close()
        self.board.close()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection whose transaction is committed at the end of the block."""
        async with self.pool.connection(timeout=_PATIENCE_S) as connection:
            yield connection


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Door = Annotated[Services, Depends(services_of)]
