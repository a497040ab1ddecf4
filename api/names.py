"""Names in paths and bodies, and how they are checked."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints

from longshore.sources.base import Kind

ProjectName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,63}$")]
SourceKind = Kind
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

ProjectPath = Annotated[ProjectName, Path(description="Lower-case letters, digits and hyphens.")]
ImportPath = Annotated[
    str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,200}$", description="Source key and submission, as the API gave it.")
]
SourcePath = Annotated[str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,200}$", description="As the API gave it.")]
DisplayName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
