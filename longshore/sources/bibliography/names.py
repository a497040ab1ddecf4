"""Lists of names as BibTeX and RIS write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bibtexparser.middlewares.names import NameParts, parse_single_name_into_parts, split_multiple_persons_names

from longshore.sources.bibliography import latex
from longshore.sources.bibliography.records import unescaped
from longshore.sources.model import Creator

_LONGEST = 1000
"""Characters; what is longer has no parts that could be told apart."""
_AND = re.compile(r"\sand\s", re.IGNORECASE)
_BODY = re.compile(r"\{.*\}", re.DOTALL)
_PAIR = re.compile(r"\s*(family|given|prefix|suffix)(?:-i)?\s*=\s*(.*?)\s*$", re.DOTALL)


def bibtex_names(value: str, role: str) -> Iterator[Creator]:
    """Names joined by `and`; braces around one make it that of a body. `and others` names nobody.

    Some publishers join them by semicolons.
    """
    if ";" in value and not _AND.search(value):
        value = " and ".join(_split(unescaped(value), ";"))
    for name in split_multiple_persons_names(value.replace("~", " ")):
        creator = _extended(name, role) if "family" in name and "=" in name else _bibtex_name(name, role)
        if creator.family and creator.family.casefold() not in ("others", "et al."):
            yield creator


def ris_name(value: str, role: str) -> Creator | None:
    """`Family, Given, Suffix`; without a comma it is a body, or a person with a single name."""
    family, given, suffix = (*(part.strip() for part in value.split(",", 2)), "", "")[:3]
    family, given = (family, given) if family else (given, "")
    return Creator(role=role, family=family, given=", ".join(filter(None, (given, suffix)))) if family else None


def _bibtex_name(name: str, role: str) -> Creator:
    if len(name) > _LONGEST or (_BODY.fullmatch(name) and _closes_at_end(name)):
        return Creator(role=role, family=latex.line(name))
    parts: NameParts = parse_single_name_into_parts(name, strict=False)
    family = latex.line(" ".join((*parts.von, *parts.last)))
    given = latex.line(" ".join(parts.first))
    return Creator(
        role=role, family=family or given, given=_with(given if family else "", latex.line(" ".join(parts.jr)))
    )


def _extended(name: str, role: str) -> Creator:
    """BibLaTeX's `family=Beethoven, given=Ludwig, prefix=van`."""
    pairs = (_PAIR.match(latex.line(part)) for part in _split(name, ","))
    found = {pair.group(1): pair.group(2).strip('"') for pair in pairs if pair}
    if "family" not in found:
        return _bibtex_name(name.replace("=", " "), role)
    family = " ".join(filter(None, (found.get("prefix"), found["family"])))
    return Creator(role=role, family=family, given=_with(found.get("given", ""), found.get("suffix", "")))


def _closes_at_end(name: str) -> bool:
    """Whether the brace that it begins with is closed by the one that it ends with."""
    depth = 0
    for position, character in enumerate(name):
        depth += (character == "{") - (character == "}")
        if not depth:
            return position == len(name) - 1
    return False


def _split(text: str, separator: str) -> list[str]:
    """At separators that stand in no braces."""
    parts, start, depth = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "{") - (character == "}")
        if character == separator and depth <= 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _with(given: str, suffix: str) -> str:
    return ", ".join(filter(None, (given, suffix)))
