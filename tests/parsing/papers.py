"""PDFs to parse: papers as they are typeset, and files as attackers and accidents write them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
)

KOREAN_FONT = "HYSMyeongJo-Medium"
pdfmetrics.registerFont(UnicodeCIDFont(KOREAN_FONT))


def paper(
    path: Path,
    title: str,
    pages: Sequence[Sequence[str]],
    *,
    font: str = "Times-Roman",
    columns: int = 2,
) -> Path:
    """A paper of one or two columns: its title in large type, then a list of paragraphs for every page."""
    width, gap = 515 / columns, 15 * (columns - 1)
    document = BaseDocTemplate(str(path), pagesize=(595, 842))
    frames = [Frame(40 + i * width, 40, width - gap, 760, id=str(i)) for i in range(columns)]
    document.addPageTemplates(PageTemplate(frames=frames))
    wrap = "CJK" if font == KOREAN_FONT else None
    body = ParagraphStyle("body", fontName=font, fontSize=9.5, leading=12, wordWrap=wrap)
    head = ParagraphStyle("head", fontName=font, fontSize=18, leading=22, spaceAfter=12, wordWrap=wrap)
    story: list[object] = [Paragraph(title, head)]
    for number, paragraphs in enumerate(pages):
        if number:
            story.append(PageBreak())
        story += [Paragraph(text, body) for text in paragraphs]
    document.build(story)
    return path


def encrypted(path: Path, original: Path) -> Path:
    """The same document behind a password that nobody here has."""
    writer = PdfWriter(clone_from=PdfReader(original))
    writer.encrypt(user_password="a reader's", owner_password="an owner's", algorithm="AES-256")
    writer.write(path)
    return path


def pictures(path: Path, pages: int = 2) -> Path:
    """Pages with drawings only, as a scan has."""
    canvas = Canvas(str(path))
    for _ in range(pages):
        canvas.rect(100, 100, 300, 400, fill=1)
        canvas.showPage()
    canvas.save()
    return path


def bomb(path: Path, content: bytes, times: int, pages: int = 1) -> Path:
    """Pages that all show the same content stream, which inflates to `content` repeated."""
    compressor = zlib.compressobj(9)
    stream = b"".join(compressor.compress(content) for _ in range(times)) + compressor.flush()
    return _write(
        path,
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (b"3 0 R " * pages, pages),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )


def cyclic(path: Path) -> Path:
    """A page tree whose branches hold each other."""
    return _write(
        path,
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 5/Parent 3 0 R>>",
        b"<</Type/Pages/Kids[2 0 R]/Count 5/Parent 2 0 R>>",
    )


def _write(path: Path, *objects: bytes) -> Path:
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    path.write_bytes(out.getvalue())
    return path
