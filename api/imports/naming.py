"""What the ids of imports are made of."""

from __future__ import annotations

import hashlib
import secrets

_SUBMISSION_DIGITS = 12


def submission_part(project: str, source: str, key: str | None) -> str:
    """The last part of an import's id: derived from the caller's key, or a new one."""
    if key is None:
        return secrets.token_hex(_SUBMISSION_DIGITS // 2)
    return hashlib.sha256("\0".join((project, source, key)).encode()).hexdigest()[:_SUBMISSION_DIGITS]
