"""Which refusal an HTTP answer is.

Statuses alone do not say it: the same 429 stands for "in a second" and for "never, the account is empty". Providers
tell them apart by a code in the body, and where there is none, by a sentence. Only sentences that were seen in their
answers are matched, narrowly, for they also name billing pages in answers that are about the rate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from longshore.providers.refusals import PASSING, ProviderRefusal, RefusalCode
from longshore.providers.waiting import retry_after_s

DETAIL_CHARACTERS = 300
ECHO_LETTERS = 30
"""A message that has so much in common with what was sent is not quoted: it may hold a document's text."""

# Codes and types in lower case, of OpenAI, Azure, Groq, Anthropic, Voyage and llama.cpp.
_QUOTA = {"insufficient_quota", "billing_hard_limit_reached", "quota_exceeded", "quotaexceeded"}
_PAYMENT = {"billing_not_active", "billing_error", "insufficient_balance", "payment_required"}
_MODEL = {"model_not_found", "deploymentnotfound", "model_decommissioned", "not_found_error", "modelnotfound"}
_LARGE = {
    "array_above_max_length",
    "context_length_exceeded",
    "exceed_context_size_error",
    "max_tokens_per_request",
    "request_too_large",
    "string_above_max_length",
    "too_many_tokens_in_batch",
}
_QUOTA_SAID = re.compile(
    r"(?:calls|requests|tokens) ?(?:/|per) ?month|monthly (?:quota|limit|usage)|specified api usage limits"
    r"|out of call volume quota",
    re.I,
)
_BETWEEN = re.compile(r"\\[nrtbf]|[\W_]")
_PAYMENT_SAID = re.compile(r"credit balance is too low|insufficient balance", re.I)
_LARGE_SAID = re.compile(
    r"maximum context length|context (?:length|size|window)|tokens per (?:request|submitted batch)|too many tokens"
    r"|too (?:large|long)\b|must have less than \d+ (?:tokens|characters)|batch size|number of texts must be at most"
    r"|maximum (?:allowed )?batch",
    re.I,
)
# A 429 for one request that is more than a minute's whole allowance: waiting never helps.
_LARGE_FOR_ITS_MINUTE = re.compile(r"request too large|tokens must be reduced", re.I)


@dataclass(frozen=True)
class _Told:
    """What an error's body says."""

    codes: frozenset[str]
    message: str


def refusal(
    provider: str, status: int, headers: Mapping[str, str], body: bytes, sent: str = "", secret: str = ""
) -> ProviderRefusal:
    """What an answer other than 2xx means.

    Args:
        headers: Names in lower case, or of a mapping that does not tell cases apart.
        sent: The body of the request, no part of which is repeated in the error.
        secret: The key, which is not repeated either.
    """
    told = _told(body)
    code = _code(status, told)
    is_limit = code in ("rate_limited", "quota_exhausted")
    wait = retry_after_s(headers, resets=is_limit) if is_limit or code in PASSING else None
    message = told.message.replace(secret, "…") if secret else told.message
    return ProviderRefusal(code, provider, _detail(code, status, message, sent), retry_after=wait, status=status)


def error_within(answer: Mapping[str, Any]) -> int | None:
    """The status of an error that came as if all were well, as from gateways that had answered before they failed."""
    error = answer.get("error")
    if not error:
        return None
    status = error.get("code") if isinstance(error, dict) else None
    return status if type(status) is int and 400 <= status < 600 else 502


def _code(status: int, told: _Told) -> RefusalCode:
    if told.codes & _PAYMENT or status == 402 or (status in (400, 403, 429) and _PAYMENT_SAID.search(told.message)):
        return "payment_required"
    if told.codes & _QUOTA or (status in (400, 403, 429) and _QUOTA_SAID.search(told.message)):
        return "quota_exhausted"
    if told.codes & _MODEL:
        return "model_not_found"
    if _is_too_large(status, told):
        return "too_large"
    return _BY_STATUS.get(status) or ("unavailable" if status >= 500 else "bad_request")


_BY_STATUS: dict[int, RefusalCode] = {
    401: "unauthorised",
    403: "forbidden",
    404: "model_not_found",
    408: "timeout",
    409: "unavailable",
    424: "unavailable",  # text-embeddings-inference: its backend failed
    425: "unavailable",
    429: "rate_limited",
    499: "unavailable",
    504: "timeout",
}


def _is_too_large(status: int, told: _Told) -> bool:
    if status == 429:
        return bool(_LARGE_FOR_ITS_MINUTE.search(told.message))
    # Ollama and llama.cpp answer 500 to a text that is too long.
    said = status in (400, 422, 500) and bool(_LARGE_SAID.search(told.message))
    return status == 413 or bool(told.codes & _LARGE) or said


def _told(body: bytes) -> _Told:
    """Codes and message, of `{"error": {…}}`, `{"error": "…"}`, `{"message": …}`, `{"detail": …}` or a list of them."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return _Told(frozenset(), "")
    if isinstance(told, list) and told:
        told = told[0]
    layers = [told, told.get("error")] if isinstance(told, dict) else []
    dicts = [layer for layer in layers if isinstance(layer, dict)]
    codes = [layer.get(name) for layer in dicts for name in ("code", "type", "error_type", "error_code")]
    messages = [layer.get(name) for layer in reversed(dicts) for name in ("message", "detail", "error")]
    return _Told(
        frozenset(code.lower() for code in codes if isinstance(code, str)),
        next((message for message in messages if isinstance(message, str)), ""),
    )


def _detail(code: RefusalCode, status: int, message: str, sent: str) -> str:
    """Status and the provider's own words, if they are fit to be shown."""
    words = " ".join("".join(c if c.isprintable() else " " for c in message).split())[:DETAIL_CHARACTERS]
    # What is said of a key may quote it.
    if not words or code in ("unauthorised", "forbidden") or _echoes(words, sent):
        return f"HTTP {status}."
    return f"HTTP {status}, {words}"


def _echoes(words: str, sent: str) -> bool:
    """Whether so many letters in a row are the same, whatever stands between them: JSON has escaped it."""
    theirs, ours = _BETWEEN.sub("", words), _BETWEEN.sub("", sent)
    return any(theirs[at : at + ECHO_LETTERS] in ours for at in range(len(theirs) - ECHO_LETTERS + 1))
