"""Files that are not what they should be, each with the code that it must end with.

None in its place says that the file is read after all: its reader sees past the damage, or never believed the claim.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from tests.parsing import papers
from tests.parsing.test_packed import BOOK, COMIC, LETTER, SHEETS, SLIDES, A, P, S, W

CORRUPT, ENCRYPTED, TOO_LARGE = "corrupt", "encrypted", "too_large"
UNSUPPORTED, EMPTY, IMAGE_ONLY = "unsupported", "empty", "image_only"
OUT_OF_MEMORY, TIMEOUT = "parser_out_of_memory", "parser_timeout"

_MEGABYTE = 1 << 20
_DOCTYPE = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_OUTSIDE = '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'
_DRAWING = b"BT /F 9 Tf 1 0 0 1 10 10 Tm (ab) Tj ET\n" * 1000


def make(folder: Path) -> Mapping[str, str | None]:
    """Write them; gives what is to become of each, by its path."""
    folder.mkdir()
    expected: dict[str, str | None] = {}
    for name, (content, code) in {**_pdfs(folder.parent), **_packages(), **_texts()}.items():
        (folder / name).write_bytes(content)
        expected[name] = code
    return expected


Poison = dict[str, tuple[bytes, str | None]]


def _pdfs(scratch: Path) -> Poison:
    def made(write: Callable[[Path], Path]) -> bytes:
        return write(scratch / "scratch.pdf").read_bytes()

    whole = made(lambda path: papers.article(path, [(18.0, "On Tides"), (10.0, "The tide comes in.")]))
    (scratch / "whole.pdf").write_bytes(whole)
    return {
        "half.pdf": (whole[: len(whole) // 2], CORRUPT),
        "headless.pdf": (whole[len(whole) // 2 :], CORRUPT),
        "locked.pdf": (made(lambda path: papers.encrypted(path, scratch / "whole.pdf")), ENCRYPTED),
        "cyclic.pdf": (made(papers.cyclic), CORRUPT),
        "claims a page count.pdf": (whole.replace(b"/Count 1", b"/Count 9"), None),
        "pictures.pdf": (made(papers.pictures), IMAGE_ONLY),
        "bomb.pdf": (made(lambda path: papers.bomb(path, _DRAWING, 4000)), OUT_OF_MEMORY),
        "endless.pdf": (made(lambda path: papers.bomb(path, _DRAWING, 100, pages=2000)), TIMEOUT),
        "a page.pdf": (b"<html><body><p>Sign in to read this paper.</p></body></html>", None),
        "an archive.pdf": (_zipped({"paper.txt": "words"}), UNSUPPORTED),
        "a program.pdf": (b"\x7fELF\x02\x01\x01" + bytes(100), UNSUPPORTED),
        "nothing.pdf": (b"", EMPTY),
    }


def _packages() -> Poison:
    letter, book = _zipped(LETTER), _zipped(BOOK)
    paragraph = "<w:p><w:r><w:t>%s</w:t></w:r></w:p>"
    return {
        "half.docx": (letter[: len(letter) // 2], CORRUPT),
        "lost its middle.docx": (_without_middle(_zipped({**LETTER, "word/more.xml": "words " * 500})), CORRUPT),
        "locked.docx": (_locked(letter), ENCRYPTED),
        "locked by office.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), UNSUPPORTED),
        "entities.docx": (_letter(_DOCTYPE + f"<w:document {W}>&b;</w:document>"), CORRUPT),
        "fetches.docx": (_letter(_OUTSIDE + f"<w:document {W}/>"), CORRUPT),
        "deep.docx": (_letter(f"<w:document {W}>" + "<w:p>" * 100_000), CORRUPT),
        "bomb.docx": (_letter(f"<w:document {W}>{' ' * (60 * _MEGABYTE)}</w:document>"), TOO_LARGE),
        "lies of its size.docx": (_lying(_letter(f"<w:document {W}>{paragraph % 'words'}</w:document>")), CORRUPT),
        "silent.docx": (_letter(f"<w:document {W}/>"), EMPTY),
        "lacks a slide.pptx": (_zipped({**SLIDES, "ppt/slides/slide1.xml": None}), CORRUPT),
        "names itself.pptx": (_zipped({**SLIDES, "ppt/slides/slide1.xml": f"<p:sld {P} {A}>"}), CORRUPT),
        "counts wrong.xlsx": (
            _zipped({**SHEETS, "xl/sharedStrings.xml": f'<sst {S} count="2000000000"><si><t>Ship</t></si></sst>'}),
            None,
        ),
        "multiplies.xlsx": (_zipped(_multiplied()), OUT_OF_MEMORY),
        "half.epub": (book[: len(book) // 2], CORRUPT),
        "protected.epub": (
            _zipped({**BOOK, "META-INF/encryption.xml": "<a>OPS/chapter one.xhtml OPS/two.xhtml</a>"}),
            ENCRYPTED,
        ),
        "leads outside.epub": (
            _zipped({**BOOK, "OPS/book.opf": BOOK["OPS/book.opf"].replace("two.xhtml", "../../../etc/passwd")}),
            None,
        ),
        "bookless.epub": (_zipped({"META-INF/container.xml": "<container/>"}), CORRUPT),
        "untold.cbz": (_zipped({"001.png": "picture"}), IMAGE_ONLY),
        "entities.cbz": (
            _zipped({**COMIC, "ComicInfo.xml": _DOCTYPE + "<ComicInfo><Title>&b;</Title></ComicInfo>"}),
            CORRUPT,
        ),
        "within.zip": (_zipped({"inner.zip": "PK"}), UNSUPPORTED),
        "crowded.cbz": (_zipped({f"{number}": "" for number in range(20_001)}), TOO_LARGE),
    }


def _texts() -> Poison:
    return {
        "deep.ipynb": (b'{"cells": ' + b"[" * 100_000, CORRUPT),
        "not a notebook.ipynb": (b'{"cells": 7}', CORRUPT),
        "deep.json": (b"[" * 20_000 + b"words", None),
        "deep.tex": (b"\\title{a}" + b"{" * 100_000, CORRUPT),
        "deep.html": (b"<div>" * 20_000 + b"words", None),
        "long line.txt": (b"x" * 50_000, None),
        "too long.txt": (b"words " * (6 * _MEGABYTE), TOO_LARGE),
        "zeros.txt": (bytes(5000), UNSUPPORTED),
        "boundless.eml": (
            b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\nContent-Type: text/plain\n\n" * 5000,
            EMPTY,
        ),
        "matryoshka.eml": (b"Content-Type: message/rfc822\n\n" * 2000 + b"words", CORRUPT),
        "in no charset.eml": (b"Subject: a\nContent-Type: text/plain; charset=nonsense\n\nwords", CORRUPT),
        "deep.rtf": (b"{\\rtf1 " + b"{" * 100_000 + b"words", None),
        "in half a character.md": ("# Tide".encode("utf-16")[:-1], None),
        "entities.html": (f"{_DOCTYPE}<html><body>&b; words</body></html>".encode(), None),
        "open.csv": (b'a,b\n"' + b"x\n" * 5_000, None),
        "unreadable.bib": (b"@article{a, title = {" * 3000, None),
    }


def _zipped(parts: Mapping[str, str | None]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            if content is not None:
                archive.writestr(part, content)
    return out.getvalue()


def _letter(document: str) -> bytes:
    return _zipped({"word/document.xml": document})


def _multiplied() -> Mapping[str, str]:
    """One long text that every cell of a sheet refers to: little to unpack, and much to write down."""
    cell = '<c t="s"><v>0</v></c>'
    return {
        **SHEETS,
        "xl/sharedStrings.xml": f"<sst {S}><si><t>{'words ' * 100_000}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {S}><sheetData><row>{cell * 20_000}</row></sheetData></worksheet>",
    }


def _without_middle(archive: bytes) -> bytes:
    return archive[:100] + archive[160:]


def _locked(archive: bytes) -> bytes:
    """With the flag of a password, before the part and in the directory."""
    data = bytearray(archive)
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _lying(archive: bytes) -> bytes:
    """With a size in its directory that its content does not have."""
    data = bytearray(archive)
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (7).to_bytes(4, "little")
    return bytes(data)
