"""How an item of an import ended, with the fate of each of its files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from longshore.codes import CODES
from longshore.graph.parts import PartRef
from longshore.parsing.model import SKIPPED_CODES
from longshore.sources.model import Attachment, Item


class PartState(NamedTuple):
    """Why a part has no text; both are None when it has."""

    code: str | None
    detail: str | None


@dataclass(frozen=True)
class AttachmentOutcome:
    path: str
    title: str
    state: Literal["read", "missing", "skipped", "failed"]
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class ItemOutcome:
    state: Literal["done", "skipped", "failed"]
    code: str | None
    detail: str | None
    attachments: tuple[AttachmentOutcome, ...]

    def attachments_json(self) -> str:
        return json.dumps([asdict(attachment) for attachment in self.attachments])


def settle(item: Item, parts: Sequence[PartRef], states: Mapping[UUID, PartState]) -> ItemOutcome:
    """An entry or note is done whatever became of its files; a loose file stands or falls with its text."""
    if item.refusal:
        return ItemOutcome(item.refusal.state, item.refusal.code, item.refusal.detail, ())
    by_content = {part.sha256: states[part.part_id] for part in parts if part.kind == "attachment"}
    attachments = tuple(
        _attachment_outcome(attachment, by_content) for attachment in item.attachments if attachment.path
    )
    if item.kind != "attachment":
        return ItemOutcome("done", None, None, (*attachments, *_inline_failures(parts, states)))
    lost = next((outcome for outcome in attachments if outcome.state != "read"), None)
    if not attachments:
        return ItemOutcome("skipped", "no_file", "The source names a link without a file.", attachments)
    if lost is None:
        return ItemOutcome("done", None, None, attachments)
    return ItemOutcome("failed" if lost.state == "failed" else "skipped", lost.code, lost.detail, attachments)


def _inline_failures(parts: Sequence[PartRef], states: Mapping[UUID, PartState]) -> Iterator[AttachmentOutcome]:
    for part in parts:
        code, detail = states[part.part_id]
        if part.kind != "attachment" and code and code not in SKIPPED_CODES:
            yield AttachmentOutcome("", part.label, "failed", code, detail)


def _attachment_outcome(attachment: Attachment, by_content: Mapping[str, PartState]) -> AttachmentOutcome:
    path, title = attachment.path or "", attachment.title
    if not attachment.sha256:
        missing = attachment.missing or "missing_file"
        return AttachmentOutcome(path, title, "missing", missing, CODES[missing].text)
    code, detail = by_content[attachment.sha256]
    if code is None:
        return AttachmentOutcome(path, title, "read")
    return AttachmentOutcome(path, title, "skipped" if code in SKIPPED_CODES else "failed", code, detail)
