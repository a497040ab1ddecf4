"""Deterministic keys: the same content has the same key on every machine and in every attempt."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from uuid import UUID

SLUG_BYTES = 100


def derived_id(*parts: str) -> UUID:
    """The first 128 bits of SHA-256 over the parts, each ended by a zero byte, as a UUID."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\0")
    return UUID(bytes=digest.digest()[:16])


def slug(name: str) -> str:
    """Letters and digits of any script in lower case, joined by single hyphens; at most 100 bytes of UTF-8.

    Raises:
        ValueError: if the name has no letter or digit.
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    joined = re.sub(r"[\W_]+", "-", folded).strip("-")
    if not joined:
        raise ValueError(f"the name {name!r} has no letter or digit to make a key from")
    return joined.encode()[:SLUG_BYTES].decode(errors="ignore").rstrip("-")


def source_key(kind: str, name: str) -> str:
    """`<kind>.<slug>`: names a source within its project."""
    return f"{kind}.{slug(name)}"


def import_id(source: str, submission: str) -> str:
    """`<source key>.<submission>`: an import's id names its source, so its workflow is found without a look-up."""
    return f"{source}.{submission}"


def source_of(import_id: str) -> str:
    """The source key within an import id.

    Raises:
        ValueError: if the id does not have the three parts of an import id.
    """
    parts = import_id.split(".")
    if len(parts) != 3 or not all(parts):
        raise ValueError(f"{import_id!r} is not an import id")
    return ".".join(parts[:2])


def schedule_id(project: str, source: str) -> str:
    """`rescan/<project>/<source key>`: of the schedule by which a source is imported again."""
    return f"rescan/{project}/{source}"


def workflow_id(project: str, source: str) -> str:
    """`import/<project>/<source key>`: the engine runs one workflow per id, and that is the lock of a source."""
    return f"import/{project}/{source}"


def space_of(project: str, comparison: str, number: int) -> str:
    """`<project>~<comparison>-<number>`: the space beside a project that a variant is imported into.

    No project that a caller may name has such a key, so nobody reaches it but through the comparison.
    """
    return f"{project}~{comparison}-{number}"


def is_space(project: str) -> bool:
    return "~" in project


def home_of(project: str) -> str:
    """The project that a space lies beside; a project is its own."""
    return project.partition("~")[0]


def comparison_workflow_id(project: str, comparison: str) -> str:
    """`comparison/<project>/<comparison>`: of the workflow that runs a comparison, again and again if it is retried."""
    return f"comparison/{project}/{comparison}"
