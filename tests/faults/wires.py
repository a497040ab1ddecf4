"""What is done to the wires between a worker and the engines."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.faults.bench import Bench
from tests.faults.invariants import demand
from tests.faults.kills import NAME, Done, check_same, outcome
from tests.faults.passage import Passage
from tests.faults.proxy import Proxy, proxied
from tests.faults.trials import Outcome, Trial

_SILENT_S = 15.0
_KILLED_AFTER_S = 20.0
"""So long do those who stop a worker wait for it."""
Wire = Callable[[Passage], AbstractAsyncContextManager[Proxy]]
Hurt = Callable[[Passage, Proxy], Awaitable[Done]]
_MOMENTS = ("plan_import.before_call", "embed_batch.before_call", "write_batch.before_call", "link_batch.before_call")


@asynccontextmanager
async def to_postgres(passage: Passage) -> AsyncIterator[Proxy]:
    folder = conninfo_to_dict(passage.database_url)["host"]
    async with proxied(lambda: asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")) as proxy:
        passage.settings["LONGSHORE_DATABASE_URL"] = make_conninfo(
            passage.database_url, host="127.0.0.1", port=proxy.port
        )
        yield proxy


@asynccontextmanager
async def to_temporal(passage: Passage) -> AsyncIterator[Proxy]:
    host, port = passage.temporal_address.rsplit(":", 1)
    async with proxied(lambda: asyncio.open_connection(host, int(port))) as proxy:
        passage.settings["TEMPORAL_ADDRESS"] = f"127.0.0.1:{proxy.port}"
        yield proxy


async def _resets(passage: Passage, proxy: Proxy) -> Done:
    at = 0.0
    for moment in _MOMENTS:
        at = max(await passage.crossed(moment), time.monotonic())
        demand(proxy.reset() > 0, "nobody was connected")
    return Done(at)


async def _silence(passage: Passage, proxy: Proxy) -> Done:
    """Nothing comes through for a while, and then everything does."""
    await passage.crossed("embed_batch.before_call")
    proxy.silent, at = True, time.monotonic()
    await asyncio.sleep(_SILENT_S)  # it is silent: that is what is tried
    proxy.silent = False
    return Done(at, time.monotonic())


async def _swallowed(passage: Passage, proxy: Proxy) -> Done:
    """What is asked for is done, its answers are thrown away, and then the connections are cut."""
    await passage.crossed("write_batch.before_call")
    proxy.swallow_replies, at = True, time.monotonic()
    await asyncio.sleep(3)  # answers are swallowed: that is what is tried
    proxy.reset()
    proxy.swallow_replies = False
    return Done(at, time.monotonic())


async def _slow(passage: Passage, proxy: Proxy) -> Done:
    await passage.crossed("embed_batch.before_call")
    proxy.delay_s, at = 0.1, time.monotonic()
    await passage.crossed("link_batch.before_return")
    proxy.delay_s = 0.0
    return Done(at)


async def _dripping(passage: Passage, proxy: Proxy) -> Done:
    await passage.crossed("write_batch.before_call")
    proxy.drip_bytes, at = 512, time.monotonic()
    await passage.crossed("link_batch.before_return", 3)
    proxy.drip_bytes = 0
    return Done(at)


async def _commit_cut_off(passage: Passage, proxy: Proxy) -> Done:
    """The server commits, and the connection is gone before it can say so; once in each kind of step."""
    at = 0.0
    for moment in _MOMENTS:
        await passage.crossed(moment)
        before, at = proxy.cuts, time.monotonic()
        proxy.cut_after = b"COMMIT"
        async with asyncio.timeout(30):
            while proxy.cuts == before:
                await asyncio.sleep(0.02)
    return Done(at)


def commits_cut_off(bench: Bench) -> Iterable[Trial]:
    yield Trial("COMMIT arrives, its answer does not", lambda: _hurt(bench, to_postgres, _commit_cut_off))
    yield Trial("Postgres' answers are swallowed for 3 s", lambda: _hurt(bench, to_postgres, _swallowed))
    yield Trial("Temporal's answers are swallowed for 3 s", lambda: _hurt(bench, to_temporal, _swallowed))


def cut_or_silent(bench: Bench) -> Iterable[Trial]:
    for name, wire in (("Postgres", to_postgres), ("Temporal", to_temporal)):
        for what, hurt in ((f"connections to {name} are reset", _resets), (f"{name} is silent for 15 s", _silence)):
            yield Trial(what, lambda wire=wire, hurt=hurt: _hurt(bench, wire, hurt))  # type: ignore[misc]


def told_to_stop_in_silence(bench: Bench) -> Iterable[Trial]:
    async def stop(passage: Passage, proxy: Proxy) -> Done:
        await passage.crossed("embed_batch.before_call")
        proxy.silent, at = True, time.monotonic()
        passage.workers[-1].terminate()
        await asyncio.to_thread(passage.workers[-1].wait, _KILLED_AFTER_S)
        proxy.silent = False
        passage.start_worker()
        return Done(at, time.monotonic())

    yield Trial("told to stop while Temporal is silent", lambda: _hurt(bench, to_temporal, stop))


def slow(bench: Bench) -> Iterable[Trial]:
    for name, wire in (("Postgres", to_postgres), ("Temporal", to_temporal)):
        for what, hurt in ((f"{name} answers 0.1 s later", _slow), (f"{name} drips 512 bytes at a time", _dripping)):
            yield Trial(what, lambda wire=wire, hurt=hurt: _hurt(bench, wire, hurt))  # type: ignore[misc]


async def _hurt(bench: Bench, wire: Wire, hurt: Hurt) -> Outcome:
    async with bench.rig.passage() as passage, wire(passage) as proxy:
        passage.start_worker()
        handle = await passage.submit(bench.undisturbed.cargo, NAME)
        async with passage.watched(handle):
            done = await hurt(passage, proxy)
            record = await passage.finish(handle)
        await check_same(passage, record, bench.undisturbed)
        return outcome(passage, bench.undisturbed, done.failed_at, done.healed_at)
