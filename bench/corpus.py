"""A library to measure with: the same bytes whenever it is made, and no two papers alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from bench.prose import ENGLISH, KOREAN, Language
from examples import dialect

ITEMS = 200
PAGES = 8
"""In a paper. Each holds some 3,600 letters in English and 1,600 syllables in Korean."""

_LINES = 46
_HANGUL_FONT = "HYSMyeongJo-Medium"
_MARGIN, _LEADING = 54, 15.5
_FILES = "files"

pdfmetrics.registerFont(UnicodeCIDFont(_HANGUL_FONT))


def make_library(folder: Path, items: int = ITEMS) -> None:
    """Write `library.rdf` and its PDFs: every fourth paper is Korean, every other English one has two columns."""
    folder.mkdir(exist_ok=True)
    with (folder / "library.rdf").open("w", encoding="utf-8") as rdf:
        rdf.write(dialect.HEAD)
        for number in range(items):
            paper = _Paper(number, items)
            path = f"{_FILES}/{number}/paper.pdf"
            (folder / path).parent.mkdir(parents=True)
            paper.print(folder / path)
            rdf.write(paper.entry(path))
        rdf.write(dialect.TAIL)


def make_catalogue(folder: Path, items: int) -> None:
    """Write a `library.rdf` of entries that bring no text at all: all there is to do with them is the engine's."""
    folder.mkdir(exist_ok=True)
    with (folder / "library.rdf").open("w", encoding="utf-8") as rdf:
        rdf.write(dialect.HEAD)
        rdf.writelines(_Paper(number, items).entry() for number in range(items))
        rdf.write(dialect.TAIL)


class _Paper:
    def __init__(self, number: int, of: int) -> None:
        self._random = Random(number)
        self._number = number
        self._of = of
        self._language: Language = KOREAN if number % 4 == 3 else ENGLISH
        self._topic = self._language.topics[number // 4 % len(self._language.topics)]
        self._columns = 2 if number % 4 == 1 else 1
        self._title = self._language.title(self._random, self._topic, number)

    def entry(self, path: str | None = None) -> str:
        """The paper as Zotero exports it; `path` is where its PDF lies, and it has an abstract only if it has one."""
        file = f"#file_{self._number}"
        article = dialect.node(
            "bib:Article",
            f"#item_{self._number}",
            dialect.item_type("journalArticle"),
            dialect.within(
                "dcterms:isPartOf",
                dialect.within(
                    "bib:Journal",
                    dialect.text("dc:title", f"Journal of Specimens, Series {self._number % 9}"),
                    dialect.text("dc:identifier", f"DOI {_doi(self._number)}"),
                ),
            ),
            dialect.creators(
                "bib:authors", ((f"Specimen{self._random.randrange(60)}", f"Author{part}") for part in range(3))
            ),
            dialect.reference("link:link", file) if path else "",
            dialect.tags((self._topic[0],), (f"tag {self._random.randrange(40)}",)),
            dialect.text("dc:title", self._title),
            dialect.text("dcterms:abstract", " ".join(self._sentences(5))) if path else "",
            dialect.text("dc:date", str(1990 + self._number % 35)),
        )
        return article + (dialect.attachment(file, path, "Full Text PDF", "application/pdf") if path else "")

    def print(self, target: Path) -> None:
        """Set line by line, which is much faster than a layout engine and reads the same."""
        korean = self._language is KOREAN
        font, letters = (_HANGUL_FONT, 36) if korean else ("Times-Roman", 80)
        canvas = Canvas(str(target), pagesize=A4, invariant=1)
        canvas.setTitle("")
        lines = self._lines(letters // self._columns)
        for page in range(PAGES):
            if page == 0:
                canvas.setFont(font, 18)
                canvas.drawString(_MARGIN, A4[1] - _MARGIN, self._title)
            for column in range(self._columns):
                text = canvas.beginText(_MARGIN + column * 250, A4[1] - 2 * _MARGIN)
                text.setFont(font, 10, _LEADING)
                for _ in range(_LINES):
                    text.textLine(next(lines))
                canvas.drawText(text)
            canvas.showPage()
        self._print_references(canvas)
        canvas.save()

    def _lines(self, letters: int) -> Iterator[str]:
        line = ""
        while True:
            for word in next(self._sentences(1)).split():
                if len(line) + len(word) >= letters:
                    yield line
                    line = word
                else:
                    line = f"{line} {word}".lstrip()

    def _sentences(self, count: int) -> Iterator[str]:
        for _ in range(count):
            yield self._language.sentence(self._random, self._topic)

    def _print_references(self, canvas: Canvas) -> None:
        text = canvas.beginText(_MARGIN, A4[1] - 2 * _MARGIN)
        text.setFont("Times-Roman", 10, _LEADING)
        text.textLine("References")
        for place, cited in enumerate(sorted(self._random.sample(range(self._of), min(12, self._of))), start=1):
            text.textLine(f"[{place}] A. Specimen: A paper of this library. doi:{_doi(cited)}")
        canvas.drawText(text)
        canvas.showPage()


def _doi(number: int) -> str:
    return f"10.5555/bench.{number:05d}"
