"""Names in paths and bodies, and how they are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, get_args

from fastapi import Path
from pydantic import StringConstraints

from longshore.sources.base import HandedOver, Kind
from longshore.sources.further import further_kinds
from longshore.sources.zotero.web.place import KEY, LIBRARY

ProjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")]
if TYPE_CHECKING:
    SourceKind = str
    HandedOverKind = str
else:
    # With those that installed packages add: the API takes, and its schema lists, what this installation reads.
    SourceKind = Literal[(*get_args(Kind), *further_kinds())]
    HandedOverKind = Literal[(*get_args(HandedOver), *further_kinds())]
LONGEST_NAME = 200
EmbedderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

ProjectPath = Annotated[ProjectName, Path(description="Lower-case letters, digits and hyphens.")]
ImportPath = Annotated[
    str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,200}$", description="Source key and submission, as the API gave it.")
]
PlanPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="As the API gave it.")]
SourceKey = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f/]{1,200}$")]
SourcePath = Annotated[SourceKey, Path(description="As the API gave it.")]
GitRef = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00-\x20\x7f~^:?*\[\\-][^\x00-\x20\x7f~^:?*\[\\]*$", min_length=1, max_length=250),
]
PathPattern = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=200)]
LibraryName = Annotated[str, StringConstraints(pattern=f"^{LIBRARY}$")]
CollectionKey = Annotated[str, StringConstraints(pattern=f"^{KEY}$")]
ChosenName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
CredentialName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,63}$")]
DisplayName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f]+$")
]
