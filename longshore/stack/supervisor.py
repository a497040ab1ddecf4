"""Keeps the stack of one home alive: `python -m longshore.stack.supervisor`, in the foreground.

What dies is started again, with a pause that grows while it keeps dying. `state.json` in the home says at every moment
what runs, where, and why something does not. A first start that no retry can mend ends the supervisor with its reason.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from longshore.errors import LongshoreError, StackError
from longshore.log import configure
from longshore.settings import Settings
from longshore.stack.checks import check_disk, check_home, check_restored
from longshore.stack.compose import compose
from longshore.stack.errors import Unmendable
from longshore.stack.ports import Ports
from longshore.stack.process import Identity
from longshore.stack.program import this_program
from longshore.stack.served import check_served
from longshore.stack.service import Service
from longshore.stack.state import (
    SERVICES,
    Failure,
    HomeLock,
    ServiceName,
    State,
    SupervisorState,
    read_state,
    write_state,
)

PROBE_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
STABLE_S = 10.0
FAILING_AFTER = 4
LOCK_S = 0.5

log = structlog.get_logger("longshore.stack")


def say(event: str, **facts: object) -> None:
    """Log, unless the disk is full: that ends no supervisor."""
    with suppress(OSError):
        log.info(event, **facts)


class Supervisor:
    """Runs services until it is told to stop.

    Args:
        home: Holds `state.json`, the lock and the logs.
        compose: Makes the services, engines first, after what an earlier supervisor left behind has been cleared away.
    """

    def __init__(self, home: Path, compose: Callable[[Ports], Awaitable[Sequence[Service]]]) -> None:
        self._home = home
        self._compose = compose
        self._stopping = asyncio.Event()
        self._up: dict[ServiceName, asyncio.Event] = {name: asyncio.Event() for name in SERVICES}
        self._services: Sequence[Service] = ()
        self._ports = Ports()
        self._state = State()

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stopping.set()

    async def run(self) -> bool:
        """Start, tend and at last stop the services; False if another supervisor has this home.

        Raises:
            Unmendable: why the stack cannot start; `state.json` keeps it as `failure`.
        """
        lock = HomeLock(self._home)
        deadline = asyncio.get_running_loop().time() + LOCK_S
        while not lock.acquire():  # for an instant, someone who only looks may hold it
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(0.1)
        try:
            await self._run()
        except LongshoreError as error:
            self._state.failure = Failure(code=error.code, message=str(error), hint=error.hint)
            raise
        finally:
            for name in SERVICES:
                service = self._state.service(name)
                service.pid, service.started, service.state = None, None, "stopped"
            self._write()
            lock.release()
        return True

    async def _run(self) -> None:
        before = read_state(self._home)
        self._ports = Ports(before.ports)
        me = Identity.of(os.getpid())
        if me is None:
            raise RuntimeError("a process that runs has a start time")
        self._state = State(
            program=this_program(),
            supervisor=SupervisorState(pid=me.pid, started=me.started),
            ports=before.ports,
        )
        self._write()
        await self._end_orphans(before)
        self._services = await self._compose(self._ports)
        tasks = [asyncio.create_task(self._tend(service), name=service.name) for service in self._services]
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            done, _ = await asyncio.wait((stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (stopping, *tasks):
                task.cancel()
            await asyncio.gather(stopping, *tasks, return_exceptions=True)
            await self._stop_all()

    async def _end_orphans(self, before: State) -> None:
        """End what an earlier supervisor started and did not take along; the embedded Postgres is adopted instead."""
        for name in SERVICES:
            if name != "postgres" and (orphan := before.service(name).identity()) and orphan.alive():
                say("ending an orphan", service=name, pid=orphan.pid)
                await orphan.end(grace=5.0)

    async def _stop_all(self) -> None:
        for name in SERVICES:
            self._state.service(name).state = "stopping"
        self._write()
        await asyncio.gather(*(service.stop() for service in self._services if service.after))
        for service in reversed(self._services):
            if not service.after:
                await service.stop()

    async def _tend(self, service: Service) -> None:
        for name in service.after:
            await self._up[name].wait()
        pause, failures, place = FIRST_PAUSE_S, 0, None
        while True:
            self._note(service, state="starting")
            since = asyncio.get_running_loop().time()
            try:
                await service.start()
            except (StackError, OSError) as error:
                if isinstance(error, Unmendable) and not self._up[service.name].is_set():
                    raise
                reason = str(error)
            else:
                self._up[service.name].set()
                self._note(service, state="running")
                say("running", service=service.name, pid=service.identity and service.identity.pid)
                if place not in (None, service.describe()):
                    await self._restart_dependents(service)
                place = service.describe()
                reason = await self._watch(service)
            if asyncio.get_running_loop().time() - since > STABLE_S:
                pause, failures = FIRST_PAUSE_S, 0
            failures += 1
            state = "failing" if failures >= FAILING_AFTER else "restarting"
            restarts = self._state.service(service.name).restarts + 1
            self._note(service, state=state, reason=reason, restarts=restarts)
            say(state, service=service.name, reason=reason, pause_s=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _watch(self, service: Service) -> str:
        """Wait for the end of a service, or end it when it has been silent for too long; the reason."""
        ending = asyncio.create_task(service.ended())
        loop = asyncio.get_running_loop()
        heard = loop.time()
        try:
            while True:
                await asyncio.wait((ending,), timeout=PROBE_S)
                trouble = None if ending.done() else await service.probe()
                if ending.done():
                    return ending.result()
                if trouble is None:
                    heard = loop.time()
                    self._note(service, state="running")
                    continue
                self._note(service, state="unresponsive", reason=trouble)
                if service.patience is not None and loop.time() - heard > service.patience:
                    await service.stop()
                    return trouble
        finally:
            ending.cancel()

    async def _restart_dependents(self, moved: Service) -> None:
        """Services that were told of an engine's old address are started again with the new one."""
        await asyncio.gather(*(service.stop() for service in self._services if moved.name in service.after))

    def _note(self, service: Service, **changes: object) -> None:
        """Write what is known of a service to state.json, if it has changed."""
        identity = service.identity
        now = self._state.service(service.name).model_copy(
            update={
                "pid": identity.pid if identity else None,
                "started": identity.started if identity else None,
                **service.describe(),
                **changes,
            }
        )
        if now != self._state.service(service.name) or self._state.ports != self._ports.chosen:
            setattr(self._state, service.name, now)
            self._state.ports = dict(self._ports.chosen)
            self._write()

    def _write(self) -> None:
        with suppress(OSError):  # a full disk ends no supervisor; the next change is written again
            write_state(self._home, self._state)


async def supervise(settings: Settings) -> int:
    """Run the stack of these settings until SIGTERM, SIGINT or SIGHUP; the exit status."""

    async def services(ports: Ports) -> list[Service]:
        check_restored(settings.home)
        check_disk(settings.home)
        await check_served(settings)
        return compose(settings, ports)

    supervisor = Supervisor(settings.home, services)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    try:
        if not await supervisor.run():
            say("another supervisor has this home", home=str(settings.home))
    except LongshoreError as error:
        say(str(error), code=error.code, hint=error.hint)
        return 1
    return 0


def main() -> None:
    settings = Settings()
    settings.home = settings.home.expanduser().absolute()
    configure(settings.log_level)
    try:
        check_home(settings.home)
    except StackError as error:
        sys.exit(f"{error} {error.hint}")
    os.umask(0o077)
    status = asyncio.run(supervise(settings))
    sys.stderr.flush()
    os._exit(status)  # Python below 3.13 may abort in the Temporal client's threads on its way out (sdk-python #300)


if __name__ == "__main__":
    main()
