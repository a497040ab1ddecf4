"""Everything at once, by a seed: faults for a while, then healing with a deadline."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from tests.faults.bench import Bench
from tests.faults.invariants import demand
from tests.faults.kills import NAME, check_same, outcome
from tests.faults.passage import Passage
from tests.faults.proxy import Proxy
from tests.faults.rig import kill
from tests.faults.trials import Outcome, Trial
from tests.faults.wires import to_postgres

FAULTS_S = 60.0
HEALED_WITHIN_S = 60.0


@dataclass
class Storm:
    """What can go wrong, and going wrong."""

    bench: Bench
    passage: Passage
    wire: Proxy
    chance: random.Random
    done: list[str] = field(default_factory=list)

    async def rage(self, until: float) -> None:
        faults: list[Callable[[], Awaitable[None]]] = [
            self._kill_worker,
            self._kill_worker,
            self._freeze_worker,
            self._stop_worker,
            self._kill_temporal,
            self._kill_postgres,
            self._reset_wire,
            self._slow_wire,
        ]
        while time.monotonic() < until:
            fault = self.chance.choice(faults)
            self.done.append(fault.__name__.strip("_"))
            await fault()
            await asyncio.sleep(self.chance.uniform(0.2, 4))

    async def heal(self) -> None:
        self.wire.delay_s = 0.0
        await self.bench.rig.heal()
        if all(worker.poll() is not None for worker in self.passage.workers):
            self.passage.start_worker()

    def _worker(self) -> int | None:
        """One that lives, by its place among all that did."""
        living = [number for number, worker in enumerate(self.passage.workers) if worker.poll() is None]
        return self.chance.choice(living) if living else None

    async def _kill_worker(self) -> None:
        await self._end_worker(signal.SIGKILL)

    async def _stop_worker(self) -> None:
        await self._end_worker(signal.SIGTERM)

    async def _end_worker(self, number: signal.Signals) -> None:
        if (chosen := self._worker()) is not None:
            self.passage.workers[chosen].send_signal(number)
            await asyncio.to_thread(self.passage.workers[chosen].wait, 40)
        self.passage.start_worker()

    async def _freeze_worker(self) -> None:
        if (chosen := self._worker()) is not None:
            worker = self.passage.workers[chosen]
            worker.send_signal(signal.SIGSTOP)
            await asyncio.sleep(self.chance.uniform(1, 8))
            worker.send_signal(signal.SIGCONT)

    async def _kill_temporal(self) -> None:
        await kill(self.bench.rig.temporal)
        await asyncio.sleep(self.chance.uniform(0, 3))
        await self.bench.rig.temporal.start()

    async def _kill_postgres(self) -> None:
        await kill(self.bench.rig.postgres)
        await asyncio.sleep(self.chance.uniform(0, 3))
        await self.bench.rig.postgres.start()

    async def _reset_wire(self) -> None:
        self.wire.reset()

    async def _slow_wire(self) -> None:
        self.wire.delay_s = self.chance.choice([0.0, 0.02, 0.1])


def storm(bench: Bench) -> Iterable[Trial]:
    yield Trial(f"storm with seed {bench.seed}", lambda: weather(bench, bench.seed), lasts_s=90)


async def weather(bench: Bench, seed: int, seconds: float = FAULTS_S) -> Outcome:
    """One storm over one import after the other, with two workers behind a wire."""
    until = time.monotonic() + seconds
    imports = redone = 0
    slowest = 0.0
    while time.monotonic() < until:
        async with bench.rig.passage() as passage, to_postgres(passage) as wire:
            passage.start_worker()
            passage.start_worker()
            handle = await passage.submit(bench.undisturbed.cargo, NAME)
            raging = Storm(bench, passage, wire, random.Random(f"{seed}/{imports}"))
            async with passage.watched(handle):
                ending = asyncio.ensure_future(passage.ended(handle))
                storming = asyncio.create_task(raging.rage(until))
                await asyncio.wait((ending, storming), return_when=asyncio.FIRST_COMPLETED)
                if not storming.done():
                    storming.cancel()
                    await asyncio.gather(storming, return_exceptions=True)
                await raging.heal()
                healed_at = time.monotonic()
                try:
                    record = await asyncio.wait_for(ending, HEALED_WITHIN_S)
                except TimeoutError:
                    demand(False, f"I5: not ended {HEALED_WITHIN_S:.0f} s after {', '.join(raging.done)}")
            slowest = max(slowest, time.monotonic() - healed_at)
            try:
                await check_same(passage, record, bench.undisturbed)
            except AssertionError as error:
                raise AssertionError(f"{error}; seed {seed}, after {', '.join(raging.done)}") from error
            imports += 1
            redone += outcome(passage, bench.undisturbed, healed_at).redone or 0
    return Outcome(redone, slowest, tries=imports)
