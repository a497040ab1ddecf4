"""Byte strings put aside: in memory while they are few, in a temporary file when they are many."""

from __future__ import annotations

import tempfile
import weakref

_IN_MEMORY = 4 << 20

Place = tuple[int, int]


class Spool:
    """Lives as long as its owner; its file has no name and needs no tidying."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def put(self, data: bytes) -> Place:
        place = (self._file.seek(0, 2), len(data))
        self._file.write(data)
        return place

    def get(self, place: Place) -> bytes:
        start, size = place
        self._file.seek(start)
        return self._file.read(size)
