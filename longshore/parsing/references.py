"""The DOIs that a document cites, read from its list of references."""

from __future__ import annotations

import re

REFERENCES_HEADING = re.compile(
    r"^[ \t]*(?:[\divxlc]{1,5}[.)]?[ \t]+)?(?:r[ ]?eferences|b[ ]?ibliography|참고[ ]?문헌)[ \t]*:?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>“”]{1,200}", re.IGNORECASE)
# A DOI never ends in a slash or an underscore, so one at the end of a line goes on in the next.
BROKEN_DOI = re.compile(r"(\b10\.\d{4,9}/(?:[^\s\"<>“”]*[/_])?)\n[ \t]*(?=[\w(])")
_TRAILING = ".,;:!?'’`*_/"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_OWN_WINDOW = 5000


class CitedDois:
    """Collects the DOIs behind the heading of a reference list, fed page by page.

    A document without such a heading cites nothing here: DOIs in running text are as often its own. The first DOI on
    its first page, before the heading, is taken for its own, for publishers repeat it at the foot of every page.
    """

    def __init__(self) -> None:
        self._own: str | None = None
        self._first_page = True
        self._in_list = False
        self._found: set[str] = set()

    def feed(self, text: str) -> None:
        """The next page, with its lines as printed."""
        heading = None if self._in_list else REFERENCES_HEADING.search(text)
        if self._first_page:
            front = DOI.search(text, 0, min(_OWN_WINDOW, heading.start() if heading else len(text)))
            self._own = trimmed_doi(front[0]) if front else None
            self._first_page = False
        if heading:
            self._in_list = True
            text = text[heading.end() :]
        if self._in_list:
            self._found.update(trimmed_doi(match[0]) for match in DOI.finditer(BROKEN_DOI.sub(r"\1", text)))

    def sorted(self) -> tuple[str, ...]:
        """Lower case, without duplicates."""
        return tuple(sorted(doi for doi in self._found if doi != self._own and doi.partition("/")[2]))


def trimmed_doi(doi: str) -> str:
    """Lower case, without the punctuation of the sentence around it; a bracket stays where the DOI itself opens it."""
    doi = doi.lower()
    while doi[-1] in _TRAILING or (doi[-1] in _BRACKETS and doi.count(doi[-1]) > doi.count(_BRACKETS[doi[-1]])):
        doi = doi[:-1]
    return doi
