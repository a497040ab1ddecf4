"""Ids of what the graph holds, and the locks that its writers take."""

from __future__ import annotations

import hashlib
from uuid import UUID

from longshore.graph.db import Connection
from longshore.ids import derived_id

_FILES_LOCK = 0x10465604
_DERIVED_LOCK = 0x10465605


def document_id(identity: str) -> UUID:
    return derived_id("document", identity)


def node_id(kind: str, key: str) -> UUID:
    return derived_id("node", kind, key)


def edge_id(kind: str, source: UUID, target: UUID) -> UUID:
    return derived_id("edge", kind, str(source), str(target))


def part_id(sha256: str, handling: str, parser_version: str) -> UUID:
    """Names text by what it was made from and by what; two sources that bring equal bytes share it."""
    return derived_id("part", sha256, handling, parser_version)


def text_hash(text: str) -> UUID:
    return derived_id("text", text)


def item_origin(source_key: str, item_key: str) -> str:
    """How provenance names the item that asserts something."""
    return f"{source_key}/{item_key}"


async def share_project(connection: Connection, project: str) -> None:
    """Hold the project as one of many writers until the transaction ends."""
    await connection.execute("select pg_advisory_xact_lock_shared(%s)", (_lock_key(project),))


async def own_project(connection: Connection, project: str) -> None:
    """Hold the project alone until the transaction ends: for what must see every writer's commit."""
    await connection.execute("select pg_advisory_xact_lock(%s)", (_lock_key(project),))


async def hold_files(connection: Connection) -> None:
    """See to it that no file that was brought is deleted, until the connection is closed: for who copies them all."""
    await connection.execute("select pg_advisory_lock(%s)", (_FILES_LOCK,))


async def may_delete_files(connection: Connection) -> bool:
    """Whether nobody holds the files; nobody comes to hold them until the transaction ends."""
    cursor = await connection.execute("select pg_try_advisory_xact_lock_shared(%s) as ours", (_FILES_LOCK,))
    row = await cursor.fetchone()
    return bool(row and row["ours"])


async def wait_to_delete_files(connection: Connection) -> None:
    """As `may_delete_files`, when nobody holds them any more."""
    await connection.execute("select pg_advisory_xact_lock_shared(%s)", (_FILES_LOCK,))


async def rely_on_derived(connection: Connection) -> None:
    """Before it is told which passages have a vector or an answer: what a deletion is about to take does not count."""
    await connection.execute("select pg_advisory_xact_lock_shared(%s)", (_DERIVED_LOCK,))


async def may_delete_derived(connection: Connection) -> None:
    """Before vectors and answers of no passage are deleted: until the transaction ends, nobody relies on them."""
    await connection.execute("select pg_advisory_xact_lock(%s)", (_DERIVED_LOCK,))


def _lock_key(project: str) -> int:
    digest = hashlib.sha256(f"project/{project}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
