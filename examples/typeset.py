"""PDFs from plain texts: the same text gives the same bytes."""

from __future__ import annotations

import re
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, FrameBreak, NextPageTemplate, PageTemplate, Paragraph

KOREAN = "HYSMyeongJo-Medium"
"""Every reader of PDFs knows this font by name, so the file carries no font."""
_HANGUL = re.compile(r"[가-힣]+(?:[ ·][가-힣]+)*")
_WIDTH, _HEIGHT = A4
_MARGIN, _GUTTER, _HEAD = 54, 18, 92

pdfmetrics.registerFont(UnicodeCIDFont(KOREAN))


def typeset(
    text: str, target: Path, *, authors: str, columns: int = 1, font: str = "Times-Roman", password: str | None = None
) -> None:
    """Sets a text as a paper. Lines that begin with `# ` are its title, with `## ` its headings."""
    title, _, body = text.removeprefix("# ").partition("\n")
    document = BaseDocTemplate(
        str(target),
        pagesize=A4,
        title=title,
        author=authors,
        invariant=1,
        pageCompression=0,
        encrypt=StandardEncryption(password, strength=128) if password else None,
    )
    document.addPageTemplates(
        [
            PageTemplate("first", [_head(), *_columns(columns, _HEAD)], onPageEnd=_folio),
            PageTemplate("later", _columns(columns, 0), onPageEnd=_folio),
        ]
    )
    document.build(_story(title, authors, body, font))


def scan(text: str, target: Path) -> None:
    """Sets a text as the picture of a page, in which there is no letter to be found."""
    page = Image.new("1", (827, 1169), 1)
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(text.splitlines()):
        pen.text((90, 120 + 34 * number), line, fill=0, font=ImageFont.load_default(22))
    canvas = Canvas(str(target), pagesize=A4, invariant=1)
    canvas.setTitle("Scan")
    canvas.drawImage(ImageReader(page), 0, 0, _WIDTH, _HEIGHT)
    canvas.save()


def _story(title: str, authors: str, body: str, font: str) -> list[Flowable]:
    base = ParagraphStyle("body", fontName=font, fontSize=11, leading=16, spaceAfter=7)
    heading = ParagraphStyle("heading", base, fontSize=13, leading=17, spaceBefore=7, spaceAfter=4)
    story: list[Flowable] = [
        NextPageTemplate("later"),
        Paragraph(_marked_up(title, font), ParagraphStyle("title", base, fontSize=19, leading=23)),
        Paragraph(_marked_up(authors, font), base),
        FrameBreak(),
    ]
    for line in filter(None, body.splitlines()):
        style = heading if line.startswith("## ") else base
        story.append(Paragraph(_marked_up(line.removeprefix("## "), font), style))
    return story


def _marked_up(text: str, font: str) -> str:
    safe = escape(text)
    return safe if font == KOREAN else _HANGUL.sub(rf'<font name="{KOREAN}">\g<0></font>', safe)


def _head() -> Frame:
    return Frame(_MARGIN, _HEIGHT - _MARGIN - _HEAD, _WIDTH - 2 * _MARGIN, _HEAD, 0, 0, 0, 0)


def _columns(count: int, below: int) -> list[Frame]:
    width = (_WIDTH - 2 * _MARGIN - (count - 1) * _GUTTER) / count
    height = _HEIGHT - 2 * _MARGIN - below
    return [Frame(_MARGIN + i * (width + _GUTTER), _MARGIN, width, height, 0, 0, 0, 0) for i in range(count)]


def _folio(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont("Times-Roman", 8)
    canvas.drawCentredString(_WIDTH / 2, _MARGIN / 2, str(document.page))
