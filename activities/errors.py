"""The library's errors, in the engine's terms: what trying again cannot mend is not tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from longshore.errors import ComeBackLater, LongshoreError

_LONGEST_MESSAGE = 2000

_TRANSIENT_CODES = frozenset(
    {
        "no_disk_space",
        "bad_model",
        "blob_missing",
        "database_unreachable",
        "embedder_unknown",
        "parser_unavailable",
        "repository_unreachable",
        "zotero_unavailable",
    }
)
"""Of the library's errors, those that another attempt may find mended."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise the block's errors as Temporal's; those of connections and the like stay as they are, and are retried."""
    try:
        yield
    except ComeBackLater as error:
        raise ApplicationError(
            _told(error),
            type=error.code,
            next_retry_delay=timedelta(seconds=error.retry_after_s),
            category=ApplicationErrorCategory.BENIGN,
        ) from error
    except LongshoreError as error:
        raise ApplicationError(
            _told(error), type=error.code, non_retryable=error.code not in _TRANSIENT_CODES
        ) from error
    except psycopg.errors.ForeignKeyViolation:
        raise  # another writer deleted what this one refers to; the next attempt sees that
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        raise ApplicationError(str(error)[:_LONGEST_MESSAGE], type="refused_by_store", non_retryable=True) from error


def _told(error: LongshoreError) -> str:
    """What happened, and then what to do: two sentences, whether the first was written as one or not."""
    text = f"{str(error).rstrip('.')}. {error.hint}" if error.hint else str(error)
    return text[:_LONGEST_MESSAGE]
