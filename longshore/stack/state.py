"""state.json: what the supervisor of a home last knew, for those who ask and for the supervisor after it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from longshore.stack.process import Identity

ServiceName = Literal["postgres", "temporal", "worker", "api"]
SERVICES: tuple[ServiceName, ...] = ("postgres", "temporal", "worker", "api")
RunState = Literal["stopped", "starting", "running", "unresponsive", "restarting", "failing", "stopping"]


class SupervisorState(BaseModel):
    pid: int
    started: float
    """Seconds since boot on Linux, since the epoch elsewhere; with the pid it identifies the process."""


class ServiceState(BaseModel):
    """One service. An engine that someone else serves has no pid."""

    pid: int | None = None
    started: float | None = None
    state: RunState = "stopped"
    restarts: int = 0
    reason: str | None = None
    """Why it last died, could not start or does not answer, in one sentence."""
    embedded: bool = True
    url: str | None = None
    """Without its password."""
    address: str | None = None
    ui: str | None = None

    def identity(self) -> Identity | None:
        return None if self.pid is None or self.started is None else Identity(self.pid, self.started)


class Failure(BaseModel):
    """Why a supervisor gave up."""

    code: str
    message: str
    hint: str = ""


class Program(BaseModel):
    """A version of Longshore."""

    version: str
    migration: int
    """The number of the last one that it knows."""


class State(BaseModel):
    program: Program | None = None
    """What runs; None where it is older than this field."""
    supervisor: SupervisorState | None = None
    postgres: ServiceState = Field(default_factory=ServiceState)
    temporal: ServiceState = Field(default_factory=ServiceState)
    worker: ServiceState = Field(default_factory=ServiceState)
    api: ServiceState = Field(default_factory=ServiceState)
    ports: dict[str, int] = Field(default_factory=dict)
    failure: Failure | None = None

    def service(self, name: ServiceName) -> ServiceState:
        found: ServiceState = getattr(self, name)
        return found

    def supervisor_identity(self) -> Identity | None:
        return Identity(self.supervisor.pid, self.supervisor.started) if self.supervisor else None


def read_state(home: Path) -> State:
    """The state last written; an empty one if there is none or it cannot be understood."""
    try:
        return State.model_validate_json((home / "state.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return State()


def write_private(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace a file that only its owner may read, in one step; a `durable` one survives a power cut too."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_state(home: Path, state: State) -> None:
    write_private(home / "state.json", state.model_dump_json(indent=2, exclude_none=True) + "\n", durable=False)


class HomeLock:
    """One supervisor for each home. The kernel frees the lock when its holder dies, however it dies."""

    def __init__(self, home: Path) -> None:
        self._path = home / "supervisor.lock"
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock unless someone has it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def held(self) -> bool:
        """Whether some process has it."""
        if not self._path.exists():
            return False
        if not self.acquire():
            return True
        self.release()
        return False
