"""What the answers of real providers mean. The bodies are as they send them, with names and numbers made up."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.providers.classifying import refusal
from longshore.providers.refusals import FOR_OPERATOR, PASSING, SENTENCES, RefusalCode


def openai(message: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


@pytest.mark.parametrize(
    ("provider", "status", "body", "code"),
    [
        ("openai: rate", 429, openai("Rate limit reached for requests", "rate_limit_exceeded"), "rate_limited"),
        (
            "openai: quota",
            429,
            openai(
                "You exceeded your current quota, please check your plan.", "insufficient_quota", "insufficient_quota"
            ),
            "quota_exhausted",
        ),
        ("openai: billing", 429, openai("Your account is not active.", "billing_not_active"), "payment_required"),
        ("openai: key", 401, openai("Incorrect API key provided: abc.", "invalid_api_key"), "unauthorised"),
        ("openai: country", 403, openai("Not supported.", "unsupported_country_region_territory"), "forbidden"),
        ("openai: model", 404, openai("The model `x` does not exist", "model_not_found"), "model_not_found"),
        ("openai: model of others", 403, openai("Project has no access.", "model_not_found"), "model_not_found"),
        (
            "openai: one text",
            400,
            openai("This model's maximum context length is 8192 tokens, however you requested 9001 tokens."),
            "too_large",
        ),
        (
            "openai: all texts",
            400,
            openai("Requested 331268 tokens, max 300000 tokens per request", "max_tokens_per_request"),
            "too_large",
        ),
        ("openai: items", 400, openai("Invalid 'input': array too long.", "array_above_max_length"), "too_large"),
        (
            "openai: more than a minute holds",
            429,
            openai("Request too large for m on tokens per min (TPM): Limit 30000, Requested 342389.", None, "tokens"),
            "too_large",
        ),
        ("openai: parameter", 400, openai("Unsupported parameter: 'max_tokens'"), "bad_request"),
        ("openai: server", 500, openai("The server had an error", None, "server_error"), "unavailable"),
        ("openai: overloaded", 503, openai("Slow down"), "unavailable"),
        (
            "groq: rate, with an address for upgrades",
            429,
            openai(
                "Rate limit reached on tokens per minute (TPM): Limit 6000, Used 5034, Requested 1443. Try again in "
                "4.77s. Need more tokens? Upgrade at https://console.example.com/settings/billing",
                "rate_limit_exceeded",
                "tokens",
            ),
            "rate_limited",
        ),
        (
            "groq: day",
            429,
            openai("Rate limit reached on tokens per day (TPD): Limit 500000.", "rate_limit_exceeded", "tokens"),
            "rate_limited",
        ),
        (
            "groq: too large",
            413,
            openai("Request too large for model `m`: Limit 6000, Requested 12328", "rate_limit_exceeded", "tokens"),
            "too_large",
        ),
        ("groq: retired model", 400, openai("It was decommissioned.", "model_decommissioned"), "model_not_found"),
        (
            "anthropic: rate",
            429,
            {"type": "error", "error": {"type": "rate_limit_error", "message": "This request would exceed your limit"}},
            "rate_limited",
        ),
        (
            "anthropic: overloaded",
            529,
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            "unavailable",
        ),
        (
            "anthropic: credit",
            400,
            {
                "error": {
                    "type": "invalid_request_error",
                    "message": "Your credit balance is too low to access the API.",
                }
            },
            "payment_required",
        ),
        (
            "anthropic: own cap",
            400,
            {
                "error": {
                    "type": "invalid_request_error",
                    "message": "You have reached your specified API usage limits.",
                }
            },
            "quota_exhausted",
        ),
        ("anthropic: model", 404, {"error": {"type": "not_found_error", "message": "model: x"}}, "model_not_found"),
        ("anthropic: size", 413, {"error": {"type": "request_too_large", "message": "Too big"}}, "too_large"),
        (
            "azure: rate",
            429,
            {
                "error": {
                    "code": "429",
                    "message": "Requests have exceeded token rate limit. Please retry after 6 seconds.",
                }
            },
            "rate_limited",
        ),
        ("azure: quota", 429, {"error": {"code": "insufficient_quota", "message": "No quota"}}, "quota_exhausted"),
        (
            "azure: gateway",
            403,
            {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 12:34:56."},
            "quota_exhausted",
        ),
        ("azure: deployment", 404, {"error": {"code": "DeploymentNotFound", "message": "No"}}, "model_not_found"),
        ("azure: key", 401, {"error": {"code": "401", "message": "Access denied due to invalid key."}}, "unauthorised"),
        (
            "cohere: minute",
            429,
            {"message": "You are using a Trial key, which is limited to 40 API calls / minute."},
            "rate_limited",
        ),
        (
            "cohere: month",
            429,
            {"message": "You are using a Trial key, which is limited to 1000 API calls / month."},
            "quota_exhausted",
        ),
        ("an advertisement", 429, {"message": "Slow down, or upgrade for 20 dollars per month."}, "rate_limited"),
        ("cohere: billing", 402, {"message": "Please add or update your payment method"}, "payment_required"),
        ("cohere: items", 400, {"message": "invalid request: number of texts must be at most 96"}, "too_large"),
        ("cohere: key", 401, {"message": "invalid api token"}, "unauthorised"),
        (
            "voyage: slowed down until it is paid",
            429,
            {"detail": "You have not yet added your payment method and will have reduced rate limits of 3 RPM."},
            "rate_limited",
        ),
        (
            "voyage: batch",
            400,
            {"detail": "The max allowed tokens per submitted batch is 120000. Your batch has 121138 tokens."},
            "too_large",
        ),
        (
            "tei: text",
            413,
            {"error": "`inputs` must have less than 512 tokens", "error_type": "Validation"},
            "too_large",
        ),
        ("tei: busy", 429, {"error": "Model is overloaded", "error_type": "Overloaded"}, "rate_limited"),
        ("ollama: model", 404, openai('model "x" not found, try pulling it first'), "model_not_found"),
        ("ollama: text", 500, {"error": "the input length exceeds the context length"}, "too_large"),
        ("llama.cpp: text", 500, openai("input (600 tokens) is too large to process."), "too_large"),
        (
            "vllm: text",
            400,
            {
                "object": "error",
                "message": "This model's maximum context length is 512 tokens.",
                "type": "BadRequestError",
            },
            "too_large",
        ),
        ("fastapi: form", 422, {"detail": [{"loc": ["body"], "msg": "Field required", "input": "…"}]}, "bad_request"),
        ("a list", 429, [{"error": {"code": 429, "message": "Resource exhausted", "status": "X"}}], "rate_limited"),
        ("a proxy", 502, "<html>Bad Gateway</html>", "unavailable"),
        ("a proxy that gave up", 504, "", "timeout"),
        ("a redirect", 302, "", "bad_request"),
        ("a wrong address", 404, "<html>Not Found</html>", "model_not_found"),
    ],
)
def test_what_a_provider_answers_is_told_apart(provider: str, status: int, body: object, code: RefusalCode) -> None:
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    refused = refusal("some", status, {}, sent)
    assert refused.reason == code
    assert refused.status == status


def test_every_refusal_either_passes_or_waits_for_somebody_or_is_about_one_request() -> None:
    assert not PASSING & FOR_OPERATOR
    assert set(SENTENCES) - PASSING - FOR_OPERATOR == {"too_large", "bad_answer"}


def test_the_wait_is_told_with_rates_quotas_and_outages_only() -> None:
    headers = {"retry-after": "7"}
    assert refusal("some", 429, headers, b"").retry_after == 7
    assert refusal("some", 503, headers, b"").retry_after == 7
    assert refusal("some", 504, headers, b"").retry_after == 7
    assert refusal("some", 401, headers, b"").retry_after is None
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h"}
    assert refusal("some", 429, headers, b"").retry_after == 3600
    assert refusal("some", 503, headers, b"").retry_after is None


def test_it_says_who_refused_why_and_what_to_do() -> None:
    refused = refusal("groq", 429, {}, json.dumps(openai("Rate limit reached.\n\x1b[31mSlow\u202e down")).encode())
    assert str(refused) == (
        "The provider groq asks to be called less often: HTTP 429, Rate limit reached. [31mSlow down"
    )
    assert refused.hint
    assert (refused.passes, refused.for_operator) == (True, False)


def test_what_was_sent_is_not_repeated() -> None:
    text = 'A confidential finding,\nthat "nobody" outside is to read before it is published.'
    sent = json.dumps({"input": [text]}, ensure_ascii=False)
    for quoted in (text, text[10:60]):
        refused = refusal("some", 400, {}, json.dumps({"message": f"Cannot read {quoted}"}).encode(), sent)
        assert "finding" not in str(refused)
        assert "nobody" not in str(refused)
    assert "wrong shape" in str(refusal("some", 400, {}, b'{"message": "wrong shape"}', sent))


def test_neither_is_a_key() -> None:
    for status in (400, 401, 403, 429, 500):
        refused = refusal("some", status, {}, b'{"message": "bad key canary-7 given"}', secret="canary-7")
        assert "canary-7" not in str(refused)


@given(st.integers(300, 599), st.binary())
def test_any_body_is_a_refusal(status: int, body: bytes) -> None:
    assert refusal("some", status, {}, body).reason in SENTENCES


@given(st.recursive(st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)))
def test_any_json_is_a_refusal(body: object) -> None:
    assert refusal("some", 429, {}, json.dumps({"error": body}).encode()).reason in SENTENCES
