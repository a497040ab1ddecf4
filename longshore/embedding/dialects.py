"""How embedding services are asked and how they answer: OpenAI and those like it, Cohere, Voyage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from longshore.embedding.base import Purpose
from longshore.providers.settings import EmbeddingProvider


class Unusable(ValueError):
    """An answer that does not hold what was asked for; says why, without its content."""


class Dialect(Protocol):
    path: str

    def request(self, provider: EmbeddingProvider, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]: ...

    def rows(self, answer: dict[str, Any], count: int) -> list[Any]:
        """The vectors in the order of the texts, not yet looked into.

        Raises:
            Unusable: there are not `count` of them, or their order is not told.
        """
        ...

    def tokens(self, answer: dict[str, Any]) -> int | None:
        """What will be on the bill, if it says so."""
        ...


class OpenAI:
    path = "/embeddings"

    def request(self, provider: EmbeddingProvider, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        body: dict[str, Any] = {"model": provider.model, "input": list(texts), "encoding_format": "float"}
        return {**body, "dimensions": provider.dimensions} if provider.shorten else body

    def rows(self, answer: dict[str, Any], count: int) -> list[Any]:
        return _by_index(answer, count)

    def tokens(self, answer: dict[str, Any]) -> int | None:
        return _count(answer, "usage", "prompt_tokens") or _count(answer, "usage", "total_tokens")


class Voyage:
    path = "/embeddings"

    def request(self, provider: EmbeddingProvider, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        # Not truncated by the provider: what is left out of a vector has to be known here.
        body: dict[str, Any] = {
            "model": provider.model,
            "input": list(texts),
            "input_type": purpose,
            "truncation": False,
        }
        return {**body, "output_dimension": provider.dimensions} if provider.shorten else body

    def rows(self, answer: dict[str, Any], count: int) -> list[Any]:
        return _by_index(answer, count)

    def tokens(self, answer: dict[str, Any]) -> int | None:
        return _count(answer, "usage", "total_tokens")


class Cohere:
    """Version 2."""

    path = "/embed"

    def request(self, provider: EmbeddingProvider, texts: Sequence[str], purpose: Purpose) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": provider.model,
            "texts": list(texts),
            "input_type": f"search_{purpose}",
            "embedding_types": ["float"],
            "truncate": "NONE",
        }
        return {**body, "output_dimension": provider.dimensions} if provider.shorten else body

    def rows(self, answer: dict[str, Any], count: int) -> list[Any]:
        vectors = answer.get("embeddings")
        rows = vectors.get("float") if isinstance(vectors, dict) else None
        return _of_length(rows, count)

    def tokens(self, answer: dict[str, Any]) -> int | None:
        meta = answer.get("meta")
        return _count(meta, "billed_units", "input_tokens") if isinstance(meta, dict) else None


DIALECTS: dict[str, Dialect] = {"openai": OpenAI(), "azure": OpenAI(), "cohere": Cohere(), "voyage": Voyage()}


def _by_index(answer: dict[str, Any], count: int) -> list[Any]:
    """OpenAI's list of objects that name the text they belong to: it may come in any order."""
    entries = _of_length(answer.get("data"), count)
    placed: dict[int, Any] = {}
    for entry in entries:
        index = entry.get("index") if isinstance(entry, dict) else None
        if type(index) is not int or not 0 <= index < count or index in placed:
            raise Unusable("its vectors do not name one text each.")
        placed[index] = entry.get("embedding")
    return [placed[index] for index in range(count)]


def _of_length(rows: object, count: int) -> list[Any]:
    if not isinstance(rows, list):
        raise Unusable("it has no vectors.")
    if len(rows) != count:
        raise Unusable(f"it has {len(rows)} vectors for {count} texts.")
    return rows


def _count(answer: dict[str, Any], group: str, name: str) -> int | None:
    found = answer.get(group)
    number = found.get(name) if isinstance(found, dict) else None
    return int(number) if isinstance(number, (int, float)) and 0 <= number < 1e12 else None
