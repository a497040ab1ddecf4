"""From a front page and what the file's metadata claims to what the document is."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from longshore.parsing.front.claims import Claims
from longshore.parsing.front.people import BODY, claimed_authors, printed_authors
from longshore.parsing.model import About
from longshore.parsing.references import BROKEN_DOI, DOI, REFERENCES_HEADING, trimmed_doi

_WINDOW = 8000
_NAMED_DOI = re.compile(
    rf"(?:\b(?:doi|digital object identifier)(?:\.org/|\s*:?)\s*|^[ \t]*)({DOI.pattern})", re.IGNORECASE | re.MULTILINE
)
_ONLY_A_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi(?:\.org/|\s*:?)\s*)?10\.\S+", re.IGNORECASE)
# What says that a DOI is the page's own.
_OF_ITSELF = re.compile(
    r"digital object identifier|\bcit(?:e|ation)(?: this)?(?: \w+)?:|reference format|\barticle doi\b"
    r"|\bthis (?:article|paper|work|chapter)\b",
    re.IGNORECASE,
)
# What a paper names besides itself on its first page.
_OF_OTHERS = re.compile(
    r"\b(?:data(?:sets?)?|code|software|supplement\w*|version of record|comment on|reply to|erratum|corrigendum"
    r"|correction|retraction|review of|cited|see)\b[^.]{0,60}$",
    re.IGNORECASE,
)
_OF_DATA = ("10.5061/", "10.5281/", "10.6084/", "10.7910/", "10.17632/")
"""Prefixes of Dryad, Zenodo, figshare and the like, which hold what papers come with, and hardly a paper."""
_HEAD = 1500
_BEFORE = 80
_INTRODUCED = 300
_OTHER_WORK = re.compile(r"\b(?:19|20)\d\d\b|[,:;(]$")
_IMPRINT = re.compile(r"©|\(c\)|\b(?:copyright|received|accepted|published|issn|licen[cs]e)", re.IGNORECASE)
# The stamp in the margin: id with version, then category or date. An id alone is as often that of a cited work.
_STAMP = re.compile(
    r"arXiv:\s?((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7}))v\d+\s*(?:\[[\w.-]+\]|\d{1,2}\s[A-Z][a-z]{2}\s\d{4})"
)
_ARXIV_ID = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?$")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+?)(?:v\d+)?")
_YEAR = r"((?:19|20)\d\d)"
_PUBLISHED = re.compile(
    r"(?:\bpublished(?: online)?:? (?:[^\n\d]{0,20}\d{1,2}[^\n\d]{0,12})?|© ?|\bcopyright (?:© ?)?|\(c\) )"
    rf"{_YEAR}\b",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|tex|dvi|indd|qxd|p65|ps|eps|rtf|odt|hwpx?|pptx?|xlsx?|fm|pages)$|^microsoft (?:word|powerpoint)\b"
    r"|^(?:pii|doi|isbn|arxiv)\b|^untitled\b|^(?:paper )?template\b|^layout \d|\btemplate\b|\bno job name\b",
    re.IGNORECASE,
)
_LEAST_LETTERS, _LEAST_WORDS, _LONGEST = 8, 2, 300


@dataclass(frozen=True)
class FrontPage:
    text: str
    """As printed, line by line, with the stamp in the margin wherever the file has it."""
    title: str | None
    """What is set in the largest type."""


def describe(page: FrontPage, claims: Claims) -> tuple[str | None, About]:
    """The document's title and what else it says of itself."""
    title = _title(page, claims)
    arxiv = _arxiv(page, claims)
    doi = _doi(page, claims)
    if doi and (own := _ARXIV_DOI.fullmatch(doi)):
        arxiv, doi = arxiv or own[1], None
    authors = printed_authors(_below(page.text[:_WINDOW], page.title)) if page.title else ()
    claimed = claimed_authors(claims.authors, page.text[:_WINDOW])
    return title, About(
        authors=claimed if len(claimed) >= len(authors) else authors,
        year=_year(page, claims, arxiv),
        doi=doi,
        arxiv=arxiv,
    )


def _title(page: FrontPage, claims: Claims) -> str | None:
    """A claimed title that the page shows too is spelled better than print; any other may be the template's."""
    plausible = [title for title in claims.titles if _reads_like_a_title(title)]
    printed = _folded(page.text[:_WINDOW])
    return next((title for title in plausible if _folded(title) in printed), page.title)


def _reads_like_a_title(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    cjk = bool(re.search(r"[가-힣一-鿿぀-ヿ]", text))
    return (
        (cjk or letters >= _LEAST_LETTERS)
        and (cjk or len(text.split()) >= _LEAST_WORDS)
        and letters * 2 > len(text)
        and len(text) <= _LONGEST
        and not _FILE_NAME.search(text)
    )


def _doi(page: FrontPage, claims: Claims) -> str | None:
    """One under its own name in the metadata, else the only one that the page gives for itself."""
    for claim in (claims.doi, claims.subject, *claims.titles):
        if found := DOI.search(claim):
            return _valid(found[0])
    heading = REFERENCES_HEADING.search(page.text)
    front = BROKEN_DOI.sub(r"\1", page.text[: heading.start() if heading else len(page.text)][:_WINDOW])
    body = BODY.search(front)
    head = min(body.start() if body else _HEAD, _HEAD)
    own = {trimmed_doi(found[1]) for found in _NAMED_DOI.finditer(front) if _is_own(front, found, head)}
    return _valid(own.pop()) if len(own) == 1 else None


def _is_own(front: str, found: re.Match[str], head: int) -> bool:
    """Whether a DOI stands where papers put theirs: above the body, after words that say so, or on a line of its own
    in the imprint. Elsewhere it is that of a work that a footnote cites."""
    before = front[: found.start()]
    if found[1].startswith(_OF_DATA) or _OF_OTHERS.search(before[-_BEFORE:].replace("\n", " ")):
        return False
    if found.start() < head or _OF_ITSELF.search(front[max(0, found.start() - _INTRODUCED) : found.start(1)]):
        return True
    above, _, line = before.rpartition("\n")
    line += front[found.start() :].partition("\n")[0]
    previous = above.rstrip().rpartition("\n")[2]
    cites = _OTHER_WORK.search(previous) and not _IMPRINT.search(previous)
    return bool(_ONLY_A_DOI.fullmatch(line.strip())) and not cites


def _valid(doi: str) -> str | None:
    trimmed = trimmed_doi(doi)
    return trimmed if trimmed.partition("/")[2] else None


def _arxiv(page: FrontPage, claims: Claims) -> str | None:
    found = _ARXIV_ID.search(claims.arxiv) or _STAMP.search(page.text)
    return found[1].lower() if found else None


def _year(page: FrontPage, claims: Claims, arxiv: str | None) -> int | None:
    """Of publication as metadata or the page tells it, if they tell one; else of the arXiv id."""
    if found := re.match(rf"{_YEAR}\b", claims.date):
        return int(found[1])
    printed = {int(year) for year in _PUBLISHED.findall(page.text)}
    if len(printed) == 1:
        return printed.pop()
    if arxiv and not printed:
        digits = arxiv.rpartition("/")[2][:2]
        return int(digits) + (1900 if "/" in arxiv and digits > "90" else 2000)
    return None


def _below(text: str, title: str) -> list[str]:
    """The lines below the one that the title ends with."""
    wanted = _folded(title)
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    read = ""
    for number, line in enumerate(lines):
        read += _folded(line)
        if read.endswith(wanted):
            return lines[number + 1 :]
    return []


def _folded(text: str) -> str:
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))
