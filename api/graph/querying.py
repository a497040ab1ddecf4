"""Vectors of queries: made by whatever made the vectors of the project that is searched."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longshore.embedding.base import Embedder
from longshore.embedding.choosing import OFFLINE, Embedders
from longshore.embedding.remote import RemoteEmbedder
from longshore.embedding.static import DIMENSIONS, MODEL, StaticEmbedder
from longshore.errors import LongshoreError
from longshore.graph.db import Connection
from longshore.graph.indexes import Index
from longshore.providers import gates
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.settings import Providers

PATIENCE_S = 8.0
"""How long a search waits for a provider, whatever its own deadline is."""
_KEPT = 256
_NOTHING: NDArray[np.float32] = np.zeros(1, dtype=np.float32)
_WORDS_ONLY = "Passages were compared by their words only"

Connect = Callable[[], AbstractAsyncContextManager[Connection]]


@dataclass(frozen=True)
class Query:
    """A query as vectors see it."""

    vector: NDArray[np.float32]
    """A unit vector; zeros where it has none."""
    model: str
    warning: str | None = None
    """Why it has none, where it should."""


class OfflineWhenAsked:
    """The offline embedder, read from disk when the first query asks for it."""

    model = MODEL
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._embedder: StaticEmbedder | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions); a row of zeros for a text without a known token."""
        self._embedder = self._embedder or StaticEmbedder()
        return self._embedder.embed(texts)


class QueryEmbedder:
    def __init__(self, providers: Providers, connect: Connect) -> None:
        self._embedders = Embedders(OfflineWhenAsked(), providers)
        self._connect = connect
        self._loading = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, str], NDArray[np.float32]] = OrderedDict()

    async def close(self) -> None:
        await self._embedders.close()

    async def embed(self, text: str, index: Index) -> Query:
        """The query's vector for an index. A provider that is not there now leaves it without one, and never waits."""
        model = index.model or MODEL
        if (vector := self._kept.get((model, text))) is not None:
            self._kept.move_to_end((model, text))
            return Query(vector, model)
        try:
            remote = self._embedders.remote.get(index.embedder or OFFLINE)
            if (remote or await self._here(index)).model != model:
                return _words_only(model, f"the project was embedded by other settings of {index.embedder}")
            vector = await self._from_either(remote, text) if remote else await self._embedded_here(index, text)
        except ProviderRefusal as refused:
            return _words_only(model, str(refused).rstrip("."))
        except LongshoreError as error:
            return _words_only(model, f"{error}".rstrip("."))
        self._kept[model, text] = vector
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return Query(vector, model)

    async def _here(self, index: Index) -> Embedder:
        async with self._loading:
            return await asyncio.to_thread(self._embedders.here, index.embedder)

    async def _embedded_here(self, index: Index, text: str) -> NDArray[np.float32]:
        embedder = await self._here(index)
        async with self._loading:
            vectors = await asyncio.to_thread(embedder.embed, [text])
        vector: NDArray[np.float32] = vectors[0]
        return vector

    async def _from_either(self, remote: RemoteEmbedder, text: str) -> NDArray[np.float32]:
        """From the provider, or else from its fallback, whose vectors are the same.

        Raises:
            ProviderRefusal: of the provider, where the fallback refuses too.
        """
        try:
            return await self._asked(remote, text)
        except ProviderRefusal as refused:
            other = self._embedders.remote.get(remote.provider.fallback or "")
            if other is None:
                raise
            try:
                return await self._asked(other, text)
            except ProviderRefusal:
                raise refused from None

    async def _asked(self, remote: RemoteEmbedder, text: str) -> NDArray[np.float32]:
        """Raises:
        ProviderRefusal: it was refused, or is not asked because others were.
        """
        provider = remote.provider
        async with self._connect() as connection:
            if await gates.look(connection, provider.id):
                raise ProviderRefusal("unavailable", provider.name, "it is being left alone for now.")
            now = await gates.now(connection)
        try:
            async with asyncio.timeout(PATIENCE_S):
                vectors = await remote.embed([text], "query")
        except TimeoutError:
            raise ProviderRefusal("timeout", provider.name, f"{PATIENCE_S:g} seconds were over.") from None
        except ProviderRefusal as refused:
            if refused.passes or refused.for_operator:
                async with self._connect() as connection:
                    await gates.close(connection, provider, now, refused)
            raise
        vector: NDArray[np.float32] = vectors[0]
        return vector


def _words_only(model: str, why: str) -> Query:
    return Query(_NOTHING, model, f"{_WORDS_ONLY}: {why}.")
