"""What is wrong with a home itself: its files, its disk, its processes. Everything here is seen without an engine."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from pydantic import ValidationError

from longshore.errors import StackError
from longshore.settings import Settings
from longshore.stack.checks import NEEDED_BYTES, check_restored, free_bytes
from longshore.stack.control import TITLES
from longshore.stack.doctor.finding import Finding
from longshore.stack.place import carried
from longshore.stack.ports import require
from longshore.stack.program import is_older, this_program
from longshore.stack.state import SERVICES, HomeLock, State, read_state, write_state
from longshore.stack.temporal import MADE, find_binary

HOUR_S = 3600.0
RESTARTS_WORTH_TELLING = 3
_DRAFTS = (".state.json.*", ".secrets.json.*", "secret.????????????????")
_ENGINE_DRAFTS = ("postgres/data.new-*", "postgres/software.new-*", "temporal/first-boot-*")


def check_home(settings: Settings) -> list[Finding]:
    """Look at the home of these settings, whether or not anything runs in it; change nothing."""
    home = settings.home.expanduser().absolute()
    checks: list[Callable[[Settings, Path, bool], Iterator[Finding]]] = [
        _disk,
        _software,
        _state,
        _services,
        _restore,
        _postgres,
        _temporal,
        _ports,
        _drafts,
    ]
    running = HomeLock(home).held()
    return [finding for check in checks for finding in check(settings, home, running)]


def _disk(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    free = free_bytes(home)
    if free is not None and free < NEEDED_BYTES:
        yield Finding(
            code="disk_low",
            what=f"The disk of {home} has {free // 1_000_000} MB free.",
            why=f"The stack does not start with less than {NEEDED_BYTES // 1_000_000} MB, and imports stop when it is "
            "full.",
            remedy="Make room, or move the home to a larger disk.",
        )


def _software(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    needed: list[tuple[bool, Callable[[], object]]] = [
        (settings.database_url is None, carried),
        (settings.temporal_address is None, find_binary),
    ]
    for embedded, look in needed:
        try:
            if embedded:
                look()
        except StackError as error:
            yield Finding(
                code=error.code,
                what=str(error),
                why="Nothing can be started without it.",
                remedy=error.hint,
            )


def _state(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    path = home / "state.json"
    if not path.exists() or running:
        return

    async def write_anew() -> str:
        lock = HomeLock(home)
        if not lock.acquire():
            return "Left state.json alone: a supervisor has started."
        try:
            write_state(home, State(ports=read_state(home).ports))
        finally:
            lock.release()
        return "Wrote state.json anew: nothing runs."

    try:
        state = State.model_validate_json(path.read_bytes())
    except ValidationError:
        yield Finding(
            code="state_unreadable",
            what=f"{path} cannot be understood.",
            why="It says which ports were used and what ran; without it other ports are chosen at the next start.",
            remedy="`longshore doctor --fix` writes it anew; the next `longshore up` does so too.",
        ).mended_by(write_anew)
        return
    said = [state.service(name).identity() for name in SERVICES]
    alive = [name for name, identity in zip(SERVICES, said, strict=True) if identity and identity.alive()]
    if alive:
        yield Finding(
            code="supervisor_gone",
            what="The supervisor is gone, and what it had started still runs.",
            why="What dies now is not started again.",
            remedy="`longshore up` takes it over, `longshore down` stops it.",
            count=len(alive),
            examples=[TITLES[name] for name in alive],
        )
    elif state.supervisor_identity() and any(state.service(name).state != "stopped" for name in SERVICES):
        yield Finding(
            code="state_stale",
            what=f"{path} names processes that do not run any more.",
            why="They were killed together, as by a power cut. Nothing is lost by it, and whoever reads the file is "
            "misled.",
            remedy="`longshore doctor --fix` writes it anew; the next `longshore up` does so too.",
        ).mended_by(write_anew)


def _services(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    state = read_state(home)
    if not running:
        if state.failure:
            yield Finding(
                code=state.failure.code,
                what=state.failure.message,
                why="The last start ended with it.",
                remedy=state.failure.hint or "Mend it, then start with `longshore up`.",
            )
        return
    if is_older(state.program, this_program()):
        yield Finding(
            code="stack_older",
            severity="notice",
            what="What runs was started by an older version of Longshore than this command.",
            why="It does not do yet what this version does, nor has its mends.",
            remedy="`longshore up` starts it again with this version; imports go on.",
        )
    for name in SERVICES:
        service = state.service(name)
        if service.state in ("failing", "unresponsive"):
            yield Finding(
                code=f"{name}_{service.state}",
                what=f"{TITLES[name]} {'keeps failing' if service.state == 'failing' else 'does not answer'}. "
                f"{service.reason or ''}".strip(),
                why="Longshore does not work without it.",
                remedy=f"See {home / 'logs' / f'{name}.log'}.",
            )
        elif service.restarts >= RESTARTS_WORTH_TELLING:
            yield Finding(
                code=f"{name}_restarted",
                severity="notice",
                what=f"{TITLES[name]} had to be started again {service.restarts} times. {service.reason or ''}".strip(),
                why="It runs now; what makes it die may come again.",
                remedy=f"See {home / 'logs' / f'{name}.log'}.",
                count=service.restarts,
            )


def _restore(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    try:
        check_restored(home)
    except StackError as error:
        yield Finding(
            code=error.code,
            what=str(error),
            why="What is there is a part of what the backup holds, so that nothing starts in it.",
            remedy=error.hint,
        )


def _postgres(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    folder = home / "postgres"
    if settings.database_url or not folder.exists():
        return
    memory = folder / "elsewhere"
    data = (Path(memory.read_text()) if memory.exists() else folder) / "data"
    if not data.exists():
        if (folder / "made").exists():
            yield Finding(
                code="database_gone",
                what=f"The database of this home was in {data}, and is gone.",
                why="It held everything that was imported.",
                remedy="Bring the folder back, or restore a backup with `longshore restore`.",
            )
        return
    made_by = int((data / "PG_VERSION").read_text())
    try:
        versions = sorted(carried())
    except StackError:
        return
    if made_by not in versions:
        yield Finding(
            code="postgres_version",
            what=f"The database was made by Postgres {made_by}; this version of Longshore carries "
            f"{', '.join(map(str, versions))}.",
            why="A Postgres can read only what one of the same major version has made.",
            remedy="With the version of Longshore that made it, run `longshore backup FILE.tar`; with this one, "
            "`longshore restore FILE.tar --replace`.",
        )


def _temporal(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    file = home / "temporal" / "temporal.db"
    if settings.temporal_address:
        return
    if not file.exists():
        if (file.parent / MADE).exists():
            yield Finding(
                code="temporal_file_gone",
                what=f"Temporal's database {file} is gone.",
                why="It held how far running imports are, what waits behind them, and when sources are imported again.",
                remedy="Bring it back, or restore a backup. Without either, `longshore up` makes a new one: what "
                "ran is submitted again, schedules are to be set again.",
            )
        return
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
            said = str(connection.execute("pragma quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        said, tables = str(error), set()
    lacking = {"cluster_metadata_info", "executions", "executions_visibility", "history_node"} - tables
    if said != "ok" or lacking:
        yield Finding(
            code="temporal_file_damaged",
            what=f"{file} is damaged: {said if said != 'ok' else 'it lacks ' + ', '.join(sorted(lacking))}.",
            why="It holds what imports have done so far, and schedules; Temporal may stop or forget some of it.",
            remedy="Restore a backup with `longshore restore`. Without one, `longshore down`, put the file away and "
            "`longshore up`: what was imported is kept in Postgres.",
        )


def _ports(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    if running or settings.port is None:
        return
    try:
        require(settings.host, settings.port)
    except StackError as error:
        yield Finding(
            code=error.code, what=str(error), why="The API cannot listen there when it is started.", remedy=error.hint
        )


def _drafts(settings: Settings, home: Path, running: bool) -> Iterator[Finding]:
    patterns = _DRAFTS if running else (*_DRAFTS, *_ENGINE_DRAFTS)
    drafts = sorted(path for pattern in patterns for path in home.glob(pattern) if _is_old(path))
    if not drafts:
        return

    async def delete() -> str:
        for path in drafts:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        return f"Deleted {len(drafts)} drafts."

    yield Finding(
        code="drafts_left",
        severity="notice",
        what="Drafts lie about of files that were about to be written when their writer was killed.",
        why="They take space; nothing reads them.",
        remedy="`longshore doctor --fix` deletes them.",
        count=len(drafts),
        examples=[str(path.relative_to(home)) for path in drafts[:5]],
    ).mended_by(delete)


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > HOUR_S
    except FileNotFoundError:
        return False
