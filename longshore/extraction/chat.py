"""Asks a language model what a passage states."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any

from longshore.extraction.answers import BadAnswer, parse
from longshore.extraction.prompt import PROMPT_VERSION, SCHEMA, messages
from longshore.providers.client import ProviderClient
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.settings import ExtractionProvider
from longshore.providers.tokens import estimated_tokens

PATH = "/chat/completions"
_BYTES_PER_TOKEN = 32
_BYTES_AROUND = 65_536


@dataclass(frozen=True)
class RawAnswer:
    """What the model said, to be stored as it is, once, before anything is made of it with `answers.derive`."""

    content: str
    answered_by: str
    """The model's name in the answer: providers put a dated one for the one that was asked."""
    tokens_in: int
    tokens_out: int
    """On the bill; estimated where the provider does not say."""


class ChatExtractor:
    """Asks one provider, passage by passage. Two answers about one passage may differ: the first is to be kept."""

    prompt_version = PROMPT_VERSION

    def __init__(self, provider: ExtractionProvider) -> None:
        self.provider = provider
        self._client = ProviderClient(provider)

    @property
    def model(self) -> str:
        return self.provider.model

    @property
    def name(self) -> str:
        """Model and prompt: what answers are kept by, besides the passage."""
        return f"{self.model}/{self.prompt_version}"

    async def __aenter__(self) -> ChatExtractor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.close()

    def most_tokens(self, passage: str) -> int:
        """What one request may use up, estimated: providers count the longest answer before they begin."""
        asked = sum(estimated_tokens(message["content"]) for message in messages(passage))
        return asked + self.provider.max_answer_tokens

    async def ask(self, passage: str) -> RawAnswer:
        """One request. The answer is of the form that `answers.derive` reads.

        Raises:
            ProviderRefusal: whatever went wrong; `bad_answer` for one that is not of the form, was cut off or declined.
        """
        provider = self.provider
        body = self._request(passage)
        answer = await self._client.post(PATH, body, provider.max_answer_tokens * _BYTES_PER_TOKEN + _BYTES_AROUND)
        usage = answer.body.get("usage")
        counted = usage if isinstance(usage, dict) else {}
        asked = sum(estimated_tokens(message["content"]) for message in body["messages"])
        tokens_in = _number(counted.get("prompt_tokens"), asked)
        try:
            content = _content(answer.body, provider.max_answer_tokens)
            parse(content)
        except BadAnswer as error:
            tokens_out = _number(counted.get("completion_tokens"), provider.max_answer_tokens)
            raise ProviderRefusal("bad_answer", provider.name, f"{error}.", tokens=(tokens_in, tokens_out)) from None
        return RawAnswer(
            content=content,
            answered_by=str(answer.body.get("model") or provider.model)[:200],
            tokens_in=tokens_in,
            tokens_out=_number(counted.get("completion_tokens"), estimated_tokens(content)),
        )

    def _request(self, passage: str) -> dict[str, Any]:
        provider = self.provider
        body: dict[str, Any] = {
            "model": provider.model,
            "messages": messages(passage),
            provider.answer_limit: provider.max_answer_tokens,
        }
        if provider.temperature != "default":
            body["temperature"] = provider.temperature
        if provider.structured == "json_schema":
            form = {"name": "facts", "strict": True, "schema": SCHEMA}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        elif provider.structured == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body


def _content(answer: dict[str, Any], most_tokens: int) -> str:
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise BadAnswer("it holds no message")
    if choice.get("finish_reason") == "length":
        raise BadAnswer(f"it was cut off after {most_tokens} tokens")
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        raise BadAnswer("the model declined")
    content = message.get("content")
    if not isinstance(content, str) or not content.strip():
        raise BadAnswer("its message is empty")
    return content


def _number(counted: object, estimated: int) -> int:
    return counted if type(counted) is int and 0 <= counted < 10**12 else estimated
