"""Progress line by line: plain text for logs and pipes, JSON for programs."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from longshore.cli import disk, wording
from longshore.cli.output import clean, print_json
from longshore.cli.resources import TERMINAL, Import, Json, flat
from longshore.cli.uploading import Freight

EVERY_S = 5.0


class PlainView:
    """A line whenever the stage, the state or the reason for waiting changes, and every few seconds in between."""

    def __init__(self, title: str) -> None:
        self._title = clean(title)
        self._told: tuple[object, ...] = ()
        self._told_at = time.monotonic()
        self._lost = False

    def __enter__(self) -> PlainView:
        return self

    def __exit__(self, *_: object) -> None: ...

    def note(self, text: str) -> None:
        self.say(f"{self._title}: {text}")

    def say(self, text: str) -> None:
        print(clean(text), flush=True)

    def reading(self, read: int, size: int) -> None:
        self._remind(f"read {wording.size(read)} of {wording.size(size)}")

    def uploading(self, freight: Freight) -> None:
        if freight.files and freight.files_sent == freight.files:
            self._tell(
                ("uploaded",), f"uploaded {wording.counted(freight.files, 'file')}, {wording.size(freight.size)}"
            )
        elif freight.files:
            self._remind(f"uploaded {wording.size(freight.sent)} of {wording.size(freight.size)}")

    def submitted(self, submission: str, resource: Import) -> None:
        self.say(f"{self._title}: {submission} as {resource['id']} in {resource['project']}")

    def progress(self, resource: Import) -> None:
        if resource["state"] in TERMINAL:
            return  # the report says it
        busy = [stage for stage in resource["stages"] if wording.begun(stage, resource)]
        why = wording.reason(resource["reason"], datetime.now(UTC))
        facts = [wording.percent(resource), wording.STATES.get(resource["state"], resource["state"])]
        facts += [f"{stage['name']} {wording.progress_of(stage)}".strip() for stage in busy]
        if resource["state"] == "running" and (left := wording.eta(resource["eta_range_s"])):
            facts.append(left)
        away = tuple(used["instead_of"] for used in resource.get("fallbacks", ()) if used["active"])
        changed = (resource["state"], why and resource["reason"], away, tuple(stage["name"] for stage in busy))
        told = wording.fallbacks(resource) if away else ()
        notes = (*told, why, " or ".join(wording.ways_on(resource)), disk.warning())
        self._tell(changed, " · ".join([*facts, *filter(None, notes)]))

    def lost(self, why: str) -> None:
        if not self._lost:
            self.say(f"{self._title}: connection to the API lost ({why}); trying again")
        self._lost = True

    def found(self) -> None:
        if self._lost:
            self.say(f"{self._title}: connected again")
        self._lost = False

    def _tell(self, what: tuple[object, ...], line: str) -> None:
        """Says it if it is another thing than what was said before, or that some time ago."""
        if what != self._told:
            self._told, self._told_at = what, -EVERY_S
        self._remind(line)

    def _remind(self, line: str) -> None:
        now = time.monotonic()
        if now - self._told_at >= EVERY_S:
            self._told_at = now
            self.say(f"{self._title}: {line}")


class JsonView:
    """A JSON object with an `event` on each line; those about the import carry its fields beside it."""

    def __init__(self) -> None:
        self._told_at = 0.0

    def __enter__(self) -> JsonView:
        return self

    def __exit__(self, *_: object) -> None: ...

    def note(self, text: str) -> None:
        self.emit("note", {"message": clean(text)})

    def say(self, text: str) -> None:
        self.note(text)

    def reading(self, read: int, size: int) -> None:
        if self._due(read == size):
            self.emit("read", {"bytes": size, "bytes_read": read})

    def uploading(self, freight: Freight) -> None:
        if self._due(freight.files_sent == freight.files):
            files = {"files": freight.files, "files_sent": freight.files_sent}
            self.emit("upload", {**files, "bytes": freight.size, "bytes_sent": freight.sent})

    def submitted(self, submission: str, resource: Import) -> None:
        self.emit("submitted", {"submission": submission, **flat(resource)})

    def progress(self, resource: Import) -> None:
        if resource["state"] not in TERMINAL:
            self.emit("progress", flat(resource))

    def lost(self, why: str) -> None:
        self.emit("connection_lost", {"message": clean(why)})

    def found(self) -> None:
        self.emit("connected", {})

    def _due(self, last: bool) -> bool:
        now = time.monotonic()
        due = last or now - self._told_at >= 1
        self._told_at = now if due else self._told_at
        return due

    def emit(self, event: str, fields: Json) -> None:
        print_json({"event": event, **fields})
