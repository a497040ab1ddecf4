"""The embedded Postgres: made once, adopted if it outlived its supervisor, reached by a private socket only."""

from __future__ import annotations

import asyncio
import json
import math
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psutil
import psycopg
from psycopg import sql

from longshore.errors import StackError
from longshore.stack.errors import Unmendable
from longshore.stack.logs import Log
from longshore.stack.place import SOCKET, Place, Software, find_place
from longshore.stack.process import Child, Identity, command_line, spawn
from longshore.stack.state import ServiceName, write_private

NAME = "longshore"
ADMIN = "postgres"
START_S = 120.0
"""Enough for the recovery of `max_wal_size` after a crash."""
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "40",
    # One machine, shared with a worker: small, and the same whatever runs at once.
    "shared_buffers": "32MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "io_method": "sync",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "autovacuum_max_workers": "1",
    "random_page_cost": "1.1",
    # No replica ever follows.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, slots=True)
class Secrets:
    """What `<home>/postgres/secrets.json` keeps: both passwords, and a name that tells this Postgres from others."""

    cluster: str
    admin: str
    longshore: str

    @classmethod
    def of(cls, home: Path) -> Secrets:
        path = home / "postgres" / "secrets.json"
        if not path.exists():
            new = {
                "cluster": f"longshore-{secrets.token_hex(4)}",
                "admin": secrets.token_hex(24),
                "longshore": secrets.token_hex(24),
            }
            write_private(path, json.dumps(new))
        return cls(**json.loads(path.read_text()))


class PostgresServer:
    """Postgres with pgvector for one home.

    `start` makes the cluster, the role and the database `longshore` and the extension if they are missing, and adopts
    a postmaster that is already running on the data. The role is no superuser but may create databases, each of which
    has the extension. Nothing is ever removed: whoever starts one in a temporary home removes `folder` as well, which
    for root may lie outside (see `place`).
    """

    name: ServiceName = "postgres"
    after: tuple[ServiceName, ...] = ()
    patience: float | None = None  # a slow answer is no reason to interrupt a database

    def __init__(self, home: Path) -> None:
        self._home = home
        self._log = Log(home, "postgres")
        self._place: Place | None = None
        self._secrets: Secrets | None = None
        self._socket: Path | None = None
        self._postmaster: Identity | None = None
        self._child: Child | None = None

    @property
    def folder(self) -> Path:
        """Where data, socket and (for root) binaries lie."""
        return self._started_place().folder

    @property
    def identity(self) -> Identity | None:
        return self._postmaster if self._postmaster and self._postmaster.alive() else None

    @property
    def pid(self) -> int | None:
        return self.identity.pid if self.identity else None

    @property
    def url(self) -> str:
        """libpq URL of the database `longshore` for its role, with the password."""
        return self._url(NAME, self._known_secrets().longshore, NAME)

    @property
    def admin_url(self) -> str:
        """libpq URL of the database `postgres` for the superuser, with the password."""
        return self._url(ADMIN, self._known_secrets().admin, ADMIN)

    def describe(self) -> dict[str, object]:
        if self._socket is None:
            return {"url": None}
        return {"url": f"postgresql://{NAME}@/{NAME}?{urlencode({'host': str(self._socket)})}"}

    async def adopt(self) -> bool:
        """Take over the postmaster of an earlier supervisor, once it is ready; False if none is running."""
        self._home.mkdir(parents=True, exist_ok=True)
        self._place = find_place(self._home)
        self._secrets = Secrets.of(self._home)
        return await self._adopt(self._place)

    async def start(self) -> None:
        """Return when it answers.

        Raises:
            Unmendable: `database_gone`, and what `place` raises.
            StackError: `postgres_failed`, with the reason that Postgres gave.
        """
        try:
            async with asyncio.timeout(START_S):
                if not await self.adopt():
                    place = self._started_place()
                    software = await asyncio.to_thread(place.software)
                    if not place.data.exists():
                        self._check_never_made(place)
                        await asyncio.to_thread(self._initialise, place, software)
                    self._made.touch()
                    place.check_owner()
                    await self._launch(place, software)
                await self._furnish()
        except TimeoutError:
            reason = self._log.reason() or "it says nothing"
            raise StackError("postgres_failed", f"Postgres was not ready within {START_S:.0f} s: {reason}") from None
        except psycopg.Error as error:
            raise StackError("postgres_failed", f"Postgres does not answer: {str(error).strip()}") from error

    async def stop(self, grace: float = 20.0) -> None:
        """Fast shutdown: running transactions are rolled back, what is committed is on disk."""
        if postmaster := self._postmaster:
            postmaster.signal(signal.SIGINT)
            if not await postmaster.gone(grace):
                postmaster.signal(signal.SIGQUIT)
                await postmaster.gone(10)

    async def ended(self) -> str:
        """How it ended, when it has."""
        if self._child:
            return f"Postgres {await self._child.ended()}"
        if self._postmaster:  # adopted: not our child to wait for
            await self._postmaster.gone(math.inf)
        return "Postgres ended"

    async def probe(self) -> str | None:
        """Why it does not answer, or None."""
        try:
            async with asyncio.timeout(10), await psycopg.AsyncConnection.connect(self.admin_url) as connection:
                await connection.execute("select 1")
        except (psycopg.Error, TimeoutError) as error:
            return f"Postgres does not answer: {str(error).strip() or 'no reply in 10 s'}"
        return None

    def _started_place(self) -> Place:
        if self._place is None:
            raise RuntimeError("start() comes first")
        return self._place

    def _known_secrets(self) -> Secrets:
        if self._secrets is None:
            raise RuntimeError("start() comes first")
        return self._secrets

    def _url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{password}@/{database}?{urlencode({'host': str(self._socket)}, quote_via=quote)}"

    async def _adopt(self, place: Place) -> bool:
        """Find the postmaster of an earlier supervisor; clear away what a dead one left."""
        while postmaster := self._running(place):
            lines = _pid_file(place.data)
            if len(lines) > 7 and lines[7].strip() == "ready":
                self._postmaster, self._child, self._socket = postmaster, None, Path(lines[4])
                return True
            await asyncio.sleep(0.05)
        # Postgres itself refuses to start where a pid file names a living process, whichever it is.
        for stale in (place.data / "postmaster.pid", place.socket_folder() / f"{SOCKET}.lock"):
            if stale.exists():
                await self._no_backends()
                stale.unlink()
        return False

    def _running(self, place: Place) -> Identity | None:
        """The postmaster of these data, if one is running."""
        lines = _pid_file(place.data)
        if len(lines) < 3 or not lines[0].strip().lstrip("-").isdigit():
            return None
        postmaster = Identity.of(abs(int(lines[0])))
        if postmaster is None or f"cluster_name={self._known_secrets().cluster}" not in command_line(postmaster.pid):
            return None
        if not (Path(lines[1]).exists() and place.data.samefile(lines[1])):
            raise StackError(
                "postgres_elsewhere",
                f"{place.data} was moved or copied while its Postgres ran; that one is still running in {lines[1]}.",
                f"Stop it first: kill -INT {postmaster.pid}",
            )
        return postmaster

    async def _no_backends(self) -> None:
        """Wait for the children of a killed postmaster: they notice and leave, and must not meet a new one."""
        title = f"postgres: {self._known_secrets().cluster}: "
        while True:
            lines = [process.info["cmdline"] or [""] for process in psutil.process_iter(["cmdline"])]
            if not any(line[0].startswith(title) for line in lines):
                return
            await asyncio.sleep(0.1)

    @property
    def _made(self) -> Path:
        """Exists once the database does: a home that had one must not silently get an empty one instead."""
        return self._home / "postgres" / "made"

    def _check_never_made(self, place: Place) -> None:
        if self._made.exists():
            raise Unmendable(
                "database_gone",
                f"The database of this home was in {place.data}, and is gone.",
                f"Bring it back, or remove {self._made} to begin with an empty one.",
            )

    def _initialise(self, place: Place, software: Software) -> None:
        """Make the cluster in a temporary folder, and rename it when it is complete."""
        for leftover in place.folder.glob("data.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        new = place.make_folder(Path(tempfile.mkdtemp(dir=place.folder, prefix="data.new-")))
        password = new / "password"
        password.touch(mode=0o600)
        password.write_text(self._known_secrets().admin)
        if place.user:
            os.chown(password, place.user.pw_uid, place.user.pw_gid)
        command = [str(software.bin / "initdb"), "-D", str(new / "data"), "-U", ADMIN, "-A", "scram-sha-256"]
        command += [f"--pwfile={password}", "--locale=C.UTF-8", "--encoding=UTF8"]
        if sys.platform == "linux" and software.major >= 17:
            command += ["--sync-method=syncfs"]  # one call instead of a thousand, which a busy disk stretches
        made = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd="/",
            user=place.user.pw_uid if place.user else None,
            group=place.user.pw_gid if place.user else None,
            extra_groups=[] if place.user else None,
        )
        if made.returncode:
            lines = [line for line in made.stdout.splitlines() if "error" in line or "FATAL" in line]
            shutil.rmtree(new, ignore_errors=True)
            raise StackError("postgres_failed", f"Postgres could not make its database: {'; '.join(lines)[:300]}")
        (new / "data").rename(place.data)
        shutil.rmtree(new)

    async def _launch(self, place: Place, software: Software) -> None:
        self._socket = place.socket_folder()
        settings = {
            **SETTINGS,
            "cluster_name": self._known_secrets().cluster,
            "unix_socket_directories": str(self._socket),
        }
        if software.major < 18:
            del settings["io_method"]
        arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        with self._log.open() as log:
            self._child = spawn(
                [str(software.bin / "postgres"), "-D", str(place.data), *arguments],
                log=log,
                cwd=Path("/"),
                env={"PATH": os.defpath},
                user=place.user,
                outlives=True,
            )
        self._postmaster = self._child.identity
        while True:
            if not self._child.alive:
                how = await self._child.ended()
                raise StackError("postgres_failed", f"Postgres could not start: {self._log.reason() or how}")
            lines = _pid_file(place.data)
            if len(lines) > 7 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready":
                return
            await asyncio.sleep(0.02)

    async def _furnish(self) -> None:
        """The role, the database and the extension, in `template1` too so that every new database has it."""
        password = self._known_secrets().longshore
        template = self._url(ADMIN, self._known_secrets().admin, "template1")
        async with await psycopg.AsyncConnection.connect(template, autocommit=True) as connection:
            await connection.execute("set client_min_messages = warning")
            await connection.execute("create extension if not exists vector")
            if not await _exists(connection, "select 1 from pg_roles where rolname = %s"):
                role = sql.SQL("create role longshore login createdb password {}").format(sql.Literal(password))
                await connection.execute(role)
            if not await _exists(connection, "select 1 from pg_database where datname = %s"):
                await connection.execute("create database longshore owner longshore")
        ours = self._url(ADMIN, self._known_secrets().admin, NAME)
        async with await psycopg.AsyncConnection.connect(ours, autocommit=True) as connection:
            await connection.execute("set client_min_messages = warning")
            await connection.execute("create extension if not exists vector")
            await connection.execute("alter extension vector update")


async def _exists(connection: psycopg.AsyncConnection[tuple[object, ...]], query: str) -> bool:
    cursor = await connection.execute(query.encode(), [NAME])
    return await cursor.fetchone() is not None


def _pid_file(data: Path) -> list[str]:
    """The lines of postmaster.pid: pid, data, start time, port, socket folder, address, shared memory, status."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
