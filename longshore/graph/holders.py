"""Transactions whose client says nothing any more, while others wait for their locks.

A worker that is frozen, or whose machine is gone without a word, leaves transactions behind. Its steps are begun again
elsewhere, and there they would wait for as long as the server believes in the connection. Postgres' own limits are of
little help: that for idle transactions is lifted in the middle of a pipeline, and that for whole transactions would
have to allow for the longest plan.
"""

from __future__ import annotations

from datetime import timedelta

from longshore.graph.db import Connection

SILENT = timedelta(seconds=15)
"""How long a client may say nothing within a transaction that others wait for."""


async def end_silent_holders(connection: Connection, silent: timedelta = SILENT) -> list[int]:
    """End the sessions that hold up others while they wait for their own client; what they did is taken back.

    Returns:
        The process ids of the sessions.
    """
    cursor = await connection.execute(
        """
        select pid, pg_terminate_backend(pid) from pg_stat_activity holder
        where datname = current_database() and usename = current_user
          and state <> 'idle' and wait_event = 'ClientRead'
          and greatest(state_change, query_start) < clock_timestamp() - %s
          and exists (
              select from pg_stat_activity waiting
              where waiting.datname = holder.datname and waiting.wait_event_type = 'Lock'
                and holder.pid = any(pg_blocking_pids(waiting.pid)))
        """,
        (silent,),
    )
    return [row["pid"] for row in await cursor.fetchall()]
