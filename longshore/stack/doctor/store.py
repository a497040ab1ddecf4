"""What does not fit together in the database, explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from longshore.graph import checking
from longshore.graph.checking import Contradiction
from longshore.graph.db import Pool, applied_migrations, known_migrations
from longshore.stack.doctor.finding import Finding


class _Said(NamedTuple):
    what: str
    why: str
    remedy: str
    severity: Literal["problem", "notice"] = "problem"


_SAID: Mapping[str, _Said] = {
    "items_left_pending": _Said(
        "Items of imports that have ended are still marked as to be done.",
        "They are counted neither as done nor as skipped or failed, and nobody will take them up.",
        "`longshore doctor --fix` settles them as not reached; importing the source again brings them in.",
    ),
    "documents_unasserted": _Said(
        "Documents are in the graph that no item of any source asserts.",
        "Nobody can say where they come from, and removing a source does not remove them.",
        "Import their source again, which takes them up; report it if they stay.",
    ),
    "edges_dangling": _Said(
        "Edges lead to nodes or documents that do not exist.",
        "They are counted and exported, and lead nowhere.",
        "`longshore doctor --fix` deletes them.",
    ),
    "provenance_dangling": _Said(
        "Provenance is kept for nodes, edges or documents that do not exist.",
        "It says nothing of anything any more.",
        "`longshore doctor --fix` deletes it.",
    ),
    "graph_unasserted": _Said(
        "Nodes or edges are in the graph that no document asserts.",
        "An import that ended before it came to the relations leaves what it took back, and readers still see it.",
        "`longshore doctor --fix` sweeps them, as the next import that changes something would.",
    ),
    "passages_without_vector": _Said(
        "Passages of documents have no vector.",
        "A search by meaning does not find them.",
        "Import the source again with --re-embed.",
    ),
    "vectors_of_wrong_size": _Said(
        "Vectors have another number of dimensions than the others of their model.",
        "Vectors of different sizes cannot be compared: searches and relations of similarity fail over them.",
        "`longshore doctor --fix` forgets them; importing the source again with --re-embed makes them anew.",
    ),
    "vectors_without_direction": _Said(
        "Vectors consist of zeros only.",
        "Their distance to anything is undefined, which spoils the order of what is found.",
        "`longshore doctor --fix` marks them as having no direction, as those of texts without a known word are.",
    ),
    "deletions_unfinished": _Said(
        "Projects have been about to be deleted for more than an hour.",
        "Nothing can be imported into them until that has ended.",
        "See in Temporal's Web UI what holds up DeleteProjectWorkflow, or delete the project again.",
    ),
    "indexes_invalid": _Said(
        "Indexes of the database are not valid.",
        "They are not used, so that reading is slow.",
        "Build them anew with `reindex index` in psql.",
    ),
    "texts_unshown": _Said(
        "Texts were read that no document shows.",
        "An import ended before it wrote them, or their document has gone. They take space, and save reading again.",
        "Nothing: what nothing needs any more is dropped when files are collected, every six hours.",
        "notice",
    ),
}


async def check_schema(pool: Pool) -> list[Finding]:
    """Whether the tables are those that this version of Longshore knows."""
    async with pool.connection() as connection:
        applied = await applied_migrations(connection)
    known = known_migrations()
    foreign = sorted(version for version, checksum in applied.items() if known.get(version) != checksum)
    coming = sorted(known.keys() - applied.keys())
    findings = []
    if foreign:
        findings.append(
            Finding(
                code="schema_foreign",
                what="The database was brought up to date by a newer or another version of Longshore than this one.",
                why="This version does not know all that lies in it.",
                remedy="Use the newest version of Longshore that has run with this database.",
                count=len(foreign),
                examples=_migrations(foreign),
            )
        )
    if coming:
        findings.append(
            Finding(
                code="schema_behind",
                severity="notice",
                what="The database is not up to date with this version of Longshore.",
                why="What runs was started by an older version; this one needs tables that are not there yet.",
                remedy="`longshore up`: worker and API bring it up to date when they start.",
                count=len(coming),
                examples=_migrations(coming),
            )
        )
    return findings


async def check_rows(pool: Pool) -> list[Finding]:
    """Everything that can be told from the rows alone."""
    async with pool.connection() as connection:
        found = await checking.find_contradictions(connection)
    return [_finding(pool, contradiction) for contradiction in found]


def _finding(pool: Pool, found: Contradiction) -> Finding:
    said = _SAID[found.code]
    finding = Finding(code=found.code, count=found.count, examples=found.examples, **said._asdict())
    if (mend := checking.MENDS.get(found.code)) is None:
        return finding

    async def run() -> str:
        async with pool.connection() as connection:
            handled = await mend(connection)
        return f"{found.code}: {handled} put right."

    return finding.mended_by(run)


def _migrations(versions: list[int]) -> list[str]:
    return [f"migration {version}" for version in versions[: checking.EXAMPLES]]
