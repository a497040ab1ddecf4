"""A plan told in full: what would be read, how much text that may be, and what would be left out and why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from longshore.blobs import BlobStore
from longshore.graph import planning, previewing
from longshore.graph.db import Connection
from longshore.graph.previewing import EXAMPLES, PendingFile
from longshore.parsing.sniffing import HEAD_BYTES, Kind, sniff
from workflows.contracts import Embedding, Extraction, ItemCounts, Preview, Sample, Staged, Submission

_AT_ONCE = 32
_CHARACTERS_PER_CHUNK = 900
_CHARACTERS_PER_TOKEN = 4
_INSTRUCTION_TOKENS, _ANSWER_TOKENS = 500, 250
"""Of one question to a language model beside the passage itself, and of its answer."""

_Bulk = Literal["text", "packed", "pages"]
_SHARES: dict[_Bulk, tuple[float, float, float]] = {
    "text": (0.9, 0, 0.9),
    "packed": (0.3, 5_000, 0.12),
    "pages": (0.5, 20_000, 1 / 60),
}
"""Characters of text in a file: its size times the first, and no more than the second and its size times the third.
What is small is nearly all text; what is large is mostly fonts and pictures."""


@dataclass(frozen=True)
class Providers:
    """Whom the import would ask."""

    embedding: Embedding | None
    extraction: Extraction | None

    def cost(self, chunks: int, tokens: int) -> float | None:
        """In the currency of their bills; None where nobody is asked."""
        if not self.embedding and not self.extraction:
            return None
        total = 0.0
        if self.embedding:
            total += tokens * self.embedding.price_per_million
        if self.extraction:
            total += (tokens + chunks * _INSTRUCTION_TOKENS) * self.extraction.price_per_million_in
            total += chunks * _ANSWER_TOKENS * self.extraction.price_per_million_out
        return round(total / 1_000_000, 6)


@dataclass(frozen=True)
class Planned:
    """What a plan has in the store."""

    counts: dict[str, int]
    files: Sequence[PendingFile]
    inline_characters: int
    left_out: list[Sample]
    duplicates: Sequence[str]
    removed: Sequence[str]


async def read(connection: Connection, submission: Submission) -> Planned:
    """The plan that the connection sees."""
    where = (connection, submission.project, submission.import_id)
    return Planned(
        counts=await planning.read_plan(*where),
        files=await previewing.pending_files(*where),
        inline_characters=await previewing.inline_characters(*where),
        left_out=[Sample(**sample) for sample in await previewing.left_out(*where)],
        duplicates=await previewing.titles(*where, "duplicate"),
        removed=await previewing.titles(*where, "removed"),
    )


async def tell(
    blobs: BlobStore, submission: Submission, staged: Staged, providers: Providers, planned: Planned
) -> Preview:
    """A plan with each file looked into as far as it takes to tell what it is."""
    kinds = await _kinds(blobs, submission.project, planned.files)
    read = [(file, kind) for file, kind in zip(planned.files, kinds, strict=True) if kind]
    unread = [file.path for file, kind in zip(planned.files, kinds, strict=True) if kind is None]
    characters = planned.inline_characters + sum(_characters(file.size, kind) for file, kind in read)
    chunks, tokens = -(-characters // _CHARACTERS_PER_CHUNK), characters // _CHARACTERS_PER_TOKEN
    left_out = list(planned.left_out)
    if unread:
        left_out.append(Sample(code="unsupported", count=len(unread), examples=tuple(unread[:EXAMPLES])))
    return Preview(
        revision=staged.revision,
        items=ItemCounts(**{name: planned.counts.get(name, 0) for name in ItemCounts.model_fields}),
        files=len(read),
        bytes=sum(file.size for file, _ in read),
        chunks=chunks,
        tokens=tokens,
        cost=providers.cost(chunks, tokens),
        left_out=tuple(left_out),
        duplicates=tuple(planned.duplicates),
        removed=tuple(planned.removed),
        needs_approval=not submission.options.allow_removals and planning.needs_approval(planned.counts),
    )


async def _kinds(blobs: BlobStore, project: str, files: Sequence[PendingFile]) -> list[Kind | None]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(file: PendingFile) -> Kind | None:
        async with gate:
            head = await blobs.head(project, file.sha256, HEAD_BYTES) if file.size else b""
        return sniff(head, file.media_type, file.path)

    return list(await asyncio.gather(*map(look, files)))


def _characters(size: int, kind: Kind) -> int:
    bulk: _Bulk = "pages" if kind == "pdf" else "packed" if kind == "packed" else "text"
    share, base, further = _SHARES[bulk]
    return int(min(size * share, base + size * further))
