"""Keys of providers, referenced by name: what is configured is where a key lies, never the key."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from longshore.providers.refusals import ProviderRefusal

_LONGEST = 16_384
_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:/.+")


def _is_reference(text: str) -> str:
    if not _REFERENCE.fullmatch(text):
        # The value is not repeated: whoever mistakes this for the place of the key has written the key here.
        raise ValueError("must be env:NAME or file:/PATH, which say where the key is")
    return text


SecretReference = Annotated[str, AfterValidator(_is_reference)]
"""`env:NAME`, a variable of the environment, or `file:/PATH`, a file such as a mounted secret."""


def resolve(reference: str, provider: str) -> SecretStr:
    """The key itself, read anew each time, so that a key that was changed in a file is used from the next request on.

    Raises:
        ProviderRefusal: `unauthorised` when there is none where the reference points to, or it cannot be a key. The
            operator mends this as they do a key that the provider refuses.
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
            raise ProviderRefusal("unauthorised", provider, f"{where} cannot be read ({error.strerror}).") from None
    key = key.strip()
    if not key:
        raise ProviderRefusal("unauthorised", provider, f"{where} is not set or empty.")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ProviderRefusal("unauthorised", provider, f"{where} does not hold a key.")
    return SecretStr(key)
