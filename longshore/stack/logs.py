"""One log for each service: kept small, and read for the reason why it died."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import IO

LIMIT = 4 * 1024 * 1024
TAIL = 16 * 1024
# What Postgres and Temporal write before their message: time, process, level.
PREFIX = re.compile(r"^\S+ \S+ \S+ \[\d+\] |^time=\S+ level=\w+ ")
TELLING = re.compile(r"FATAL|PANIC|ERROR|[Ee]rror")


class Log:
    """The log of one service in `<home>/logs`."""

    def __init__(self, home: Path, service: str) -> None:
        self.path = home / "logs" / f"{service}.log"
        self._opened_at = 0

    def open(self) -> IO[bytes]:
        """Open it for appending; one that has grown beyond 4 MB makes way for a new one and is kept as `.log.1`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > LIMIT:
            self.path.replace(self.path.with_suffix(".log.1"))
        self.path.touch(mode=0o600)
        self._opened_at = self.path.stat().st_size
        return self.path.open("ab")

    def reason(self) -> str:
        """The last telling line written since it was opened, in one piece, or an empty string."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(self._opened_at, size - TAIL))
                lines = file.read().decode(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        lines = [line.strip() for line in lines if line.strip()]
        telling = [line for line in lines if TELLING.search(line)] or lines
        return _message(telling[-1])[:300] if telling else ""


def _message(line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return PREFIX.sub("", line)
    if not isinstance(record, dict):
        return line
    exception = str(record.get("exception") or "").strip().splitlines()
    return exception[-1] if exception else str(record.get("event", line))
