"""Words by what they are good for in a term: text files with sections in square brackets."""

from __future__ import annotations

from importlib.resources import files


def sections(language: str) -> dict[str, frozenset[str]]:
    """The words of each section of `<language>.txt`."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in (files(__name__) / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
        found.setdefault(name, set()).update(() if line.startswith("[") else line.split())
    return {name: frozenset(words) for name, words in found.items()}
