"""The keys that histories are encrypted with: each of them reads, the first one writes."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from longshore.errors import LongshoreError, StackError
from longshore.providers.secrets import SecretMissing, read
from longshore.settings import Settings

KEY_BYTES = 32
_NONCE_BYTES = 12
_MAKE = "`head -c 32 /dev/urandom | base64` prints a new one."


class HistoryUnreadable(LongshoreError):
    """What was encrypted cannot be read: with `history_key_missing` because nobody gave this process the key, with
    `history_damaged` because the key of that name is another, or the content was changed."""


class Sealed(NamedTuple):
    key_id: str
    content: bytes
    """The nonce, and what AES-GCM made of the text, with its tag."""


class Keyring:
    """AES-256-GCM with a random nonce of 96 bits and the key's id as associated data.

    One key is good for 2**32 payloads (NIST SP 800-38D, section 8.3), more than an installation writes in years.

    Args:
        keys: By id, 32 bytes each; the first one writes.
    """

    def __init__(self, keys: Mapping[str, bytes] | None = None) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in (keys or {}).items()}
        self._writes = next(iter(self._ciphers), None)

    def __bool__(self) -> bool:
        return self._writes is not None

    @classmethod
    def of(cls, settings: Settings) -> Keyring:
        """Those that `LONGSHORE_HISTORY_KEYS` points to.

        Raises:
            StackError: `history_key_invalid`.
        """
        return cls({key_id: _key(key_id, place) for key_id, place in settings.history_key_places.items()})

    def seal(self, text: bytes) -> Sealed:
        if self._writes is None:
            raise RuntimeError("nothing is sealed without a key")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return Sealed(self._writes, nonce + self._ciphers[self._writes].encrypt(nonce, text, self._writes.encode()))

    def open(self, sealed: Sealed) -> bytes:
        """Raises:
        HistoryUnreadable: without its text, and without the key.
        """
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise HistoryUnreadable(
                "history_key_missing",
                f"This was encrypted with the key {_shown(sealed.key_id)}, which this process was not given.",
                "Name that key too in LONGSHORE_HISTORY_KEYS, after the one that writes, and start again; "
                "what waits for it goes on.",
            )
        nonce, content = sealed.content[:_NONCE_BYTES], sealed.content[_NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, content, sealed.key_id.encode())
        except (InvalidTag, ValueError):
            raise HistoryUnreadable(
                "history_damaged",
                f"This was encrypted with another key than the one that is called {_shown(sealed.key_id)} here, or it "
                "was changed since.",
                "Give every worker and API the same keys under the same names in LONGSHORE_HISTORY_KEYS.",
            ) from None


def _key(key_id: str, place: str) -> bytes:
    try:
        key = base64.b64decode(read(place).get_secret_value(), validate=True)
    except SecretMissing as error:
        raise StackError("history_key_invalid", f"The key {key_id} of histories: {error}", _MAKE) from None
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise StackError(
            "history_key_invalid", f"The key {key_id} of histories is not {KEY_BYTES} bytes in base64.", _MAKE
        )
    return key


def _shown(key_id: str) -> str:
    """A name as it may stand in a message; whoever can write a history could call a key anything."""
    return key_id if re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", key_id) else "of an unusable name"
