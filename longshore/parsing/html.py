"""HTML to text: what a reader of the page reads, without its machinery."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from longshore.parsing.headings import Heading, sections_of
from longshore.parsing.links import relative_links
from longshore.parsing.reading import Reading, bounded, clean
from longshore.parsing.references import CitedDois
from longshore.parsing.text import decode

_DROPPED = ("head", "script", "style", "nav", "noscript", "template", "svg", "math annotation", "iframe", "object")
_PARAGRAPHS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "ol", "p"}
    | {"pre", "section", "summary", "table", "ul"}
)
_LINES = frozenset({"br", "caption", "li", "option", "tr"})
_CELLS = frozenset({"td", "th"})
# Marks for the ends of these; text cannot hold them, for its own white space has become spaces.
_PARAGRAPH, _LINE, _CELL = "\f", "\v", "\t"
# Marks for the beginnings of headings, one for each level: noncharacters (Unicode 23.7), which no text may hold.
_HEADINGS = {f"h{level}": chr(0xFDCF + level) for level in range(1, 7)}
_HEADING = re.compile("([\ufdd0-\ufdd5])\\s*")
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{2,40})|<\?xml[^>]{0,100}?encoding=[\"']([\w-]{2,40})",
    re.IGNORECASE,
)
_HEAD_BYTES = 4096
# As browsers do (WHATWG Encoding): the name of an old standard means its later superset.
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}
_MAX_TITLE = 300


def read_html(data: bytes) -> Reading:
    return read_markup(_decoded(data))


def read_markup(markup: str) -> Reading:
    tree = LexborHTMLParser(markup)
    title = _title(tree)
    for node in tree.css(",".join(_DROPPED)):
        node.decompose()
    marked = clean(re.sub(r"\s+", _strongest, "".join(_pieces(tree.root))).strip()) if tree.root else ""
    text, headings = _without_marks(marked)
    cited = CitedDois()
    cited.feed(text)
    links = relative_links(anchor.attributes.get("href") or "" for anchor in tree.css("a[href]"))
    return Reading(
        pages=[text],
        title=title,
        cited_dois=cited.sorted(),
        sections=tuple(sections_of(headings, len(text))),
        references=bounded(links),
    )


def _decoded(data: bytes) -> str:
    """By its byte order mark or as UTF-8 if it is that, else as declared, else by a guess."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _DECLARED.search(data, 0, _HEAD_BYTES)
    if declared and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            name = codecs.lookup((declared[1] or declared[2]).decode()).name
            return data.decode(_SUPERSETS.get(name, name), errors="replace")
        except (LookupError, UnicodeError):
            pass
    return decode(data) or data.decode("cp1252", errors="replace")


def _title(tree: LexborHTMLParser) -> str | None:
    """What publishers state for citation, else the only heading of the first level, else the window's title."""
    stated = tree.css_first("meta[name='citation_title']")
    headings = tree.css("h1")
    if stated is not None and stated.attributes.get("content"):
        found = stated.attributes["content"] or ""
    elif len(headings) == 1 and headings[0].text().strip():
        found = headings[0].text()
    else:
        window = tree.css_first("title")
        found = window.text() if window is not None else ""
    return " ".join(clean(found).split())[:_MAX_TITLE] or None


def _pieces(root: LexborNode) -> Iterator[str]:
    """Text in reading order with paragraph, line and cell marks. Own stack: pages nest deeper than Python."""
    stack: list[LexborNode | str] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            yield node
            continue
        if node.is_text_node:
            yield _HEADING.sub("", re.sub(r"\s+", " ", node.text_content or ""))
            continue
        mark = _mark(node.tag or "")
        yield mark + _HEADINGS.get(node.tag or "", "")
        stack.append(mark)
        child = node.last_child
        while child is not None:
            stack.append(child)
            child = child.prev


def _without_marks(marked: str) -> tuple[str, list[Heading]]:
    text, *rest = _HEADING.split(marked)
    headings: list[Heading] = []
    pieces = [text]
    position = len(text)
    for mark, piece in zip(rest[::2], rest[1::2], strict=True):
        headings.append(Heading(position, ord(mark) - 0xFDCF, " ".join(piece.partition("\n\n")[0].split())))
        pieces.append(piece)
        position += len(piece)
    return "".join(pieces).rstrip(), headings


def _mark(tag: str) -> str:
    if tag in _PARAGRAPHS:
        return _PARAGRAPH
    if tag in _LINES:
        return _LINE
    return _CELL if tag in _CELLS else ""


def _strongest(space: re.Match[str]) -> str:
    """What a stretch of white space and marks stands for in the text."""
    if _PARAGRAPH in space[0]:
        return "\n\n"
    if _LINE in space[0]:
        return "\n"
    return "\t" if _CELL in space[0] else " "
