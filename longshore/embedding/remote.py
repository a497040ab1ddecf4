"""Embeds texts by asking a provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from types import TracebackType

import numpy as np
import structlog
from numpy.typing import NDArray

from longshore.embedding.base import Embedded, Note, Purpose
from longshore.embedding.batching import batches
from longshore.embedding.dialects import DIALECTS, Unusable
from longshore.embedding.vectors import unit_vectors
from longshore.providers.client import ProviderClient
from longshore.providers.refusals import ProviderRefusal
from longshore.providers.settings import EmbeddingProvider
from longshore.providers.tokens import cut_to_tokens, estimated_tokens

_log = structlog.get_logger(__name__)

SHORTEST_CUT = 16
"""Tokens; a provider that finds this too large is not asked for less."""
# A number in JSON takes at most some 25 bytes, and an indented one stands on a line of its own.
_BYTES_PER_NUMBER = 40
_BYTES_AROUND = 65_536


class RemoteEmbedder:
    """An `AsyncEmbedder` that asks one provider."""

    def __init__(self, provider: EmbeddingProvider) -> None:
        self.provider = provider
        self._client = ProviderClient(provider)
        self._dialect = DIALECTS[provider.kind]

    @property
    def model(self) -> str:
        """What its vectors are stored under."""
        return self.provider.key

    @property
    def dimensions(self) -> int:
        return self.provider.dimensions

    async def close(self) -> None:
        await self._client.close()

    async def __aenter__(self) -> RemoteEmbedder:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def requests(self, texts: Sequence[str]) -> list[range]:
        """The places of the texts that each request of `embed` begins with. Depends on texts and settings alone."""
        limits = self.provider.limits
        budgets = [budget for budget in (limits.tokens_per_minute, limits.tokens_per_day) if budget is not None]
        most_tokens = min([self.provider.max_tokens, *budgets])
        return batches([self.tokens(text) for text in texts], self.provider.items, most_tokens)

    def tokens(self, text: str) -> int:
        """Estimated, of what is sent of a text."""
        return min(estimated_tokens(text), self.provider.max_text_tokens)

    async def embed(self, texts: Sequence[str], purpose: Purpose = "document") -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions); a row of zeros for a text of white space.

        Raises:
            ProviderRefusal: the provider refused; what it had answered before is lost. `answers` keeps it.
        """
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        async for embedded in self.answers(texts, purpose):
            vectors[list(embedded.places)] = embedded.vectors
        return vectors

    async def answers(self, texts: Sequence[str], purpose: Purpose = "document") -> AsyncGenerator[Embedded, None]:
        """The vectors request by request, each to be kept before the next is asked for, so that none is paid for twice.

        A text of white space is in none of them. A text of more than `max_text_tokens` is cut to them. A request that
        the provider finds too large is halved until one text is left, and this is cut in half until it is taken; each
        cut is noted.

        Raises:
            ProviderRefusal: whatever went wrong; `too_large` only when the smallest piece of one text is too large.
        """
        for batch in self.requests(texts):
            pieces = [self._piece(place, texts[place]) for place in batch if texts[place].strip()]
            # A stack: the front half of what is too large is next.
            waiting = [pieces] if pieces else []
            while waiting:
                asked = waiting.pop()
                try:
                    embedded = await self._request(asked, purpose)
                except ProviderRefusal as refused:
                    if refused.reason != "too_large":
                        raise
                    waiting += _smaller(asked, refused)
                else:
                    yield embedded

    async def ask(
        self, texts: Sequence[str], purpose: Purpose = "document", most_tokens: int | None = None
    ) -> Embedded:
        """One request and no more. A text of white space is not sent and is not in the answer.

        Args:
            most_tokens: Each text is cut to so many, if they are fewer than `max_text_tokens`.

        Raises:
            ProviderRefusal: whatever went wrong; what is `too_large` may be asked for in smaller requests.
        """
        most = min(most_tokens or self.provider.max_text_tokens, self.provider.max_text_tokens)
        pieces = [_Piece(place, text, text).cut(most) for place, text in enumerate(texts) if text.strip()]
        if not pieces:
            return Embedded((), np.zeros((0, self.dimensions), dtype=np.float32), 0)
        return await self._request(pieces, purpose)

    def _piece(self, place: int, text: str) -> _Piece:
        return _Piece(place, text, text).cut(self.provider.max_text_tokens)

    async def _request(self, asked: Sequence[_Piece], purpose: Purpose) -> Embedded:
        provider = self.provider
        most_bytes = len(asked) * provider.dimensions * _BYTES_PER_NUMBER + _BYTES_AROUND
        if provider.kind == "cohere":  # which repeats the texts
            most_bytes += sum(len(piece.text) for piece in asked) * 12
        body = self._dialect.request(provider, [piece.text for piece in asked], purpose)
        try:
            answer = await self._client.post(self._dialect.path, body, most_bytes)
        except ProviderRefusal as refused:
            if refused.reason == "too_large":
                tokens = sum(piece.tokens for piece in asked)
                _log.warning("request_too_large", provider=refused.provider, texts=len(asked), tokens=tokens)
            raise
        try:
            vectors = unit_vectors(self._dialect.rows(answer.body, len(asked)), provider.dimensions)
        except Unusable as error:
            raise ProviderRefusal("bad_answer", provider.name, str(error)) from None
        counted = self._dialect.tokens(answer.body)
        return Embedded(
            places=tuple(piece.place for piece in asked),
            vectors=vectors,
            tokens=sum(piece.tokens for piece in asked) if counted is None else counted,
            notes=tuple(note for piece in asked if (note := piece.note)),
        )


@dataclass(frozen=True)
class _Piece:
    """What is sent of a text."""

    place: int
    text: str
    whole: str

    @property
    def tokens(self) -> int:
        return estimated_tokens(self.text)

    @property
    def note(self) -> Note | None:
        if self.text == self.whole:
            return None
        return Note(self.place, "text_cut", self.tokens, estimated_tokens(self.whole))

    def cut(self, tokens: int) -> _Piece:
        return _Piece(self.place, cut_to_tokens(self.text, tokens), self.whole)


def _smaller(asked: Sequence[_Piece], refused: ProviderRefusal) -> list[list[_Piece]]:
    """What to ask instead, last first."""
    if len(asked) > 1:
        middle = len(asked) // 2
        return [list(asked[middle:]), list(asked[:middle])]
    if asked[0].tokens <= SHORTEST_CUT:
        raise refused
    return [[asked[0].cut(max(asked[0].tokens // 2, SHORTEST_CUT))]]
