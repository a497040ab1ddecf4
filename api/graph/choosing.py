"""The parameters that choose documents, the same in lists and in search."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query
from pydantic import StringConstraints

from longshore.graph.filters import Filters

# Postgres has no NUL in texts.
Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=1000)]
_Name = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=500)]
_Year = Annotated[int, Query(ge=-10_000, le=10_000)]


def _filters(
    kind: Annotated[
        _Name | None, Query(description="The source's own type of item, for example `journalArticle`.")
    ] = None,
    year_from: _Year | None = None,
    year_to: _Year | None = None,
    collection: Annotated[
        _Name | None, Query(description="Name of a collection that holds it, itself or through one within it.")
    ] = None,
    tag: Annotated[_Name | None, Query(description="Name of a tag, in upper or lower case.")] = None,
) -> Filters:
    return Filters(kind, year_from, year_to, collection, tag)


Chosen = Annotated[Filters, Depends(_filters)]
