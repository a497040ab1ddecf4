"""How many requests of an import are under way, and which is next."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from workflows.window import Window


async def settled() -> None:
    """Until everything has run that can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Requests:
    """Requests that end when they are told to."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.under_way: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}

    def ask(self, name: str, rank: int) -> asyncio.Task[None]:
        self._ends[name] = asyncio.Event()
        return asyncio.create_task(self._ask(name, rank))

    async def _ask(self, name: str, rank: int) -> None:
        async with self._window.place(rank):
            self.under_way.append(name)
            try:
                await self._ends[name].wait()
            finally:
                self.under_way.remove(name)

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await settled()


async def test_what_was_begun_first_goes_first_and_no_more_than_there_are_places() -> None:
    window = Window(2)
    requests, first, second = Requests(window), window.begin(), window.begin()
    tasks = [requests.ask(name, second) for name in ("c", "d", "e")]
    await settled()
    tasks += [requests.ask(name, first) for name in ("a", "b")]
    await settled()
    assert requests.under_way == ["c", "d"]
    await requests.end("c")
    assert requests.under_way == ["d", "a"], "of what was begun first, though it asked last"
    await requests.end("d")
    await requests.end("a")
    assert requests.under_way == ["b", "e"]
    for name in ("b", "e"):
        await requests.end(name)
    await asyncio.gather(*tasks)


async def test_who_is_cancelled_takes_no_place_with_them() -> None:
    window = Window(1)
    requests, rank = Requests(window), window.begin()
    first, waiting, next_one = (requests.ask(name, rank) for name in ("first", "waiting", "next"))
    await settled()
    waiting.cancel()
    await settled()
    first.cancel()
    await settled()
    assert requests.under_way == ["next"]
    # At the very moment in which it is given a place.
    late, last = requests.ask("late", rank), requests.ask("last", rank)
    await settled()
    requests._ends["next"].set()
    for _ in range(10):
        await asyncio.sleep(0)
        if next_one.done():
            break
    late.cancel()
    await settled()
    assert requests.under_way == ["last"]
    await requests.end("last")
    for task in (first, waiting, late, last):
        with suppress(asyncio.CancelledError):
            await task
