"""What a command does with a stack: up, down, status."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import SIGKILL, SIGTERM

from pydantic import BaseModel, Field

from longshore.errors import StackError
from longshore.settings import Settings
from longshore.stack.checks import check_access, check_disk, check_home, check_restored, free_bytes
from longshore.stack.environment import environment
from longshore.stack.logs import Log
from longshore.stack.ports import check_host
from longshore.stack.postgres import PostgresServer
from longshore.stack.process import Identity, python
from longshore.stack.program import is_older, this_program
from longshore.stack.service import http_status
from longshore.stack.state import SERVICES, HomeLock, ServiceName, ServiceState, State, read_state

SUPERVISOR = tuple(python("longshore.stack.supervisor"))
START_S = 180.0
STOP_S = 90.0
ANSWER_S = 10.0
"""For a supervisor that is told to stop to begin with it."""
LOSER_S = 20.0
"""For a supervisor that came second to find the lock taken and leave, lest it take it after a `down`."""
TITLES: dict[ServiceName, str] = {
    "postgres": "Postgres",
    "temporal": "Temporal",
    "worker": "The worker",
    "api": "The API",
}


class SupervisorStatus(BaseModel):
    pid: int | None = None
    version: str | None = None
    """Of the Longshore that it runs."""


class ServiceStatus(BaseModel):
    pid: int | None = None
    state: str = "stopped"
    reason: str | None = None
    """Why it does not run or answer, in one sentence."""


class ApiStatus(ServiceStatus):
    url: str | None = None


class TemporalStatus(ServiceStatus):
    address: str | None = None
    ui: str | None = None


class PostgresStatus(ServiceStatus):
    embedded: bool = True
    url: str | None = None
    """Without its password."""


class DiskStatus(BaseModel):
    free_bytes: int | None = None
    """Where the home lies; None if it cannot be told."""


class Status(BaseModel):
    """What `longshore status --json` prints."""

    running: bool
    home: str
    supervisor: SupervisorStatus = Field(default_factory=SupervisorStatus)
    api: ApiStatus = Field(default_factory=ApiStatus)
    temporal: TemporalStatus = Field(default_factory=TemporalStatus)
    postgres: PostgresStatus = Field(default_factory=PostgresStatus)
    worker: ServiceStatus = Field(default_factory=ServiceStatus)
    disk: DiskStatus = Field(default_factory=DiskStatus)


def _home(settings: Settings) -> Path:
    return settings.home.expanduser().absolute()


def status(settings: Settings) -> Status:
    """What runs in this home, as the supervisor last wrote it and as the process table confirms it.

    Where a supervisor was killed, `running` is false and what it left is still "running", with its pid.

    Raises:
        StackError: `home_not_writable`.
    """
    home = _home(settings)
    check_access(home)
    state = read_state(home)
    running = HomeLock(home).held()
    supervisor = state.supervisor_identity()

    def confirmed(service: ServiceState) -> dict[str, object]:
        values = service.model_dump()
        identity = service.identity()
        if not (identity and identity.alive()):
            values["pid"] = None
            if not running:
                values["state"] = "stopped"
        elif not running:
            values["state"] = "running"
        if not running or values["state"] == "running":
            values["reason"] = None
        return values

    return Status(
        running=running,
        home=str(home),
        supervisor=SupervisorStatus(
            pid=supervisor.pid if running and supervisor and supervisor.alive() else None,
            version=state.program.version if running and state.program else None,
        ),
        api=ApiStatus.model_validate(confirmed(state.api)),
        temporal=TemporalStatus.model_validate(confirmed(state.temporal)),
        postgres=PostgresStatus.model_validate(confirmed(state.postgres)),
        worker=ServiceStatus.model_validate(confirmed(state.worker)),
        disk=DiskStatus(free_bytes=free_bytes(home)),
    )


async def up(
    settings: Settings,
    progress: Callable[[str], None] = lambda line: None,
    supervisor: Sequence[str] = SUPERVISOR,
) -> Status:
    """Start the stack if none runs in this home, and wait until all of it runs and the API is ready.

    One that an older version of Longshore has started is stopped first; imports go on in the new one.

    Args:
        progress: Is told in one line whenever a service changes its state.
        supervisor: The program to start.

    Raises:
        StackError: why it cannot start, or why it is not ready.
    """
    home = _home(settings)
    check_home(home)
    lock, told = HomeLock(home), dict[ServiceName, str]()
    before, started = read_state(home).supervisor_identity(), None
    deadline = asyncio.get_running_loop().time() + START_S
    while asyncio.get_running_loop().time() < deadline:
        if lock.held():
            state = read_state(home)
            identity = state.supervisor_identity()
            if identity and identity.alive():  # else it is the state of an earlier one
                if started is None and is_older(state.program, this_program()):
                    progress("An older version of Longshore runs; it makes way for this one")
                    await down(settings)
                    continue
                _tell(state, told, progress)
                _raise_if_failing(state, home)
                if await _ready(state):
                    if started and started != identity:
                        await started.gone(LOSER_S)
                    return status(settings)
        elif started is None:
            check_restored(home)
            check_disk(home)
            check_host(settings.host)
            started = _detach(supervisor, settings, home)
        elif not started.alive():
            raise _why_it_ended(home, before)
        await asyncio.sleep(0.1)
    late = [f"{TITLES[name]} is {state}" for name, state in told.items() if state != "running"]
    raise StackError(
        "stack_not_ready",
        f"The stack was not ready within {START_S:.0f} s: {', '.join(late) or 'the API answers that it is not ready'}.",
        f"See the logs in {home / 'logs'}.",
    )


async def down(settings: Settings) -> bool:
    """Stop the stack of this home, and what a supervisor that was killed left running. Nothing stored is removed.

    A supervisor that does not answer is killed, and what it leaves is stopped.

    Returns:
        Whether anything ran.

    Raises:
        StackError: `did_not_stop`.
    """
    home = _home(settings)
    check_access(home)
    lock = HomeLock(home)
    ran = lock.held()
    await _end_supervisor(home, lock)
    if not home.exists() or not lock.acquire():
        return ran
    try:
        for name in SERVICES:
            if name != "postgres" and (orphan := read_state(home).service(name).identity()):
                ran = ran or orphan.alive()
                await orphan.end(grace=5.0)
        postgres = PostgresServer(home)
        if (home / "postgres").exists() and await postgres.adopt():
            ran = True
            await postgres.stop()
    finally:
        lock.release()
    return ran


async def _end_supervisor(home: Path, lock: HomeLock) -> None:
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    while lock.held():
        state, waited = read_state(home), loop.time() - asked_at
        stopping = any(state.service(name).state == "stopping" for name in SERVICES)
        if supervisor := state.supervisor_identity():
            supervisor.signal(SIGKILL if waited > (STOP_S if stopping else ANSWER_S) else SIGTERM)
        if waited > STOP_S + ANSWER_S:
            raise StackError(
                "did_not_stop",
                f"The supervisor in {home} has not stopped within {waited:.0f} s.",
                f"See {Log(home, 'supervisor').path}.",
            )
        await asyncio.sleep(0.2)


def _detach(supervisor: Sequence[str], settings: Settings, home: Path) -> Identity:
    """Start the supervisor in a session of its own, so that it outlives this command and its terminal."""
    with Log(home, "supervisor").open() as log:
        process = subprocess.Popen(
            list(supervisor),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home,
            env={**os.environ, **environment(settings)},
            start_new_session=True,
        )
    identity = Identity.of(process.pid)
    threading.Thread(target=process.wait, name="reap the supervisor", daemon=True).start()
    return identity or Identity(process.pid, 0.0)


def _tell(state: State, told: dict[ServiceName, str], progress: Callable[[str], None]) -> None:
    for name in SERVICES:
        now = state.service(name).state
        if now not in ("stopped", told.get(name)):
            told[name] = now
            progress(f"{TITLES[name]} is {now}")


def _raise_if_failing(state: State, home: Path) -> None:
    for name in SERVICES:
        service = state.service(name)
        if service.state == "failing":
            raise StackError(
                f"{name}_failing",
                f"{TITLES[name]} keeps failing. {service.reason}",
                f"See {Log(home, name).path}. `longshore down` ends the attempts.",
            )


async def _ready(state: State) -> bool:
    coming = {"starting", "restarting"} & {state.service(name).state for name in SERVICES}
    if coming or state.api.state != "running" or not state.api.url:
        return False
    try:
        return await http_status(state.api.url, "/readyz") == 200
    except (OSError, TimeoutError, ValueError):
        return False


def _why_it_ended(home: Path, before: Identity | None) -> StackError:
    state = read_state(home)
    if state.failure and state.supervisor_identity() != before:
        return StackError(state.failure.code, state.failure.message, state.failure.hint)
    log = Log(home, "supervisor")
    return StackError(
        "supervisor_ended", f"The supervisor ended: {log.reason() or 'it says nothing'}", f"See {log.path}."
    )
