"""Keys of providers, referenced by name: what is configured is where a key lies, never the key."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from longshore.errors import LongshoreError
from longshore.providers.refusals import ProviderRefusal

_LONGEST = 16_384
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")


def is_reference(text: str) -> bool:
    """Whether a text says where a key is."""
    return _REFERENCE.fullmatch(text) is not None


def _checked(text: str) -> str:
    if not is_reference(text):
        # The value is not repeated: whoever mistakes this for the place of the key has written the key here.
        raise ValueError("must be env:NAME or file:/PATH, which say where the key is")
    return text


SecretReference = Annotated[str, AfterValidator(_checked)]
"""`env:NAME`, a variable of the environment, or `file:/PATH`, a file such as a mounted secret."""


class SecretMissing(LongshoreError):
    """There is no key at the place that a reference names, or it cannot be one."""

    def __init__(self, message: str) -> None:
        super().__init__("secret_missing", message, "Put the key there, or correct the reference.")


def resolve(reference: str, provider: str) -> SecretStr:
    """The key of a provider, read anew each time, so that a key that was changed in a file is used from the next
    request on.

    Raises:
        ProviderRefusal: `unauthorised` when there is none where the reference points to, or it cannot be a key. The
            operator mends this as they do a key that the provider refuses.
    """
    try:
        return read(reference)
    except SecretMissing as error:
        raise ProviderRefusal("unauthorised", provider, str(error)) from None


def read(reference: str) -> SecretStr:
    """What a reference points to.

    Raises:
        SecretMissing: with the place, never with what was found there.
    """
    kind, _, place = reference.partition(":")
    if kind == "env":
        key = os.environ.get(place, "")
        where = f"the environment variable {place}"
    else:
        where = f"the file {place}"
        try:
            with Path(place).open("rb") as file:
                key = file.read(_LONGEST).decode("ascii", errors="replace")
        except OSError as error:
            raise SecretMissing(f"{where} cannot be read ({error.strerror}).") from None
    key = key.strip()
    if not key:
        raise SecretMissing(f"{where} is not set or empty.")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SecretMissing(f"{where} does not hold a key.")
    return SecretStr(key)
