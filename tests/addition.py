"""The package of docs/adding-a-kind.md, installed as packages are: a module, and beside it what its metadata says."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "adding-a-kind.md"

LOG = "== 3 May 2021 ==\nThe container cranes lifted cargo all day.\n\n== 4 May 2021 ==\nTidal engines stood still.\n"


def install(folder: Path, version: str = "1.0", code: str | None = None) -> Path:
    """The folder, for a path of modules."""
    text = PAGE.read_text(encoding="utf-8")
    metadata = folder / f"harbour_kinds-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: harbour-kinds\nVersion: {version}\n")
    points = re.sub(r'project\.entry-points\."(.+)"', r"\1", _block(text, "toml")).replace('"', "")
    (metadata / "entry_points.txt").write_text(points)
    (folder / "harbour_kinds.py").write_text(_block(text, "python") if code is None else code, encoding="utf-8")
    return folder


def _block(text: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]
