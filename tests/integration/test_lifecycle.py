"""After the import: its receivers are told, it is undone, its project is deleted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from longshore.graph import webhooks
from longshore.graph.db import open_pool
from longshore.secret import installation_key
from longshore.settings import Settings
from tests.integration.library import write_library
from tests.integration.receiver import Receiver
from tests.integration.voyage import PROJECT, Voyage
from workflows.contracts import WORKFLOW_QUEUE, DeleteProject
from workflows.deletion import DeleteProjectWorkflow

ITEMS = 12


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_library(tmp_path / "export", ITEMS)


async def test_life_after_an_import(voyage: Voyage, small: Path, receiver: Receiver) -> None:
    pool = await open_pool(voyage.database_url, max_size=1)
    async with pool.connection() as connection:
        await connection.execute("insert into projects (project) values (%s)", (PROJECT,))
        webhook = await webhooks.add_webhook(connection, PROJECT, receiver.url, ["import.closed"])
    voyage.start_worker()

    first = await voyage.hand_over(small, "shelf")
    imported = await voyage.finish(await voyage.begin(first))
    headers, body = await asyncio.wait_for(receiver.received.get(), 60)
    key = installation_key(Settings(home=voyage.folder))
    secret = base64.b64decode(webhooks.signing_secret(key, PROJECT, webhook.id).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(body)["data"]["items"]["added"] == ITEMS == imported.items.added

    undo = first.model_copy(
        update={"mode": "undo", "undo_of": first.import_id, "import_id": f"{first.source_key}.undo", "digest": "undo"}
    )
    undone = await voyage.finish(await voyage.begin(undo))
    assert (undone.state, undone.items.removed, undone.graph.documents) == ("succeeded", ITEMS, 0)

    deleted = await voyage.client.execute_workflow(
        DeleteProjectWorkflow.run, DeleteProject(project=PROJECT), id=f"delete/{PROJECT}", task_queue=WORKFLOW_QUEUE
    )
    assert deleted.blobs == ITEMS + 2, "a text each, the RDF and the manifest"
    async with pool.connection() as connection:
        cursor = await connection.execute("select from projects")
        assert not await cursor.fetchall()
    await pool.close()
