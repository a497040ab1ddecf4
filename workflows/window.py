"""How many requests of an import are under way at a time, and which of those that wait is next."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Window:
    """So many places; of those that wait for one, the requests of what was begun first go first.

    Were all batches served alike, they would end together, and the provider would be left alone while all lanes write
    and read on. As it is the first batch ends early, and its lane has the next one ready in time.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self._free = places
        self._begun = itertools.count()
        self._tickets = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    def begin(self) -> int:
        """The rank of what is begun now."""
        return next(self._begun)

    @asynccontextmanager
    async def place(self, rank: int) -> AsyncIterator[None]:
        """A place of the window, while the block runs."""
        await self._taken(rank)
        try:
            yield
        finally:
            self._leave()

    async def _taken(self, rank: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._tickets), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
