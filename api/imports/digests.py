"""What makes two submissions equal, and what their ids are made of."""

from __future__ import annotations

import hashlib
import json
import secrets

from workflows.contracts import ImportOptions, Repository

_SUBMISSION_DIGITS = 12


def digest_of(manifest: str, options: ImportOptions, repository: Repository | None = None, **others: object) -> str:
    """Over what decides the result: how many lanes do the work does not."""
    if repository:
        others = {**others, "repository": repository.model_dump()}
    content = {"manifest": manifest, "options": options.model_dump(exclude={"lanes"}), **others}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def submission_part(project: str, source: str, key: str | None) -> str:
    """The last part of an import's id: derived from the caller's key, or a new one."""
    if key is None:
        return secrets.token_hex(_SUBMISSION_DIGITS // 2)
    return hashlib.sha256("\0".join((project, source, key)).encode()).hexdigest()[:_SUBMISSION_DIGITS]
