"""The codec that every client of Temporal in this program speaks through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
)

from longshore.histories.keyring import HistoryUnreadable, Keyring, Sealed

ENCODING = b"binary/encrypted"
"""As Temporal's own samples call it, whose tools then know it for what it is."""
_KEY_ID = "encryption-key-id"


class HistoryCodec(PayloadCodec):
    """Encrypts each payload whole where there is a key; what is not encrypted passes, so that keys can be introduced
    while imports run.

    A payload is not bound to its workflow: Temporal's UI asks for single payloads without saying whose they are, and a
    failure is handed on from one workflow to another as it is.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypted(payload) for payload in payloads] if self._keyring else list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises:
        HistoryUnreadable: one of them cannot be read with the keys at hand.
        """
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        sealed = self._keyring.seal(payload.SerializeToString())
        return Payload(metadata={"encoding": ENCODING, _KEY_ID: sealed.key_id.encode()}, data=sealed.content)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata.get(_KEY_ID, b"").decode("utf-8", errors="replace")
        return Payload.FromString(self._keyring.open(Sealed(key_id, payload.data)))


@dataclass(frozen=True)
class _Converter(DataConverter):
    """The SDK ends an activity for good whose last heartbeat cannot be read, although it could be done without: an
    attempt by a worker that lacks the newest key then begins as if there had been none."""

    of_activity: bool = False

    def with_context(self, context: SerializationContext) -> _Converter:
        of_activity = isinstance(context, ActivitySerializationContext)
        fitting = self if of_activity == self.of_activity else replace(self, of_activity=of_activity)
        return super(_Converter, fitting).with_context(context)

    async def decode(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        try:
            return await super().decode(payloads, type_hints)
        except HistoryUnreadable:
            if self.of_activity and type_hints is None:  # arguments have types, which heartbeats have not
                return []
            raise


def data_converter(keyring: Keyring) -> DataConverter:
    """How values become payloads. Without a key they can be read in Temporal; what another process has encrypted is
    then an error that says so."""
    codec = HistoryCodec(keyring)
    if not keyring:
        return _Converter(PydanticPayloadConverter, codec)
    # Messages and stack traces stand beside the payloads otherwise, where no codec sees them.
    return _Converter(PydanticPayloadConverter, codec, DefaultFailureConverterWithEncodedAttributes)
