"""An import as bytes, and the tag that tells whether it has changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from api.imports.schemas import Import

_TAG_DIGITS = 20


@dataclass(frozen=True)
class Representation:
    view: Import

    @cached_property
    def body(self) -> bytes:
        return self.view.model_dump_json().encode()

    @cached_property
    def tag(self) -> str:
        """The same on every server and after every restart. When a worker answered last is no change of the import."""
        same = self.view.model_copy(update={"worker_seen_at": None}) if self.view.live else self.view
        return hashlib.sha256(same.model_dump_json().encode()).hexdigest()[:_TAG_DIGITS]
