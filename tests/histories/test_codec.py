"""What Temporal is given where a key is set, and what it is given where none is."""

from __future__ import annotations

import secrets

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import ActivitySerializationContext
from temporalio.exceptions import ApplicationError

from longshore.histories.codec import ENCODING, data_converter
from longshore.histories.keyring import KEY_BYTES, HistoryUnreadable, Keyring

KEY = secrets.token_bytes(KEY_BYTES)
PLAIN, ENCRYPTED = data_converter(Keyring()), data_converter(Keyring({"k1": KEY}))


def failed() -> ApplicationError:
    try:
        try:
            raise ValueError("the hold of the Meridian")
        except ValueError as error:
            raise ApplicationError("cannot be unloaded", {"ship": "Meridian"}, type="Reef") from error
    except ApplicationError as error:
        return error


async def test_values_come_back_as_they_went() -> None:
    values = ["Meridian", {"title": "On tides"}, None, 7]

    payloads = await ENCRYPTED.encode(values)

    assert {payload.metadata["encoding"] for payload in payloads} == {ENCODING}
    assert not any(b"Meridian" in payload.SerializeToString() for payload in payloads)
    assert await ENCRYPTED.decode(payloads) == values


async def test_messages_and_traces_of_failures_are_encrypted_too() -> None:
    failure = Failure()
    await ENCRYPTED.encode_failure(failed(), failure)

    raw = failure.SerializeToString()
    assert b"Reef" in raw, "the type is what retries go by"
    assert not any(word in raw for word in (b"Meridian", b"unloaded", b"test_codec"))
    error = await ENCRYPTED.decode_failure(failure)
    assert isinstance(error, ApplicationError)
    assert (error.message, error.details) == ("cannot be unloaded", ({"ship": "Meridian"},))
    assert "Meridian" in str(error.__cause__)


async def test_what_was_written_before_there_was_a_key_stays_readable() -> None:
    payloads = await PLAIN.encode(["Meridian"])

    assert b"Meridian" in payloads[0].data
    assert await ENCRYPTED.decode(payloads) == ["Meridian"]


async def test_without_the_key_it_is_an_error_that_names_it() -> None:
    payloads = await ENCRYPTED.encode(["Meridian"])

    with pytest.raises(HistoryUnreadable, match="the key k1, which this process was not given"):
        await PLAIN.decode(payloads)


async def test_a_heartbeat_that_cannot_be_read_ends_no_activity_and_arguments_do() -> None:
    """As the SDK decodes them: arguments with their types, heartbeats without."""
    context = ActivitySerializationContext(
        namespace="default",
        activity_id="1",
        activity_type="parse_batch",
        activity_task_queue="parse",
        workflow_id="import/docks/zotero.shelf",
        workflow_type="ImportWorkflow",
        is_local=False,
    )
    payloads = await ENCRYPTED.encode([{"done": 3}])
    activity = PLAIN.with_context(context)

    assert await activity.decode(payloads) == []
    with pytest.raises(HistoryUnreadable):
        await activity.decode(payloads, [dict])
    assert await ENCRYPTED.with_context(context).decode(payloads) == [{"done": 3}]
