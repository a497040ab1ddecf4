"""PowerPoint presentations (ECMA-376, PresentationML): a slide is a page."""

from __future__ import annotations

from lxml import etree

from longshore.parsing.packed.package import Package
from longshore.parsing.reading import Reading, clean
from longshore.parsing.references import CitedDois

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def read_slides(package: Package) -> Reading:
    """The slides in the order of the show, hidden ones too; notes are left out.

    Raises:
        ParseFailure: as `Package.read` does.
    """
    presentation = "ppt/presentation.xml"
    targets = package.targets(presentation)
    order = [targets.get(slide.get(_ID, ""), "") for slide in package.xml(presentation).iter(f"{_P}sldId")]
    slides = [package.xml(part) for part in order]
    pages = [clean("\n\n".join(filter(None, (_shape(shape) for shape in _shapes(slide))))) for slide in slides]
    cited = CitedDois()
    for page in pages:
        cited.feed(page)
    title = package.core_title() or next(filter(None, map(_title, slides)), None)
    return Reading(pages=pages or [""], numbered=True, title=title, cited_dois=cited.sorted())


def _shapes(slide: etree._Element) -> list[etree._Element]:
    return list(slide.iter(f"{_P}sp", f"{_A}tr"))


def _shape(shape: etree._Element) -> str:
    between = " | " if shape.tag == f"{_A}tr" else "\n"
    return between.join(filter(None, (_text(paragraph) for paragraph in shape.iter(f"{_A}p"))))


def _text(paragraph: etree._Element) -> str:
    return "".join(
        node.text or "" if node.tag == f"{_A}t" else " " for node in paragraph.iter(f"{_A}t", f"{_A}br")
    ).strip()


def _title(slide: etree._Element) -> str | None:
    for shape in slide.iter(f"{_P}sp"):
        place = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
        if place is not None and place.get("type") in ("title", "ctrTitle"):
            return " ".join(_shape(shape).split()) or None
    return None
