"""What deleting a project takes."""

from __future__ import annotations

from temporalio import activity

from activities.errors import translated
from activities.heartbeat import beating
from longshore.blobs import BlobStore
from longshore.graph import deletion, keys
from longshore.graph.db import Pool
from workflows.contracts import DeleteProject


class DeletionActivities:
    def __init__(self, pool: Pool, blobs: BlobStore) -> None:
        self._pool = pool
        self._blobs = blobs

    @activity.defn(name="begin_deletion")
    async def begin_deletion(self, request: DeleteProject) -> list[str]:
        async with beating(), self._pool.connection() as connection:
            return await deletion.begin_deletion(connection, request.project)

    @activity.defn(name="count_open_imports")
    async def count_open_imports(self, request: DeleteProject) -> int:
        async with beating(), self._pool.connection() as connection:
            return await deletion.count_open_imports(connection, request.project)

    @activity.defn(name="delete_rows")
    async def delete_rows(self, request: DeleteProject) -> int:
        async with beating() as beat:
            with translated():
                async for deleted in deletion.delete_rows(self._pool, request.project):
                    beat.done += deleted
        return beat.done

    @activity.defn(name="delete_blobs")
    async def delete_blobs(self, request: DeleteProject) -> int:
        async with beating() as beat, self._pool.connection() as connection:
            await keys.wait_to_delete_files(connection)
            async for deleted in self._blobs.delete_all(request.project):
                beat.done += deleted
        return beat.done
