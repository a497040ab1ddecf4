"""A source that is imported again after it has changed: from a repository, and from an archive of files."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from longshore.ids import import_id, source_key
from tests.faults.passage import Passage
from tests.faults.rig import Rig
from tests.integration.voyage import PROJECT
from tests.sources.repositories import Upstream, serving
from workflows.contracts import Repository, Submission

_FILES, _GOES, _CHANGES = 12, 4, 3
Hand = Callable[[Passage], Awaitable[Submission]]


@dataclass(frozen=True)
class Sequel:
    """An import that has been, of which every passage begins with a copy, and the one that follows it.

    Args:
        settings: of the workers' environment.
    """

    name: str
    before: Hand
    now: Hand
    settings: Mapping[str, str]

    @asynccontextmanager
    async def passage(self, rig: Rig) -> AsyncIterator[Passage]:
        """One that has the first import behind it."""
        harbour = rig.folder / f"before-{self.name}"
        if not (harbour / "database").exists():
            await self._make(rig, harbour)
        async with rig.passage(template=(harbour / "database").read_text(), **self.settings) as passage:
            shutil.copytree(harbour / "blobs", passage.folder / "blobs")
            yield passage

    async def _make(self, rig: Rig, harbour: Path) -> None:
        async with rig.passage(**self.settings) as passage:
            passage.start_worker()
            record = await passage.finish(await passage.begin(await self.before(passage)))
            if record.state != "succeeded":
                raise AssertionError(f"the first import ended as {record.state}: {record.reason}")
            passage.stop_workers()
            shutil.copytree(passage.folder / "blobs", harbour / "blobs", dirs_exist_ok=True)
            (harbour / "database").write_text(str(conninfo_to_dict(passage.database_url)["dbname"]))


@contextmanager
def open_sequels(folder: Path) -> Iterator[list[Sequel]]:
    """Both kinds, of the same files: some go, some change, one is new."""
    upstream = Upstream.create(folder / "upstream")
    upstream.put(_files(later=False))
    first = upstream.commit()
    upstream.files.clear()
    upstream.put(_files(later=True))
    second = upstream.commit(branch="later")
    archives = [_archive(folder / "archives" / str(later) / "files.zip", _files(later)) for later in (False, True)]
    with serving({"harbour.git": upstream.repo}) as server:
        url = server.url("harbour.git")
        yield [
            Sequel("zip", _archived(archives[0]), _archived(archives[1]), {}),
            Sequel("git", _cloned(url, first), _cloned(url, second), {"LONGSHORE_GIT_HOSTS": "127.0.0.1"}),
        ]


def _files(later: bool) -> dict[str, str]:
    """Names and texts; the later ones lack some, say something else in others, and are one more."""
    files = {
        f"docs/crane-{number}.md": f"# Crane {number}\n\nContainer crane {number} lifts cargo from ships"
        f"{' at night' if later and number < _GOES + _CHANGES else ''}.\n"
        for number in range(_GOES if later else 0, _FILES)
    }
    if later:
        files["docs/tides.md"] = "# Tides\n\nTidal engines measure the level of the harbour.\n"
    return files


def _archive(path: Path, files: Mapping[str, str]) -> Path:
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def _archived(archive: Path) -> Hand:
    async def hand(passage: Passage) -> Submission:
        return await passage.hand_over(archive, "archive")

    return hand


def _cloned(url: str, commit: str) -> Hand:
    async def hand(passage: Passage) -> Submission:
        wanted = Repository(url=url, ref=commit)
        key = source_key("git", "harbour")
        return Submission(
            project=PROJECT,
            import_id=import_id(key, commit[:12]),
            source_key=key,
            kind="git",
            name="harbour",
            manifest="",
            repository=wanted,
            digest=wanted.model_dump_json(),
            submitted_at=datetime.now(UTC),
        )

    return hand
