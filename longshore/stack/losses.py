"""What to do when the embedded Temporal has lost its database, or a backup has put it back."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import structlog
from psycopg.rows import dict_row

from longshore.graph import settling
from longshore.settings import Settings
from longshore.stack.temporal import LOSS

log = structlog.get_logger()


async def note_losses(settings: Settings) -> None:
    """Hand on the word that the stack has left of a loss, whether worker or API comes first: the sweep settles the
    imports whose runs are gone, and submits them again."""
    word = settings.home / "temporal" / LOSS
    if settings.database_url is None or not word.exists():
        return
    lost_at = datetime.fromtimestamp(word.stat().st_mtime, UTC)
    async with await psycopg.AsyncConnection.connect(settings.database_url, row_factory=dict_row) as connection:
        imports = await settling.note_loss(connection, lost_at)
    word.unlink(missing_ok=True)
    log.warning("Temporal lacks runs of the past", lost_at=lost_at.isoformat(), open_imports=imports)
