"""Identifiers of works in one spelling each: DOI, arXiv id, ISBN, ISSN."""

from __future__ import annotations

import re
from urllib.parse import unquote

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DOI_URL = re.compile(r"(?:https?://)?(?:dx\.)?doi\.org/(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)")
_ARXIV = re.compile(
    r"(?:arxiv:\s*|arxiv\.org/(?:abs|pdf|html)/)"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?![\d/])",
    re.IGNORECASE,
)
_ISBN = re.compile(r"97[89](?:[- ]?\d){10}|\d(?:[- ]?\d){8}[- ]?[\dXx]")
_ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dXx])\b")


def doi(text: str) -> str | None:
    """The first DOI in a text, lower case, without prefix: `DOI https://doi.org/10.5555/ABC` gives `10.5555/abc`."""
    found = _DOI.search(text)
    if not found:
        return None
    name = found.group()
    if "%" in name:
        name = unquote(name)
    return name.rstrip(".,;").lower()


def doi_of_url(url: str) -> str | None:
    """The DOI that a URL of the DOI resolver names; other sites' paths may hold a DOI and mean something else."""
    found = _DOI_URL.match(url.strip())
    return doi(found.group(1).partition("?")[0]) if found else None


def arxiv(text: str) -> str | None:
    """The first arXiv id in a text, without its version: from `arXiv:1234.56789v2`, a URL or a 10.48550 DOI."""
    by_doi = _ARXIV_DOI.search(text.lower())
    found = _ARXIV.search(f"arxiv:{by_doi.group(1)}" if by_doi else text)
    return found.group(1).lower() if found else None


def isbn(text: str) -> str | None:
    """The smallest valid ISBN in a text as 13 digits: a field often lists hardback and e-book, in any order."""
    valid = {digits for found in _ISBN.findall(text) if (digits := _isbn13(found))}
    return min(valid, default=None)


def issn(text: str) -> str | None:
    """The first ISSN in a text as `1234-567X`."""
    found = _ISSN.search(text)
    return f"{found.group(1)}-{found.group(2).upper()}" if found else None


def _isbn13(text: str) -> str | None:
    digits = re.sub(r"[- ]", "", text).upper()
    if len(digits) == 10:
        if sum((10 - i) * (10 if d == "X" else int(d)) for i, d in enumerate(digits)) % 11:
            return None
        digits = "978" + digits[:9]
        digits += str(-_weighted(digits) % 10)
    if _weighted(digits) % 10 or len(set(digits[3:12])) == 1:
        return None
    return digits


def _weighted(digits: str) -> int:
    return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(digits))
