"""What is done to workers besides killing them at a seam: freezing, thawing, telling them to stop."""

from __future__ import annotations

import asyncio
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterable

import psutil

from tests.faults.bench import Bench
from tests.faults.disks import fill, small_disk
from tests.faults.invariants import demand
from tests.faults.kills import NAME, Done, check_same, crossed, disturb, outcome
from tests.faults.passage import Passage
from tests.faults.seams import Order
from tests.faults.trials import Outcome, Trial
from tests.integration.voyage import Handle

GRACE_S = 15.0
"""What a worker that is told to stop gives its steps."""
_FREEZING = (
    "parse_batch.parser.after_call:1:freeze",
    "embed_batch.embedder.after_call:1:freeze",
    "write_batch.before_commit:2:freeze",
    "link_batch.before_commit:1:freeze",
    "close_import.before_return:1:freeze",
)
_LONG_FROZEN_S = 120.0


def frozen(bench: Bench) -> Iterable[Trial]:
    for order in _FREEZING:
        yield Trial(order, lambda order=order: freeze_at(bench, Order.parse(order)))  # type: ignore[misc]


async def freeze_at(bench: Bench, order: Order) -> Outcome:
    """A worker freezes, another one takes its steps over, and the first wakes up in the middle of what it did."""
    async with bench.rig.passage() as passage:
        worker = passage.start_worker(order)
        handle = await passage.submit(bench.undisturbed.cargo, NAME)
        async with passage.watched(handle):
            await _stopped(worker)
            failed_at = crossed(passage, order, worker.pid)
            passage.start_worker()
            await _taken_over(passage, order.place.split(".")[0], bench)
            worker.send_signal(signal.SIGCONT)
            record = await passage.finish(handle)
        await check_same(passage, record, bench.undisturbed)
        return outcome(passage, bench.undisturbed, failed_at)


async def _stopped(worker: subprocess.Popen[bytes]) -> None:
    process = psutil.Process(worker.pid)
    async with asyncio.timeout(60):
        while process.status() != psutil.STATUS_STOPPED:
            demand(worker.poll() is None, "the worker ended, and did not freeze")
            await asyncio.sleep(0.02)


async def _taken_over(passage: Passage, step: str, bench: Bench) -> None:
    """Wait until a step has been ended for every batch, so also for that which the frozen worker is in."""
    expected = bench.undisturbed.counts[f"{step}.before_return"]
    await passage.crossed(f"{step}.before_return", expected, patience_s=_LONG_FROZEN_S)


def told_to_stop(bench: Bench) -> Iterable[Trial]:
    async def once(passage: Passage, handle: Handle) -> Done:
        return await _replace(passage, [signal.SIGTERM])

    async def twice(passage: Passage, handle: Handle) -> Done:
        return await _replace(passage, [signal.SIGTERM, signal.SIGTERM])

    async def killed_in_its_grace(passage: Passage, handle: Handle) -> Done:
        return await _replace(passage, [signal.SIGTERM, signal.SIGKILL])

    async def rolling(passage: Passage, handle: Handle) -> Done:
        """The next one is there before the first is told to go."""
        await passage.crossed("parse_batch.before_return")
        [first] = passage.workers
        passage.start_worker()
        return await _stop(first, [signal.SIGTERM])

    for told in (once, twice, killed_in_its_grace, rolling):
        yield Trial(
            told.__name__.replace("_", " "),
            lambda told=told: disturb(bench.rig, bench.undisturbed, told),  # type: ignore[misc]
        )


async def _replace(passage: Passage, signals: list[signal.Signals]) -> Done:
    await passage.crossed("embed_batch.before_call", 2)
    done = await _stop(passage.workers[-1], signals)
    passage.start_worker()
    return done


async def _stop(worker: subprocess.Popen[bytes], signals: list[signal.Signals]) -> Done:
    """
    Raises:
        Broken: if it does not leave in order, within its grace, with everything it had started.
    """
    children = psutil.Process(worker.pid).children(recursive=True)
    told_at = time.monotonic()
    for number in signals:
        worker.send_signal(number)
    status = await asyncio.to_thread(worker.wait, GRACE_S + 10)
    expected = -signal.SIGKILL if signal.SIGKILL in signals else 0
    demand(status == expected, f"the worker ended with status {status}")
    _gone, alive = await asyncio.to_thread(psutil.wait_procs, children, 10)
    demand(not alive, f"I11: {len(alive)} parsers outlived their worker")
    return Done(told_at)


def killed_at_random(bench: Bench) -> Iterable[Trial]:
    yield Trial(f"two workers, killed for 60 s, seed {bench.seed}", lambda: _kill_at_random(bench, 60.0), lasts_s=65)


async def _kill_at_random(bench: Bench, seconds: float) -> Outcome:
    """Two workers, of which one is killed every one to five seconds; import after import, until the time is over."""
    chance = random.Random(bench.seed)
    imports = redone = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        async with bench.rig.passage() as passage:
            workers = [passage.start_worker(), passage.start_worker()]
            handle = await passage.submit(bench.undisturbed.cargo, NAME)
            async with passage.watched(handle):
                ending = asyncio.ensure_future(passage.finish(handle))
                while not ending.done() and time.monotonic() < until:
                    await asyncio.wait((ending,), timeout=chance.uniform(1, 5))
                    victim = workers.pop(chance.randrange(2))
                    victim.kill()
                    await asyncio.to_thread(victim.wait)
                    workers.append(passage.start_worker())
                record = await ending
            await check_same(passage, record, bench.undisturbed)
            imports += 1
            redone += outcome(passage, bench.undisturbed, until).redone or 0
    return Outcome(redone, tries=imports)


def few_files(bench: Bench) -> Iterable[Trial]:
    """A worker that may open 256 files, as is usual on macOS."""

    async def import_with(limit: int) -> Outcome:
        async def limited(passage: Passage, handle: Handle) -> Done:
            resource.prlimit(passage.workers[-1].pid, resource.RLIMIT_NOFILE, (limit, limit))
            return Done(time.monotonic())

        return await disturb(bench.rig, bench.undisturbed, limited)

    yield Trial("256 open files", lambda: import_with(256))


def scratch_full(bench: Bench) -> Iterable[Trial]:
    async def full(bench: Bench) -> Outcome:
        with small_disk(bench.rig.folder / "scratch", 1) as disk:
            filler = fill(disk)

            async def nothing_more(passage: Passage, handle: Handle) -> Done:
                return Done(time.monotonic())

            outcome = await disturb(bench.rig, bench.undisturbed, nothing_more, TMPDIR=str(disk))
            filler.unlink()
            return outcome

    yield Trial("temporary folder full", lambda: full(bench))
