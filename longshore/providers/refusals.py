"""What a provider's refusal means: whether it passes by itself, and what somebody has to do if it does not."""

from __future__ import annotations

from typing import Literal

from longshore.errors import LongshoreError

RefusalCode = Literal[
    "rate_limited",
    "quota_exhausted",
    "unauthorised",
    "forbidden",
    "payment_required",
    "too_large",
    "unavailable",
    "timeout",
    "bad_answer",
    "bad_request",
    "model_not_found",
]
PASSING: frozenset[RefusalCode] = frozenset({"rate_limited", "unavailable", "timeout"})
"""Refusals that end by themselves: the same request may be sent again later."""
FOR_OPERATOR: frozenset[RefusalCode] = frozenset(
    {"quota_exhausted", "unauthorised", "forbidden", "payment_required", "bad_request", "model_not_found"}
)
"""Refusals that every request will meet until somebody changes something. The rest is about one request alone."""

SENTENCES: dict[RefusalCode, tuple[str, str]] = {
    "rate_limited": ("asks to be called less often", "It goes on by itself; a lower rate in its settings helps."),
    "quota_exhausted": ("has used up its quota", "Raise the quota at the provider or wait for its renewal."),
    "unauthorised": ("does not accept the key", "Put a valid key where the provider's setting `secret` points to."),
    "forbidden": ("does not permit this", "See at the provider what the key may do."),
    "payment_required": ("wants to be paid first", "See to the account's balance and billing at the provider."),
    "too_large": ("finds the request too large", "Lower `max_tokens` or `max_items` in its settings."),
    "unavailable": ("is not available", "It goes on by itself when the provider is back."),
    "timeout": ("did not answer in time", "It goes on by itself; `deadline_s` in its settings is the time it has."),
    "bad_answer": ("gave an answer that cannot be used", "If it stays so, check the model and its settings."),
    "bad_request": ("does not understand what it is asked", "Check base_url and the model's settings."),
    "model_not_found": ("has no such model at this address", "Check `model` and `base_url` in its settings."),
}


class ProviderRefusal(LongshoreError):
    """A provider that did not do what it was asked.

    Attributes:
        code: One of `RefusalCode`.
        provider: Its name in the settings.
        retry_after: Seconds for which it wants no further call, where it says so; at most a day.
        status: The HTTP status, where there was an answer.
        tokens: On the bill for an answer that cannot be used, in and out, where the provider says so.
    """

    def __init__(
        self,
        code: RefusalCode,
        provider: str,
        detail: str = "",
        *,
        retry_after: float | None = None,
        status: int | None = None,
        tokens: tuple[int, int] | None = None,
    ) -> None:
        sentence, hint = SENTENCES[code]
        super().__init__(code, f"The provider {provider} {sentence}{f': {detail}' if detail else '.'}", hint)
        self.reason: RefusalCode = code
        self.provider = provider
        self.retry_after = retry_after
        self.status = status
        self.tokens = tokens

    @property
    def passes(self) -> bool:
        return self.reason in PASSING

    @property
    def for_operator(self) -> bool:
        return self.reason in FOR_OPERATOR
