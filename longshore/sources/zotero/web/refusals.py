"""What an answer of Zotero's that is no success means, and whether it passes by itself."""

from __future__ import annotations

from collections.abc import Mapping

from longshore.errors import ComeBackLater, InvalidSource, LongshoreError
from longshore.providers.waiting import retry_after_s

UNTOLD_WAIT_S = 30.0
"""Where it asks for fewer requests and does not say when it may be asked again."""

_KEYS = "https://www.zotero.org/settings/keys"


def refusal(
    status: int, headers: Mapping[str, str], told: str, *, library: str, credential: str | None
) -> LongshoreError:
    """
    Args:
        told: The beginning of what the answer says.
        credential: The name of the API key that was sent, if one was.
    """
    wait = retry_after_s(headers, resets=False)
    if status == 429:
        return busy(UNTOLD_WAIT_S if wait is None else wait)
    if status in (408, 412) or status >= 500:
        return unavailable(f"it answers {status}", wait)
    if status in (401, 403):
        return _forbidden(told, library, credential)
    if status in (404, 410):
        return InvalidSource(
            "library_not_found",
            f"Zotero has no library {library}.",
            "Check its number: a group's stands in the address of its page.",
        )
    return InvalidSource(
        "zotero_refused",
        f"Zotero does not answer as its API should: status {status}.",
        "Ask the operator whether LONGSHORE_ZOTERO_API is right.",
    )


def busy(wait_s: float) -> ComeBackLater:
    return ComeBackLater(
        "zotero_busy",
        f"Zotero asks for no more requests within the next {wait_s:.0f} seconds.",
        "It goes on by itself.",
        retry_after_s=wait_s,
    )


def unavailable(reason: str, wait_s: float | None = None) -> LongshoreError:
    message = f"Zotero cannot be read at the moment: {reason}."
    if wait_s is None:
        return LongshoreError("zotero_unavailable", message, "It is tried again.")
    return ComeBackLater("zotero_unavailable", message, "It is tried again.", retry_after_s=wait_s)


def _forbidden(told: str, library: str, credential: str | None) -> LongshoreError:
    if credential is None:
        return InvalidSource(
            "credential_needed",
            f"The library {library} is not public.",
            "Name a credential that the operator has set up, or ask for one.",
        )
    if "invalid key" in told.lower():
        return InvalidSource(
            "credential_refused",
            f"Zotero knows no API key such as the one of the credential {credential!r}.",
            f"The operator makes another one at {_KEYS} and puts it where the credential's `token` says.",
        )
    return InvalidSource(
        "credential_needed",
        f"The API key of the credential {credential!r} may not read the library {library}.",
        f"Its owner permits that at {_KEYS}; or name another credential.",
    )
