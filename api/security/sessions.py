"""The page's session: a signed cookie that stands for a key, for some hours and for as long as the key is valid."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from functools import cached_property

LIFETIME_S = 12 * 3600
_PLAIN, _HOST = "longshore", "__Host-longshore"


class Sessions:
    """Signs and reads cookies.

    Args:
        installation_key: Gives what the signatures are derived from, when the first session is made or read.
        secure: Whether the page is only ever served over HTTPS.
    """

    def __init__(self, installation_key: Callable[[], bytes], *, secure: bool) -> None:
        self._installation_key = installation_key
        self._secure = secure

    @cached_property
    def _key(self) -> bytes:
        return hmac.digest(self._installation_key(), b"session", hashlib.sha256)

    def key_in(self, cookies: Mapping[str, str]) -> str | None:
        """The id of the key that a valid session stands for. Whether the key is still valid, the database knows."""
        parts = cookies.get(_HOST if self._secure else _PLAIN, "").split(".")
        if len(parts) != 3:
            return None
        key_id, expires, signature = parts
        if not expires.isdecimal() or not hmac.compare_digest(signature.encode(), self._sign(key_id, expires).encode()):
            return None
        return key_id if int(expires) > time.time() else None

    def cookie(self, key_id: str) -> str:
        """The Set-Cookie header of a new session."""
        expires = str(int(time.time()) + LIFETIME_S)
        return self._set(f"{key_id}.{expires}.{self._sign(key_id, expires)}", LIFETIME_S)

    def no_cookie(self) -> str:
        """The Set-Cookie header that ends a session."""
        return self._set("", 0)

    def _set(self, value: str, age_s: int) -> str:
        name = _HOST if self._secure else _PLAIN
        rules = f"Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict"
        return f"{name}={value}; {rules}; Secure" if self._secure else f"{name}={value}; {rules}"

    def _sign(self, key_id: str, expires: str) -> str:
        return hmac.digest(self._key, f"{key_id}.{expires}".encode(), hashlib.sha256).hex()
