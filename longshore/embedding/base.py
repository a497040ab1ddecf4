"""What an embedder is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Purpose = Literal["document", "query"]
"""Some models have another vector for a question than for a text that answers it."""


class Embedder(Protocol):
    """Turns texts into vectors. A vector depends on its text alone, never on the batch it came in."""

    @property
    def model(self) -> str:
        """Names weights and version; vectors of different models are never compared."""
        ...

    @property
    def dimensions(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions); a row of zeros for a text without a known token."""
        ...


@dataclass(frozen=True)
class Note:
    """That a vector does not stand for the whole of its text."""

    place: int
    """Of the text among those that were asked for."""
    code: Literal["text_cut"]
    tokens: int
    """Estimated, of what was embedded."""
    of_tokens: int


@dataclass(frozen=True)
class Embedded:
    """What one request brought."""

    places: tuple[int, ...]
    """Of the texts among those that were asked for, one for each row."""
    vectors: NDArray[np.float32]
    """Unit vectors, shape (len(places), dimensions)."""
    tokens: int
    """On the bill; estimated where the provider does not say."""
    notes: tuple[Note, ...] = ()


class AsyncEmbedder(Protocol):
    """An embedder that asks somebody else, who may refuse, and does not answer everything at once."""

    @property
    def model(self) -> str:
        """Names weights, version and dimensions: what the vectors are stored under."""
        ...

    @property
    def dimensions(self) -> int: ...

    def requests(self, texts: Sequence[str]) -> list[range]:
        """The places of the texts that each request begins with. Depends on texts and settings alone."""
        ...

    def answers(self, texts: Sequence[str], purpose: Purpose = "document") -> AsyncGenerator[Embedded, None]:
        """The vectors request by request, each to be kept before the next is asked for."""
        ...

    async def embed(self, texts: Sequence[str], purpose: Purpose = "document") -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimensions); a row of zeros for a text of white space."""
        ...
