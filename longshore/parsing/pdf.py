"""PDF to text by PDFium, page by page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from pypdfium2 import PdfDocument, PdfiumError, PdfTextPage  # type: ignore[import-untyped]
from pypdfium2 import raw as pdfium

from longshore.parsing.front import Claims, FrontPage, describe, read_claims
from longshore.parsing.lines import flow
from longshore.parsing.model import About, ParseFailure
from longshore.parsing.printed import MOST_BOOKMARKS, Bookmark, PrintedHeadings
from longshore.parsing.reading import PAGE_SEPARATOR, Reading, clean
from longshore.parsing.references import CitedDois
from longshore.parsing.title import Typeset, title_of

MAX_CHARACTERS = 24_000_000
"""Some 8,000 dense pages; beyond it the text and its chunks no longer fit the sandbox."""

_ENCRYPTED = frozenset({pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY})
# PDFium marks the hyphen at the end of a line with one of these, depending on the call, and mostly drops the line end.
_SOFT_HYPHEN = re.compile(r"(?:[\x02\ufffe]|\u00ad(?=\r?\n))(?:\r?\n)?")
# Nothing hyphenates a DOI or an address: they are broken at hyphens of their own.
_HYPHEN_OF_ADDRESS = re.compile(r"((?:\b10\.\d{4,9}/|\bhttps?://)[^\s\x02\ufffe]*)[\x02\ufffe](?:\r?\n)?")
_HYPHEN_MARKS = "\x02\ufffe"
_TITLE_WINDOW = 4000
_UPRIGHT = 0.1
# A page count can be a lie of two thousand million; a document that begins with this many dead pages has no live one.
_DEAD_PAGES = 64
_BOOKMARK_LEVELS = 6


def read_pdf(path: Path, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `encrypted`, `corrupt`, `image_only` or `too_large`.
    """
    try:
        document = PdfDocument(path)
    except PdfiumError as error:
        if error.err_code in _ENCRYPTED:
            raise ParseFailure(
                "encrypted",
                f"{name} opens only with a password.",
                "Save a copy without it and import again.",
            ) from error
        raise _corrupt(name) from error
    try:
        return _read(document, name, read_claims(path, document.get_metadata_value))
    finally:
        document.close()


def _read(document: PdfDocument, name: str, claims: Claims) -> Reading:
    pages: list[str] = []
    headings = PrintedHeadings(_bookmarks(document))
    cited = CitedDois()
    title: str | None = None
    about = About()
    characters = offset = 0
    for number, text_page in enumerate(_text_pages(document, name)):
        printed = ""
        if text_page is not None:
            printed = clean(_joined(text_page.get_text_bounded())).strip()
            if number == 0:
                set_largest = clean(title_of(_typeset(text_page)) or "") or None
                title, about = describe(FrontPage(printed, set_largest), claims)
        cited.feed(printed)
        pages.append(flow(printed))
        headings.feed(number, printed, pages[-1], offset)
        offset += len(pages[-1]) + len(PAGE_SEPARATOR)
        characters += len(printed)
        if characters > MAX_CHARACTERS:
            millions = MAX_CHARACTERS // 1_000_000
            raise ParseFailure("too_large", f"{name} holds more than {millions} million characters.", "Split the file.")
    if not any(pages):
        raise ParseFailure(
            "image_only", f"{name} shows pictures of pages, without text.", "Run text recognition (OCR) on it first."
        )
    return Reading(
        pages=pages,
        numbered=True,
        title=title,
        about=about,
        cited_dois=cited.sorted(),
        sections=headings.sections(offset - len(PAGE_SEPARATOR)),
    )


def _bookmarks(document: PdfDocument) -> Iterator[Bookmark]:
    for bookmark in islice(document.get_toc(max_depth=_BOOKMARK_LEVELS), MOST_BOOKMARKS):
        target = bookmark.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            yield Bookmark(page, bookmark.level + 1, clean(bookmark.get_title()))


def _text_pages(document: PdfDocument, name: str) -> Iterator[PdfTextPage | None]:
    """Each page's text layer while it is open; None for a page that is broken in a document that is not."""
    dead = 0
    for number in range(len(document)):
        try:
            page = document[number]
            text_page = page.get_textpage()
        except PdfiumError as error:
            dead += 1
            if dead == min(_DEAD_PAGES, len(document)) == number + 1:
                raise _corrupt(name) from error
            yield None
        else:
            yield text_page
            text_page.close()
            page.close()


def _corrupt(name: str) -> ParseFailure:
    return ParseFailure("corrupt", f"{name} is not a whole PDF.", "Download or export the file again.")


def _typeset(text_page: PdfTextPage) -> Iterator[Typeset]:
    """The upright characters at the start of a page; a rotated one is a stamp in the margin."""
    matrix = pdfium.FS_MATRIX()
    hyphenated = False
    for index in range(min(text_page.count_chars(), _TITLE_WINDOW)):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        character = chr(code) if code < 0x110000 else ""
        if character.isspace():
            if not hyphenated:
                yield Typeset(" ", 0)
            continue
        hyphenated = character in _HYPHEN_MARKS
        if hyphenated or abs(math.sin(pdfium.FPDFText_GetCharAngle(text_page, index))) > _UPRIGHT:
            continue
        pdfium.FPDFText_GetMatrix(text_page, index, matrix)
        yield Typeset(character, pdfium.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.c, matrix.d))


def _joined(text: str) -> str:
    return _SOFT_HYPHEN.sub("", _HYPHEN_OF_ADDRESS.sub(r"\1-", text))
