"""API keys: how they are made, and what is known of them. A key is shown once, to who made it, and never kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from longshore.graph.db import Connection

Scope = Literal["read", "write", "admin"]
"""Each includes those before it."""
SCOPES: tuple[Scope, ...] = get_args(Scope)

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ID_LENGTH, _SECRET_BITS, _SECRET_LENGTH, _CHECKSUM_LENGTH = 12, 256, 43, 6
_NOTED_EVERY = timedelta(minutes=1)
_WORD = "[0-9A-Za-z]"
_FORM = re.compile(rf"ls_({_WORD}{{{_ID_LENGTH}}})_{_WORD}{{{_SECRET_LENGTH}}}_{_WORD}{{{_CHECKSUM_LENGTH}}}")
_COLUMNS = "key_id, name, last4, scope, projects, created_at, expires_at, last_used_at, revoked_at"


@dataclass(frozen=True)
class ApiKey:
    key_id: str
    name: str
    last4: str
    scope: Scope
    projects: list[str] | None
    """Those that it is bound to; None: all."""
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""
    revoked_at: datetime | None

    @property
    def state(self) -> Literal["active", "expired", "revoked"]:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= datetime.now(UTC) else "active"


def mint() -> tuple[str, str]:
    """A new key's id and the key: `ls_<id>_<secret of 256 bits>_<CRC-32>`, told from other text by its form."""
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    secret = _base62(secrets.randbits(_SECRET_BITS), _SECRET_LENGTH)
    body = f"ls_{key_id}_{secret}"
    return key_id, f"{body}_{_checksum(body)}"


def id_of(key: str) -> str | None:
    """The id in a key; None for what cannot be a key, which then needs no look-up."""
    match = _FORM.fullmatch(key)
    body, _, checksum = key.rpartition("_")
    return match[1] if match and checksum == _checksum(body) else None


async def create(
    connection: Connection, name: str, scope: Scope, projects: Sequence[str] | None, expires_at: datetime | None
) -> tuple[ApiKey, str]:
    """What is known of the new key, and the key."""
    key_id, key = mint()
    cursor = await connection.execute(
        "insert into api_keys (key_id, name, digest, last4, scope, projects, expires_at) "
        f"values (%s, %s, %s, %s, %s, %s, %s) returning {_COLUMNS}",
        (key_id, name, _digest(key), key[-4:], scope, list(projects) if projects is not None else None, expires_at),
    )
    row = await cursor.fetchone()
    assert row
    return ApiKey(**row), key


async def verified(connection: Connection, key: str) -> ApiKey | None:
    """What is known of the key, whatever its state; None if there is no such key."""
    key_id = id_of(key)
    if key_id is None:
        return None
    cursor = await connection.execute(f"select digest, {_COLUMNS} from api_keys where key_id = %s", (key_id,))
    row = await cursor.fetchone()
    # An unknown id costs as much as a wrong secret.
    known = row.pop("digest") if row else bytes(hashlib.sha256().digest_size)
    if not hmac.compare_digest(_digest(key), known) or row is None:
        return None
    return ApiKey(**row)


async def find(connection: Connection, key_id: str) -> ApiKey | None:
    cursor = await connection.execute(f"select {_COLUMNS} from api_keys where key_id = %s", (key_id,))
    row = await cursor.fetchone()
    return ApiKey(**row) if row else None


async def note_use(connection: Connection, key: ApiKey) -> None:
    """Note that it is used now; at most once a minute."""
    if key.last_used_at is None or datetime.now(UTC) - key.last_used_at > _NOTED_EVERY:
        await connection.execute("update api_keys set last_used_at = now() where key_id = %s", (key.key_id,))


async def listed(connection: Connection) -> list[ApiKey]:
    """All of them, newest first."""
    cursor = await connection.execute(f"select {_COLUMNS} from api_keys order by created_at desc, key_id")
    return [ApiKey(**row) for row in await cursor.fetchall()]


async def revoke(connection: Connection, key_id: str) -> ApiKey | None:
    """The key as it is now, refused from here on; None if there is none of this id."""
    cursor = await connection.execute(
        f"update api_keys set revoked_at = coalesce(revoked_at, now()) where key_id = %s returning {_COLUMNS}",
        (key_id,),
    )
    row = await cursor.fetchone()
    return ApiKey(**row) if row else None


def _digest(key: str) -> bytes:
    # A secret of 256 random bits cannot be guessed, so nothing slower is needed.
    return hashlib.sha256(key.encode()).digest()


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
