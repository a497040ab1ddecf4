"""Imports whose histories are encrypted: nobody reads them in Temporal, keys are changed while they run, and a worker
with the wrong key harms nothing."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from longshore.blobs import BlobStore
from longshore.histories.codec import data_converter
from longshore.histories.keyring import HistoryUnreadable, Keyring
from longshore.settings import Settings
from tests.integration.conftest import Engines
from tests.integration.library import write_library
from tests.integration.voyage import PROJECT, Handle, Voyage
from workflows.contracts import Submission
from workflows.imports import ImportWorkflow

ITEMS = 12


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return write_library(tmp_path / "export", ITEMS)


def key_file(folder: Path, name: str) -> str:
    """A reference to a new key."""
    place = folder / name
    place.write_text(base64.b64encode(secrets.token_bytes(32)).decode())
    place.chmod(0o600)
    return f"file:{place}"


async def client_with(engines: Engines, keys: str) -> Client:
    keyring = Keyring.of(Settings(history_keys=keys))
    return await Client.connect(engines.temporal.address, data_converter=data_converter(keyring))


async def kept_of(engines: Engines, handle: Handle) -> bytes:
    """Everything that Temporal keeps of a workflow, as its own clients get it."""
    raw = await Client.connect(engines.temporal.address, data_converter=pydantic_data_converter)
    bare = raw.get_workflow_handle(handle.id)
    described = (await bare.describe()).raw_description.SerializeToString()
    history = await bare.fetch_history()
    return b"\n".join([described, *(event.SerializeToString() for event in history.events)])


async def with_damaged_rdf(voyage: Voyage, library: Path, name: str) -> Submission:
    """A submission whose import fails with a message that names its file."""
    blobs = BlobStore(str(voyage.folder / "blobs"))
    rdf = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><cut off"
    line = {"path": name, "sha256": await blobs.put_bytes(PROJECT, rdf), "size": len(rdf)}
    manifest = await blobs.put_bytes(PROJECT, json.dumps(line).encode())
    return (await voyage.hand_over(library, "damaged")).model_copy(update={"manifest": manifest})


def refused(voyage: Voyage, keys: str) -> str:
    """Why a worker with these keys does not start."""
    voyage.settings["LONGSHORE_HISTORY_KEYS"] = keys
    assert voyage.start_worker().wait(30) == 1
    return (voyage.folder / f"worker-{len(voyage.workers) - 1}.log").read_text()


async def test_an_import_is_encrypted_outlives_a_rotation_and_waits_for_the_right_key(
    engines: Engines, make_voyage: Callable[[], Awaitable[Voyage]], library: Path, tmp_path: Path
) -> None:
    voyage = await make_voyage()
    old, new, other = (key_file(tmp_path, name) for name in ("old", "new", "other"))
    voyage.client = await client_with(engines, f"k1={old}")
    submission = (await voyage.hand_over(library, "shelf")).model_copy(update={"name": "The Meridian papers"})
    handle = await voyage.begin(submission)

    for keys, code in (("", "history_key_missing"), (f"k1={other}", "history_damaged")):
        said = refused(voyage, keys)
        assert code in said
        assert handle.id in said
    voyage.settings["LONGSHORE_HISTORY_KEYS"] = f"k2={new},k1={old}"
    voyage.start_worker()
    voyage.client = await client_with(engines, f"k2={new},k1={old}")
    record = await voyage.finish(voyage.client.get_workflow_handle_for(ImportWorkflow.run, handle.id))
    failing = await voyage.begin(await with_damaged_rdf(voyage, library, "library.rdf"))
    failed = await voyage.finish(failing)

    assert (record.state, record.items.added, failed.state) == ("succeeded", ITEMS, "failed")
    assert failed.reason
    assert "is damaged or cut off" in failed.reason.message
    kept, kept_of_failure = await kept_of(engines, handle), await kept_of(engines, failing)
    for secret in ("Meridian", submission.manifest, "damaged or cut off", "/activities/"):
        assert secret.encode() not in kept + kept_of_failure, secret
    assert b"k1" in kept
    assert b"k2" in kept
    assert b"Encoded failure" in kept_of_failure

    memo = await (await voyage.client.get_workflow_handle(handle.id).describe()).memo()
    assert (memo["submission"]["name"], memo["snapshot"]["fraction"]) == ("The Meridian papers", 1.0)
    without_old = await client_with(engines, f"k2={new}")
    with pytest.raises(HistoryUnreadable, match="the key k1"):
        await (await without_old.get_workflow_handle(handle.id).describe()).memo()
