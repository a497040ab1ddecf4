"""Office files, books and comics, made here as small as they can be."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from longshore.parsing.document import parse_file
from longshore.parsing.model import Parsed, ParseFailure
from longshore.parsing.packed import package

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

LETTER = {
    "word/document.xml": f"""<w:document {W}><w:body>
<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Harbour report</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">Cranes &lt;lift&gt; </w:t><w:tab/><w:t>cargo.</w:t></w:r>
<w:del><w:r><w:delText>Never.</w:delText></w:r></w:del></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Ship</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Tons</w:t></w:r></w:p></w:tc></w:tr>
</w:tbl></w:body></w:document>"""
}
SLIDE = f"""<p:sld {P} {A}><p:sp><p:nvSpPr><p:nvPr><p:ph type="title"/></p:nvPr></p:nvSpPr>
<p:txBody><a:p><a:r><a:t>%s</a:t></a:r></a:p></p:txBody></p:sp></p:sld>"""
SLIDES = {
    "ppt/presentation.xml": f"""<p:presentation {P} {R}><p:sldIdLst><p:sldId id="256" r:id="rId2"/>
<p:sldId id="257" r:id="rId1"/></p:sldIdLst></p:presentation>""",
    "ppt/_rels/presentation.xml.rels": """<Relationships
 xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="slides/slide1.xml"/><Relationship Id="rId2" Target="slides/slide2.xml"/>
</Relationships>""",
    "ppt/slides/slide1.xml": SLIDE % "Shown second",
    "ppt/slides/slide2.xml": SLIDE % "Shown first",
}
SHEETS = {
    "xl/workbook.xml": f'<workbook {S} {R}><sheets><sheet name="Cargo" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": """<Relationships
 xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml"/></Relationships>""",
    "xl/sharedStrings.xml": f"<sst {S}><si><t>Ship</t></si><si><r><t>Ton</t></r><r><t>nage</t></r></si></sst>",
    "xl/worksheets/sheet1.xml": f"""<worksheet {S}><sheetData>
<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>
<row><c t="inlineStr"><is><t>Aurora</t></is></c><c><v>1250.5</v></c></row></sheetData></worksheet>""",
}
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OPS/book.opf"/></rootfiles></container>""",
    "OPS/book.opf": """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">
<metadata><dc:title>A Book of Harbours</dc:title></metadata><manifest>
<item id="b" href="two.xhtml" media-type="application/xhtml+xml"/>
<item id="a" href="chapter%20one.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="a"/><itemref idref="b"/></spine></package>""",
    "OPS/chapter one.xhtml": "<!DOCTYPE html><html><body><h1>One</h1><p>First tide.</p></body></html>",
    "OPS/two.xhtml": "<html><body><h1>Two</h1><p>Second tide.<script>alert(1)</script></p></body></html>",
}
COMIC = {
    "ComicInfo.xml": "<ComicInfo><Series>Tides</Series><Number>3</Number>"
    "<Summary>A ship returns.</Summary></ComicInfo>",
    "001.png": "picture",
}


def packed(folder: Path, name: str, parts: dict[str, str]) -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return folder / name


def read(folder: Path, name: str, parts: dict[str, str]) -> Parsed:
    return parse_file(packed(folder, name, parts), None, name)


def text(parsed: Parsed) -> str:
    return "\n".join(chunk.text for chunk in parsed.chunks)


def refusal(folder: Path, name: str, parts: dict[str, str]) -> str:
    with pytest.raises(ParseFailure) as refused:
        read(folder, name, parts)
    return refused.value.code


def test_a_letter_keeps_headings_and_tables_and_leaves_out_what_was_deleted(tmp_path: Path) -> None:
    parsed = read(tmp_path, "report.docx", LETTER)
    assert parsed.title == "Harbour report"
    assert "Cranes <lift> cargo." in text(parsed)
    assert [word for word in ("Ship", "Tons", "Never") if word in text(parsed)] == ["Ship", "Tons"]


def test_passages_say_under_which_heading_chapter_or_sheet_they_stand(tmp_path: Path) -> None:
    assert [chunk.heading for chunk in read(tmp_path, "report.docx", LETTER).chunks] == ["Harbour report"]
    assert [chunk.heading for chunk in read(tmp_path, "sheets.xlsx", SHEETS).chunks] == ["Cargo"]
    assert [chunk.heading for chunk in read(tmp_path, "book.epub", BOOK).chunks] == ["One, Two"]
    long = BOOK | {"OPS/two.xhtml": f"<h1>Two</h1><h2>Deep</h2><p>{'The second tide. ' * 100}</p>"}
    assert [chunk.heading for chunk in read(tmp_path, "long.epub", long).chunks] == ["One", "Two > Deep", "Two > Deep"]


def test_slides_are_pages_in_the_order_of_the_show(tmp_path: Path) -> None:
    parsed = read(tmp_path, "talk.pptx", SLIDES)
    assert (parsed.title, parsed.pages) == ("Shown first", 2)
    assert text(parsed).index("Shown first") < text(parsed).index("Shown second")


def test_sheets_are_tables_under_their_names(tmp_path: Path) -> None:
    assert text(read(tmp_path, "cargo.xlsx", SHEETS)) == "Cargo\n\nShip | Tonnage\nAurora | 1250.5"


def test_a_book_is_read_along_its_spine(tmp_path: Path) -> None:
    parsed = read(tmp_path, "book.epub", BOOK)
    assert parsed.title == "A Book of Harbours"
    assert text(parsed).index("First tide.") < text(parsed).index("Second tide.")
    assert "alert" not in text(parsed)


def test_a_protected_book_is_encrypted(tmp_path: Path) -> None:
    rights = {"META-INF/encryption.xml": '<encryption><CipherReference URI="OPS/two.xhtml"/></encryption>'}
    assert refusal(tmp_path, "book.epub", BOOK | rights) == "encrypted"


def test_a_comic_tells_what_its_info_tells(tmp_path: Path) -> None:
    parsed = read(tmp_path, "tides.cbz", COMIC)
    assert parsed.title == "Tides 3"
    assert "A ship returns." in text(parsed)
    assert refusal(tmp_path, "pictures.cbz", {"001.png": "picture"}) == "image_only"


def test_other_archives_are_not_entered(tmp_path: Path) -> None:
    assert refusal(tmp_path, "inner.zip", {"paper.txt": "words"}) == "unsupported"


@pytest.mark.parametrize(
    "document",
    [
        "<w:document",
        '<!DOCTYPE x [<!ENTITY e "boom">]><w:document xmlns:w="w">&e;</w:document>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><w:document xmlns:w="w"/>',
    ],
)
def test_broken_xml_and_document_types_are_refused(tmp_path: Path, document: str) -> None:
    assert refusal(tmp_path, "x.docx", {"word/document.xml": document}) == "corrupt"


def test_a_missing_part_and_a_cut_off_file_are_corrupt(tmp_path: Path) -> None:
    lacking = {name: part for name, part in SLIDES.items() if name != "ppt/slides/slide1.xml"}
    assert refusal(tmp_path, "x.pptx", lacking) == "corrupt"
    cut = packed(tmp_path, "y.docx", LETTER)
    cut.write_bytes(cut.read_bytes()[:200])
    with pytest.raises(ParseFailure) as refused:
        parse_file(cut, None, "y.docx")
    assert refused.value.code == "corrupt"


def test_a_file_that_lost_something_in_its_middle_is_corrupt(tmp_path: Path) -> None:
    """Its directory then seems to name places before its beginning: no fault of the disk, which might pass."""
    path = packed(tmp_path, "lost.docx", {**LETTER, "word/more.xml": "words " * 1000})
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + whole[160:])
    with pytest.raises(ParseFailure) as refused:
        parse_file(path, None, "lost.docx")
    assert refused.value.code == "corrupt"


def test_a_bomb_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_BYTES", 1 << 20)
    bomb = f"<w:document {W}><w:body>{' ' * (2 << 20)}</w:body></w:document>"
    assert refusal(tmp_path, "bomb.docx", {"word/document.xml": bomb}) == "too_large"


def test_an_encrypted_part_is_said_to_be_so(tmp_path: Path) -> None:
    plain = io.BytesIO(packed(tmp_path, "plain.docx", LETTER).read_bytes())
    data = bytearray(plain.getvalue())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.docx").write_bytes(data)
    with pytest.raises(ParseFailure) as refused:
        parse_file(tmp_path / "locked.docx", None, "locked.docx")
    assert refused.value.code == "encrypted"
