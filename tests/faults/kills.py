"""A worker is killed at a failpoint; its successor goes on."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.invariants import check, demand
from tests.faults.passage import Passage
from tests.faults.rig import Rig
from tests.faults.seams import Crossing, Order
from tests.faults.sequels import Sequel
from tests.faults.trials import Outcome, Trial
from tests.integration.voyage import Handle
from workflows.contracts import ClosingRecord

NAME = "library"
PATIENCE_S = 120.0
_OF_SOURCES = ("stage_source.", "plan_import.", "preview_import.")
"""Steps that do something else for each kind of source."""
_NOT_OF_IMPORTS = ("settle_imports", "collect_blobs", "choose_webhooks", "deliver_webhook")


@dataclass(frozen=True)
class Undisturbed:
    """An import of some cargo that nothing was done to: what every other must equal."""

    cargo: Path
    digests: dict[str, str]
    crossings: Sequence[Crossing]
    record: ClosingRecord
    sequel: Sequel | None = None
    """It was that import of a source which had been imported before; there is no one cargo then."""

    @property
    def counts(self) -> Counter[str]:
        """How often each place of an import was crossed."""
        return Counter(crossing.place for crossing in self.crossings if _of_import(crossing.place))

    @property
    def steps(self) -> int:
        return steps_begun(self.crossings)


def _of_import(place: str) -> bool:
    return not place.startswith(("worker.", "api.")) and not any(name in place for name in _NOT_OF_IMPORTS)


def steps_begun(crossings: Sequence[Crossing]) -> int:
    return sum(_of_import(c.place) and c.place.count(".") == 1 and c.place.endswith(".before_call") for c in crossings)


def steps_ended(crossings: Sequence[Crossing]) -> list[Crossing]:
    return [crossing for crossing in crossings if crossing.place.endswith(".before_return")]


async def leave_alone(rig: Rig, cargo: Path) -> Undisturbed:
    async with rig.passage() as passage:
        passage.start_worker()
        record = await _left_alone(passage, await passage.submit(cargo, NAME))
        return Undisturbed(cargo, await passage.digests(), passage.crossings(), record)


async def leave_sequel_alone(rig: Rig, sequel: Sequel) -> Undisturbed:
    async with sequel.passage(rig) as passage:
        passage.start_worker()
        record = await _left_alone(passage, await passage.begin(await sequel.now(passage)))
        return Undisturbed(rig.folder, await passage.digests(), passage.crossings(), record, sequel)


async def _left_alone(passage: Passage, handle: Handle) -> ClosingRecord:
    async with passage.watched(handle):
        record = await passage.finish(handle)
    demand(record.state == "succeeded", f"left alone, the import ended as {record.state}: {record.reason}")
    await check(passage, record, None)
    return record


async def kill_at(rig: Rig, undisturbed: Undisturbed, order: Order, **settings: str) -> Outcome:
    """Import, have the worker fail as ordered, start another one, and check that nothing shows.

    Raises:
        Broken: an invariant does not hold, or the place was never crossed.
    """
    return await fail_at(rig, undisturbed, [order], **settings)


async def fail_at(rig: Rig, undisturbed: Undisturbed, orders: Sequence[Order], **settings: str) -> Outcome:
    """The same with one worker after the other, each of which fails as ordered; the last one does not."""
    sequel = undisturbed.sequel
    async with sequel.passage(rig) if sequel else rig.passage(**settings) as passage:
        submission = await (sequel.now(passage) if sequel else passage.hand_over(undisturbed.cargo, NAME))
        worker = passage.start_worker(orders[0])
        handle = await passage.begin(submission)
        failed_at = 0.0
        async with passage.watched(handle):
            for order, following in itertools.zip_longest(orders, orders[1:]):
                if order.action == "kill":
                    await died_before_end(passage, handle)
                    failed_at = crossed(passage, order, worker.pid)
                    worker = passage.start_worker(following)
            record = await passage.finish(handle)
        if orders[-1].action == "lose":
            failed_at = crossed(passage, orders[-1], worker.pid)
        await check_same(passage, record, undisturbed)
        return outcome(passage, undisturbed, failed_at)


@dataclass(frozen=True)
class Done:
    """When a fault was done, and when what was broken was whole again, in monotonic seconds."""

    failed_at: float
    healed_at: float = 0.0


async def disturb(
    rig: Rig, undisturbed: Undisturbed, fault: Callable[[Passage, Handle], Awaitable[Done]], **settings: str
) -> Outcome:
    """Import with one worker, do something in the middle of it, and check that nothing shows."""
    async with rig.passage(**settings) as passage:
        passage.start_worker()
        handle = await passage.submit(undisturbed.cargo, NAME)
        async with passage.watched(handle):
            done = await fault(passage, handle)
            record = await passage.finish(handle)
        await check_same(passage, record, undisturbed)
        return outcome(passage, undisturbed, done.failed_at, done.healed_at)


async def check_same(passage: Passage, record: ClosingRecord, undisturbed: Undisturbed) -> None:
    """
    Raises:
        Broken: if the import did not end as the undisturbed one did.
    """
    demand(record.state == undisturbed.record.state, f"the import ended as {record.state}: {record.reason}")
    demand(record.items == undisturbed.record.items, f"I6: items ended as {record.items}")
    await check(passage, record, undisturbed.digests)


def crossed(passage: Passage, order: Order, pid: int) -> float:
    """When an order was carried out."""
    times = [crossing.at for crossing in passage.crossings() if (crossing.place, crossing.pid) == (order.place, pid)]
    demand(len(times) >= order.crossing, f"{order} was never crossed: {len(times)} crossings")
    return times[order.crossing - 1]


def outcome(passage: Passage, undisturbed: Undisturbed, failed_at: float, healed_at: float = 0.0) -> Outcome:
    """
    Args:
        failed_at: When the fault was done.
        healed_at: When what was broken was whole again; steps that end before that are not counted.
    """
    crossings = passage.crossings()
    after = [crossing.at for crossing in steps_ended(crossings) if crossing.at > max(failed_at, healed_at)]
    recovered = min(after, default=time.monotonic())
    return Outcome(max(0, steps_begun(crossings) - undisturbed.steps), recovered - (healed_at or failed_at))


async def died_before_end(passage: Passage, handle: Handle) -> None:
    """Wait for the last program that was started to die.

    Raises:
        Broken: if the import ends first.
    """
    ended = asyncio.ensure_future(passage.finish(handle))
    dying = asyncio.ensure_future(passage.died(passage.workers[-1], PATIENCE_S))
    await asyncio.wait((ended, dying), return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not dying.done():
        dying.cancel()
        demand(False, "the import ended, and its failpoint was never crossed")
    await dying


def every_place(undisturbed: Undisturbed) -> Iterator[Order]:
    """First, middle and last crossing of each."""
    for place, count in sorted(undisturbed.counts.items()):
        for crossing in sorted({1, (count + 1) // 2, count}):
            yield Order(place, crossing)


def further_places(undisturbed: Undisturbed, known: Undisturbed) -> Iterator[Order]:
    """First and last crossing of what another import never crosses, or crosses for another purpose."""
    for place, count in sorted(undisturbed.counts.items()):
        if place not in known.counts or place.startswith(_OF_SOURCES):
            for crossing in sorted({1, count}):
                yield Order(place, crossing)


def compared_with_fresh(rig: Rig, undisturbed: Undisturbed) -> Trial:
    """What a source has become when it is imported again is what it would be if it were imported for the first time."""
    sequel = undisturbed.sequel
    if sequel is None:
        raise ValueError("nothing was imported before it")

    async def compare() -> Outcome:
        async with rig.passage(**sequel.settings) as passage:
            passage.start_worker()
            record = await passage.finish(await passage.begin(await sequel.now(passage)))
            await check(passage, record, undisturbed.digests)
            return Outcome()

    return Trial(f"{sequel.name}, some of which has changed or is gone", compare)


def trial(rig: Rig, undisturbed: Undisturbed, order: Order) -> Trial:
    what = f"{undisturbed.sequel.name}: {order}" if undisturbed.sequel else str(order)
    return Trial(what, lambda: kill_at(rig, undisturbed, order))
