"""PDFs to parse: papers as they are typeset, and files as attackers and accidents write them."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject
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


def article(
    path: Path,
    lines: Sequence[tuple[float, str]],
    *,
    information: Mapping[str, str] | None = None,
    packet: str | None = None,
    font: str = "Times-Roman",
) -> Path:
    """A front page, line by line, each in a size of its own, with an information dictionary and an XMP packet."""
    printed = path.with_suffix(".printed")
    canvas = Canvas(str(printed))
    height = 800.0
    for size, line in lines:
        canvas.setFont(font, size)
        canvas.drawString(60, height, line)
        height -= size * 1.4
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(printed))
    printed.unlink()
    writer.metadata = {f"/{name}": value for name, value in (information or {}).items()}
    if packet is not None:
        stream = DecodedStreamObject()
        stream.set_data(packet.encode())
        stream.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
        writer.root_object[NameObject("/Metadata")] = writer._add_object(stream)
    writer.write(path)
    return path


def xmp(properties: str) -> str:
    """A packet that says of itself that it speaks of a PDF, with properties of the usual namespaces."""
    return f"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<dc:format>application/pdf</dc:format>{properties}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


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
