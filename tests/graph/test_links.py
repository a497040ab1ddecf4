"""Files of one source that name each other."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from longshore.graph import parts, planning
from longshore.graph.db import Pool
from longshore.graph.hashing import graph_hash
from longshore.graph.linking.derived import Bucket
from longshore.graph.linking.files import link_files
from longshore.graph.linking.files.resolving import resolve
from longshore.graph.linking.files.tree import FileTree
from longshore.parsing.document import parse_file
from longshore.parsing.version import parser_version
from longshore.sources.files import FileLibrary
from longshore.sources.model import FileRef
from tests.graph.conftest import PROJECT, Importer

Bring = Callable[..., Awaitable[dict[str, int]]]
Edge = tuple[str, str, str]

FILES = {
    "README.md": "# Harbour\n\nSee [the guide](docs/guide.md#cranes), [docs](docs/) and [elsewhere](https://example.org).\n",
    "docs/guide.md": "# Guide\n\nBack [home](../README.md), on to [page](page.html), never [missing](gone.md).\n",
    "docs/README.md": "# Documents\n\nThe `[code](../README.md)` in [[tides]].\n",
    "docs/page.html": "<html><body><p>A <a href='guide.md?x#y'>link</a></p></body></html>",
    "notes/tides.md": "# Tides\n\nWater rises and falls twice a day.\n",
    "harbour/crane.py": "from harbour.engine import start\nfrom . import winch\nimport os\n\nstart(winch, os)\n",
    "harbour/engine.py": "def start():\n    return 'started'\n",
    "harbour/winch.py": "import json\n\n\ndef wind():\n    return json\n",
}


@pytest.fixture
def bring(pool: Pool, run_import: Importer, tmp_path: Path) -> Bring:
    """Import files by path and text, as they are parsed in earnest."""

    async def run(import_id: str, files: Mapping[str, str], source_key: str = "files.shelf") -> dict[str, int]:
        blobs = {path: text.encode() for path, text in files.items()}
        digests = {path: hashlib.sha256(data).hexdigest() for path, data in blobs.items()}
        library = FileLibrary({path: FileRef(path=path, sha256=digests[path], size=len(blobs[path])) for path in blobs})
        items = list(library.items())
        async with pool.connection() as connection:
            await connection.execute("insert into projects (project) values (%s) on conflict do nothing", (PROJECT,))
        for item in items:
            for part in parts.parts_of(item, parser_version):
                blob = tmp_path / part.sha256
                blob.write_bytes(blobs[item.key])
                async with pool.connection() as connection:
                    await parts.store_parsed(connection, PROJECT, part, parse_file(blob, None, part.label))
        return await run_import(import_id, items, source_key, files=list(files.values()))

    return run


async def digest(pool: Pool) -> dict[str, str]:
    async with pool.connection() as connection:
        return await graph_hash(connection, PROJECT)


async def edges(pool: Pool) -> set[Edge]:
    """Kind and paths of the ends, each document by the first of its paths."""
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "with placed as (select document_id, min(item_key) as path from items group by document_id) "
            "select e.kind, s.path as source, t.path as target from edges e "
            "join placed s on s.document_id = e.source_id join placed t on t.document_id = e.target_id "
            "where e.kind in ('LINKS_TO', 'IMPORTS')"
        )
        return {(row["kind"], row["source"], row["target"]) for row in await cursor.fetchall()}


async def forget(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("delete from items")
        for table in ("edges", "nodes", "provenance", "documents", "imports", "parts", "embeddings"):
            await connection.execute(f"delete from {table}".encode())


ALL = {
    ("LINKS_TO", "README.md", "docs/guide.md"),
    ("LINKS_TO", "README.md", "docs/README.md"),
    ("LINKS_TO", "docs/guide.md", "README.md"),
    ("LINKS_TO", "docs/guide.md", "docs/page.html"),
    ("LINKS_TO", "docs/README.md", "notes/tides.md"),
    ("LINKS_TO", "docs/page.html", "docs/guide.md"),
    ("IMPORTS", "harbour/crane.py", "harbour/engine.py"),
    ("IMPORTS", "harbour/crane.py", "harbour/winch.py"),
}


async def test_files_are_tied_to_those_that_they_name(pool: Pool, bring: Bring) -> None:
    await bring("one", FILES)
    assert await edges(pool) == ALL
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select count(*) as edges, count(*) filter (where p.origin = 'link:files' and p.document_id = e.source_id) "
            "as told from edges e join provenance p on p.subject_id = e.edge_id where e.kind in ('LINKS_TO', 'IMPORTS')"
        )
        assert await cursor.fetchone() == {"edges": 8, "told": 8}, "the document that names another says so"


async def test_the_same_again_changes_nothing(pool: Pool, bring: Bring) -> None:
    await bring("one", FILES)
    before = await digest(pool)
    assert (await bring("two", FILES))["unchanged"] == len(FILES)
    assert await digest(pool) == before


async def test_links_follow_what_comes_goes_and_moves(pool: Pool, bring: Bring) -> None:
    """An unchanged file gains a link when its target comes, and loses it when the target goes."""
    await bring("one", FILES)
    changed = {
        **{path: text for path, text in FILES.items() if path not in ("docs/page.html", "harbour/engine.py")},
        "docs/gone.md": "# Gone\n\nNot gone any more, for it was only late.\n",
        "harbour/engine/__init__.py": FILES["harbour/engine.py"],
    }
    counts = await bring("two", changed)
    assert counts["unchanged"] == len(FILES) - 2
    evolved = await edges(pool)
    assert ALL - evolved == {
        ("LINKS_TO", "docs/guide.md", "docs/page.html"),
        ("LINKS_TO", "docs/page.html", "docs/guide.md"),
        ("IMPORTS", "harbour/crane.py", "harbour/engine.py"),
    }
    assert evolved - ALL == {
        ("LINKS_TO", "docs/guide.md", "docs/gone.md"),
        ("IMPORTS", "harbour/crane.py", "harbour/engine/__init__.py"),
    }
    incremental = await digest(pool)
    await forget(pool)
    await bring("three", changed)
    assert await digest(pool) == incremental


async def test_the_order_of_batches_does_not_show(pool: Pool, bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    await bring("one", FILES)
    straight = await digest(pool)
    await forget(pool)
    monkeypatch.setattr(planning, "BATCH_WORK", planning.WORK_PER_FILE)
    await bring("two", dict(reversed(FILES.items())))
    assert await digest(pool) == straight


async def test_shares_of_the_documents_make_the_same_edges_as_all_at_once(pool: Pool, bring: Bring) -> None:
    await bring("one", FILES)
    before = await digest(pool)
    async with pool.connection() as connection:
        await connection.execute("delete from provenance where origin = 'link:files'")
        await connection.execute("delete from edges where kind in ('LINKS_TO', 'IMPORTS')")
    for number in (2, 0, 1, 2):
        async with pool.connection() as connection:
            await link_files(connection, PROJECT, Bucket(number, 3))
    assert await digest(pool) == before


async def test_sources_do_not_name_each_others_files(pool: Pool, bring: Bring) -> None:
    await bring("one", {"docs/guide.md": FILES["docs/guide.md"]})
    await bring("two", {"README.md": FILES["README.md"]}, source_key="files.other")
    assert await edges(pool) == set()


async def test_a_copy_names_what_lies_beside_it(pool: Pool, bring: Bring) -> None:
    """Two copies are one document, which names what either of them does."""
    text = "# Index\n\nSee [more](more.md).\n"
    await bring(
        "one", {"a/index.md": text, "b/index.md": text, "a/more.md": "# More\n\nOne.", "b/more.md": "# More\n\nTwo."}
    )
    assert await edges(pool) == {("LINKS_TO", "a/index.md", "a/more.md"), ("LINKS_TO", "a/index.md", "b/more.md")}


async def test_equal_bytes_are_read_as_their_names_promise(pool: Pool, bring: Bring) -> None:
    """Whoever comes first: prose that looks like code imports nothing."""
    code = "from engine import start\n"
    await bring("one", {"a.txt": code, "crane.py": code, "engine.py": "def start(): pass\n"})
    async with pool.connection() as connection:
        cursor = await connection.execute("select refers_to from parts where sha256 = %s order by 1", (sha(code),))
        assert [row["refers_to"] for row in await cursor.fetchall()] == [[], [["python", "engine.start"]]]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


PLACES: list[tuple[str, str, str, list[str], list[str]]] = [
    ("link", "../b.md", "docs/a.md", ["b.md"], ["b.md"]),
    ("link", "/b.md", "docs/a.md", ["b.md", "docs/b.md"], ["b.md"]),
    ("link", "../../b.md", "docs/a.md", ["b.md"], []),
    ("link", "./sub/", "a.md", ["sub/index.html", "sub/README.md"], ["sub/README.md"]),
    ("link", "..", "docs/a.md", ["README.md"], ["README.md"]),
    ("link", "cafe\u0301.md", "a.md", ["café.md"], ["café.md"]),
    ("link", "a.md", "a.md", [], []),
    ("wiki", "Tides", "a.md", ["deep/tides.md"], ["deep/tides.md"]),
    ("wiki", "Tides", "x/a.md", ["x/tides.md", "y/tides.md"], ["x/tides.md"]),
    ("wiki", "Tides", "a.md", ["x/tides.md", "y/tides.md"], []),
    ("wiki", "y/tides", "a.md", ["x/tides.md", "y/tides.md"], ["y/tides.md"]),
    ("latex", "ch/one", "main.tex", ["ch/one.tex"], ["ch/one.tex"]),
    ("latex", "ch/two.tex", "ch/one.tex", ["ch/two.tex"], ["ch/two.tex"]),
    ("python", "p.q.r", "p/a.py", ["p/q/r.py", "p/q/__init__.py"], ["p/q/r.py"]),
    ("python", "p.q.name", "p/a.py", ["p/q/__init__.py"], ["p/q/__init__.py"]),
    ("python", "p.q.name", "tests/a.py", ["src/p/q.py"], ["src/p/q.py"]),
    ("python", "p.q.name", "api/p/a.py", ["api/p/q.py", "web/p/q.py"], ["api/p/q.py"]),
    ("python", "logging.getLogger", "p/a.py", ["p/logging.py"], []),
    ("python", "celery.Celery", "p/a.py", ["p/celery.py"], []),
    ("python", "helper", "a.py", ["helper.py"], ["helper.py"]),
    ("python", ".name", "p/a.py", ["p/__init__.py"], ["p/__init__.py"]),
    ("python", "..q.name", "p/r/a.py", ["p/q.py"], ["p/q.py"]),
    ("python", "....q", "p/a.py", ["q.py"], []),
    ("javascript", "./b", "src/a.ts", ["src/b.tsx", "src/b/index.ts"], ["src/b.tsx"]),
    ("javascript", "./b.js", "src/a.ts", ["src/b.ts"], ["src/b.ts"]),
    ("javascript", "./b.js", "src/a.ts", ["src/b.ts", "src/b.js"], ["src/b.js"]),
    ("javascript", "..", "src/a.js", ["index.js"], ["index.js"]),
    ("go", "example.org/m/t", "a.go", ["t/a.go", "t/b.go", "t/b_test.go"], ["t/a.go", "t/b.go"]),
    ("go", "example.org/m/sub/tides", "a.go", ["nested/tides/a.go"], ["nested/tides/a.go"]),
    ("go", "example.org/other/tides", "a.go", ["tides/a.go"], []),
    ("rust", "crate::a::b::Name", "src/main.rs", ["src/a/b.rs", "src/a.rs"], ["src/a/b.rs"]),
    ("rust", "crate::a::Name", "src/deep/x.rs", ["src/a/mod.rs"], ["src/a/mod.rs"]),
    ("rust", "self::arm", "src/crane.rs", ["src/crane/arm.rs", "src/arm.rs"], ["src/crane/arm.rs"]),
    ("rust", "super::arm::Arm", "src/crane/hook.rs", ["src/crane/arm.rs"], ["src/crane/arm.rs"]),
    ("java", "org.example.Tide", "x/A.java", ["main/org/example/Tide.java"], ["main/org/example/Tide.java"]),
    ("java", "org.example.Tide.High.LEVEL", "x/A.java", ["main/org/example/Tide.java"], ["main/org/example/Tide.java"]),
    ("java", "org.example.Tide", "x/A.java", ["a/org/example/Tide.java", "b/org/example/Tide.java"], []),
    ("c", "b.h", "src/a.c", ["src/b.h", "include/b.h"], ["src/b.h"]),
    ("c", "m/b.h", "src/a.c", ["include/m/b.h"], ["include/m/b.h"]),
    ("ruby", "./b", "x/a.rb", ["x/b.rb"], ["x/b.rb"]),
    ("ruby", "m/b", "bin/a.rb", ["lib/m/b.rb"], ["lib/m/b.rb"]),
    ("go-module", "example.org/m", "go.mod", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "target", "path", "others", "found"), PLACES)
def test_a_reference_is_looked_for_as_its_language_does(
    kind: str, target: str, path: str, others: list[str], found: list[str]
) -> None:
    files = FileTree([path, *others], {"": "example.org/m", "nested": "example.org/m/sub"})
    assert resolve(files, kind, target, path) == found


async def test_another_parser_reads_nothing_anew_that_did_not_change(
    pool: Pool, bring: Bring, run_import: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade the same files are unchanged, and keep the passages that the earlier version gave them."""
    await bring("one", FILES)
    before = await digest(pool)
    monkeypatch.setattr("tests.graph.conftest.parser_version", "another")
    library = FileLibrary({path: FileRef(path=path, sha256=sha(text), size=len(text)) for path, text in FILES.items()})
    counts = await run_import("two", list(library.items()), "files.shelf")
    assert counts["unchanged"] == len(FILES)
    assert await digest(pool) == before


async def test_concepts_of_code_are_those_of_its_comments(pool: Pool, bring: Bring) -> None:
    code = "# The tidal engine drives the container crane.\ndef lift(async_thing):\n    return await_thing\n"
    await bring("one", {f"crane{number}.py": code + f"# {number}\n" for number in range(4)})
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "select distinct jsonb_array_elements(mentions)->>'term' as term from extractions"
        )
        terms = {row["term"] for row in await cursor.fetchall()}
    assert {"tidal engine", "container crane"} <= terms
    assert not [term for term in terms if "thing" in term or "def" in term.split()]
