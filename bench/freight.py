"""A library that is heavy rather than many: PDFs of every size, most of it pictures, with a few monsters among them.

The same bytes whenever it is made. Nothing that stands in memory grows with it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import TracebackType
from typing import BinaryIO, Self

from bench.prose import ENGLISH, Topic
from examples import dialect

PAPERS = 498
MEGABYTES = 500

_A4 = (595, 842)
_LEADING = 12
_MARGIN = 40
_LINES = 26
_LETTERS = 90
_PAGES = (3, 16)
_PIXELS_ACROSS = 512
_ZEROS = bytes(1 << 20)

Monster = Callable[[Path, Random], None]


def make_freight(folder: Path, papers: int = PAPERS, megabytes: int = MEGABYTES) -> None:
    """Write `library.rdf` and its PDFs, the monsters first; the others share what those leave of the bytes.

    Args:
        papers: Of all, the monsters among them.
        megabytes: Of all files together, about.
    """
    (folder / "files").mkdir(parents=True)
    random = Random(papers)
    paths = [folder / "files" / f"{number:05}.pdf" for number in range(papers)]
    for path, make in zip(paths, MONSTERS.values(), strict=False):
        make(path, random)
    left = (megabytes << 20) - sum(path.stat().st_size for path in paths[: len(MONSTERS)])
    # Few are large and most are small, as in any folder of papers.
    shares = [random.lognormvariate(0, 1) for _ in paths[len(MONSTERS) :]]
    for path, share in zip(paths[len(MONSTERS) :], shares, strict=True):
        _paper(path, random, max(0, int(left * share / sum(shares))))
    titles = dict(zip(paths, MONSTERS, strict=False))
    with (folder / "library.rdf").open("w", encoding="utf-8") as rdf:
        rdf.write(dialect.HEAD)
        for number, path in enumerate(paths):
            rdf.write(_entry(number, titles.get(path) or ENGLISH.title(random, ENGLISH.topics[number % 10], number)))
        rdf.write(dialect.TAIL)


class _Pdf:
    """Writes a PDF front to back and keeps of it only where each object begins."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._places: dict[int, int] = {}
        self._pages: list[int] = []

    def __enter__(self) -> Self:
        self._file: BinaryIO = self._path.open("wb")
        self._file.write(b"%PDF-1.5\n")
        self._put(1, b"<</Type/Catalog/Pages 2 0 R>>")
        self._put(3, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
        self._next = 4
        return self

    def page(self, text: bytes, picture: int | None = None) -> None:
        """A page that shows the text, and the picture of that number."""
        content = self._stream(b"/Filter/FlateDecode", [zlib.compress(text, 1)])
        shown = b"/XObject<</P %d 0 R>>" % picture if picture else b""
        self._pages.append(self._next)
        self._put(
            self._next,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>%s>>>>"
            % (*_A4, content, shown),
        )
        self._next += 1

    def picture(self, width: int, height: int, pieces: Iterator[bytes], packed: bool = False) -> int:
        """A grey one, whose bytes come in pieces."""
        return self._stream(
            b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8%s"
            % (width, height, b"/Filter/FlateDecode" if packed else b""),
            pieces,
        )

    def _stream(self, form: bytes, pieces: Iterator[bytes] | list[bytes]) -> int:
        """Its length stands behind it, for it is not known before."""
        number, self._next = self._next, self._next + 2
        self._places[number] = self._file.tell()
        self._file.write(b"%d 0 obj\n<<%s/Length %d 0 R>>stream\n" % (number, form, number + 1))
        length = sum(self._file.write(piece) for piece in pieces)
        self._file.write(b"\nendstream\nendobj\n")
        self._put(number + 1, b"%d" % length)
        return number

    def _put(self, number: int, value: bytes) -> None:
        self._places[number] = self._file.tell()
        self._file.write(b"%d 0 obj\n%s\nendobj\n" % (number, value))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            kids = b" ".join(b"%d 0 R" % page for page in self._pages)
            self._put(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self._pages), kids))
            start = self._file.tell()
            self._file.write(b"xref\n0 %d\n0000000000 65535 f \n" % self._next)
            self._file.writelines(b"%010d 00000 n \n" % self._places[number] for number in range(1, self._next))
            self._file.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (self._next, start))


def _paper(path: Path, random: Random, size: int) -> None:
    pages = random.randrange(*_PAGES)
    topic = random.choice(ENGLISH.topics)
    with _Pdf(path) as pdf:
        for _ in range(pages):
            height = size // pages // _PIXELS_ACROSS
            picture = pdf.picture(_PIXELS_ACROSS, height, iter([random.randbytes(_PIXELS_ACROSS * height)]))
            pdf.page(_set(_prose(random, topic, _LINES)), picture if height else None)


def _thousands_of_pages(path: Path, random: Random) -> None:
    with _Pdf(path) as pdf:
        for number in range(3000):
            pdf.page(_set(_prose(random, ENGLISH.topics[number // 100 % 10], 6)))


def _scans(path: Path, random: Random) -> None:
    """What a scanner with text recognition writes."""
    with _Pdf(path) as pdf:
        for _ in range(60):
            picture = pdf.picture(_PIXELS_ACROSS, 512, iter([random.randbytes(_PIXELS_ACROSS * 512)]))
            pdf.page(_set(_prose(random, ENGLISH.topics[0], _LINES)), picture)


def _huge_picture(path: Path, random: Random) -> None:
    """400 million pixels, which pack into less than a megabyte."""
    with _Pdf(path) as pdf:
        picture = pdf.picture(20_480, 20_480, _packed_zeros(400), packed=True)
        pdf.page(_set(_prose(random, ENGLISH.topics[1], _LINES)), picture)


def _packed_zeros(megabytes: int) -> Iterator[bytes]:
    packer = zlib.compressobj()
    for _ in range(megabytes):
        yield packer.compress(_ZEROS)
    yield packer.flush()


def _long_line(path: Path, random: Random) -> None:
    """One page with one line of a million letters."""
    line = " ".join(_prose(random, ENGLISH.topics[2], 1_000_000 // _LETTERS))
    with _Pdf(path) as pdf:
        pdf.page(_set([line]))


def _many_pieces(path: Path, random: Random) -> None:
    """A page that is set word by word, as drawing programs write tables and maps."""
    words = " ".join(_prose(random, ENGLISH.topics[3], 1500)).split()
    placed = b"".join(
        b"BT /F 4 Tf %d %d Td (%s) Tj ET\n" % (number % 30 * 19, 830 - number // 30 % 200 * 4, word.encode())
        for number, word in enumerate(words)
    )
    with _Pdf(path) as pdf:
        pdf.page(placed)


MONSTERS: dict[str, Monster] = {
    "Three thousand pages": _thousands_of_pages,
    "Sixty scanned pages": _scans,
    "A picture of 400 million pixels": _huge_picture,
    "A line of a million letters": _long_line,
    "A page set word by word": _many_pieces,
}
"""By their titles."""


def _set(lines: list[str]) -> bytes:
    shown = b"".join(b"(%s) '\n" % line.encode("latin-1") for line in lines)
    return b"BT /F 10 Tf %d TL %d %d Td\n%sET\n" % (_LEADING, _MARGIN, _A4[1] - _MARGIN, shown)


def _prose(random: Random, topic: Topic, lines: int) -> list[str]:
    words = iter(_words(random, topic))
    made: list[str] = []
    line = ""
    while len(made) < lines:
        word = next(words)
        if len(line) + len(word) >= _LETTERS:
            made.append(line)
            line = word
        else:
            line = f"{line} {word}".lstrip()
    return made


def _words(random: Random, topic: Topic) -> Iterator[str]:
    while True:
        yield from ENGLISH.sentence(random, topic).split()


def _entry(number: int, title: str) -> str:
    file = f"#file_{number}"
    article = dialect.node(
        "bib:Article",
        f"#item_{number}",
        dialect.item_type("journalArticle"),
        dialect.reference("link:link", file),
        dialect.text("dc:title", title),
        dialect.text("dc:identifier", f"DOI 10.5555/freight.{number:05d}"),
        dialect.text("dc:date", str(1990 + number % 35)),
    )
    return article + dialect.attachment(file, f"files/{number:05}.pdf", "Full Text PDF", "application/pdf")
