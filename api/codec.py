"""What Temporal's Web UI and command ask to show histories that are encrypted: the protocol of its codec servers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Base64Bytes, BaseModel, Field
from temporalio.api.common.v1 import Payload

from api.problems import Problem
from api.security.principals import Caller
from api.services import Door
from longshore.histories.codec import HistoryCodec

router = APIRouter(prefix="/v1/system/codec", tags=["system"])


class CodedPayload(BaseModel):
    """A payload as Temporal writes it in JSON, its bytes in base64."""

    metadata: dict[str, Base64Bytes] = Field(default={}, max_length=100)
    data: Base64Bytes = b""


class CodedPayloads(BaseModel):
    payloads: list[CodedPayload] = Field(default=[], max_length=10_000)
    """`temporal` leaves them out for a question without arguments."""


def _codec(door: Door, caller: Caller) -> HistoryCodec:
    if not door.keyring:
        raise Problem(
            404,
            "histories_not_encrypted",
            "No key for histories is set, so there is nothing to decode.",
            "LONGSHORE_HISTORY_KEYS encrypts them.",
        )
    if caller.projects is not None:
        # A payload does not say which project it belongs to.
        raise Problem(
            403,
            "insufficient_scope",
            "This needs a key that is bound to no project.",
            "Who runs the server makes one with `longshore keys create --scope admin`.",
        )
    return HistoryCodec(door.keyring)


Codec = Annotated[HistoryCodec, Depends(_codec)]


@router.post("/decode", operation_id="decode_history")
async def decode_history(codec: Codec, given: CodedPayloads, response: Response) -> CodedPayloads:
    """Payloads as they were before they were encrypted; one that is not encrypted comes back as it is."""
    response.headers["Cache-Control"] = "no-store"
    return _shown(await codec.decode(_read(given)))


@router.post("/encode", operation_id="encode_history")
async def encode_history(codec: Codec, given: CodedPayloads) -> CodedPayloads:
    """Payloads encrypted, for an input that an operator writes in Temporal's UI or command."""
    return _shown(await codec.encode(_read(given)))


def _read(given: CodedPayloads) -> list[Payload]:
    return [Payload(metadata=payload.metadata, data=payload.data) for payload in given.payloads]


def _shown(payloads: Sequence[Payload]) -> CodedPayloads:
    return CodedPayloads.model_construct(
        payloads=[
            CodedPayload.model_construct(metadata=dict(payload.metadata), data=payload.data) for payload in payloads
        ]
    )
