"""The installation's key: what signatures are derived from. API and workers of one installation share it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from longshore.settings import Settings

_FILE = "secret.key"
_BYTES = 32


def installation_key(settings: Settings) -> bytes:
    """`LONGSHORE_SECRET_KEY` if it is set, else a random key that is made once and kept in the home, readable by its
    owner only."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value().encode()
    path = settings.home.expanduser() / _FILE
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return _made_once(path)


def _made_once(path: Path) -> bytes:
    """Whoever links its file first has made the key; the others read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
