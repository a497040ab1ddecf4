"""Looking after what nobody else looks after any more."""

from __future__ import annotations

from temporalio import activity

from workflows.contracts.message import Message


class Watch(Message):
    """To look after imports that were ended from outside, for so long."""

    seconds: float


class Collect(Message):
    """To delete the files that nothing needs any more."""


class Collected(Message):
    """What became of the files in the store; `bytes` are those of the deleted ones, `rows` what was made of them."""

    files: int = 0
    set_aside: int = 0
    deleted: int = 0
    bytes: int = 0
    rows: int = 0


@activity.defn
async def settle_imports(watch: Watch) -> int: ...


@activity.defn
async def collect_blobs(request: Collect) -> Collected: ...
