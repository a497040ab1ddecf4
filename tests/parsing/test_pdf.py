from __future__ import annotations

from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from longshore.parsing.document import parse_file
from longshore.parsing.model import Parsed, ParseFailure
from tests.parsing import papers
from tests.parsing.conftest import KOREAN_SENTENCE, SENTENCE


def parse(path: Path) -> Parsed:
    return parse_file(path, "application/pdf", path.name)


def refusal(path: Path) -> str:
    with pytest.raises(ParseFailure) as caught:
        parse(path)
    assert path.name in str(caught.value)
    assert caught.value.hint
    return caught.value.code


def text_of(parsed: Parsed) -> str:
    return "\n".join(chunk.text for chunk in parsed.chunks)


def test_two_columns_are_read_one_after_the_other(english: Path) -> None:
    text = text_of(parse(english))
    positions = [text.index(f"Paragraph {number} of the first page.") for number in range(1, 9)]
    assert positions == sorted(positions)
    assert text.count(SENTENCE.strip()) == 27, "every sentence is whole, though it was printed on several lines"


def test_every_chunk_knows_its_page(english: Path) -> None:
    parsed = parse(english)
    assert parsed.pages == 2
    assert {chunk.page for chunk in parsed.chunks if "of the second page" in chunk.text} == {2}
    assert {chunk.page for chunk in parsed.chunks if "Paragraph 8" in chunk.text} == {1}
    assert [chunk.page for chunk in parsed.chunks] == sorted(chunk.page or 0 for chunk in parsed.chunks)


def test_title_is_what_is_set_in_the_largest_type(english: Path, korean: Path) -> None:
    assert parse(english).title == "Durable Imports of Research Libraries"
    assert parse(korean).title == "지식 그래프 구축"


def test_a_paper_in_one_size_of_type_has_no_title(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "plain.pdf"))
    canvas.drawString(72, 700, "Nothing here stands out from the rest.")
    canvas.save()
    assert parse(tmp_path / "plain.pdf").title is None


def test_neither_stamp_nor_drop_capital_is_a_title(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "stamped.pdf"))
    canvas.saveState()
    canvas.rotate(90)
    canvas.setFont("Times-Roman", 30)
    canvas.drawString(200, -40, "arXiv:2001.00001v1 [cs.DB] 1 Jan 2020")
    canvas.restoreState()
    canvas.setFont("Times-Roman", 16)
    canvas.drawString(72, 750, "The Real Title")
    canvas.setFont("Times-Roman", 40)
    canvas.drawString(72, 700, "O")
    canvas.setFont("Times-Roman", 9)
    for line in range(30):
        canvas.drawString(100, 690 - 12 * line, SENTENCE)
    canvas.save()
    assert parse(tmp_path / "stamped.pdf").title == "The Real Title"


def test_a_word_that_was_hyphenated_is_whole_again(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "hyphens.pdf"))
    canvas.drawString(72, 700, "Whatever is done once must never be repeated by a work-")
    canvas.drawString(72, 686, "flow that has been interrupted in the very middle of it.")
    canvas.save()
    assert "by a workflow that has been" in text_of(parse(tmp_path / "hyphens.pdf"))


def test_korean_text_in_a_cid_font(korean: Path) -> None:
    assert text_of(parse(korean)).count(KOREAN_SENTENCE.strip()) == 48, "no word stays torn apart where its line ended"


def test_cited_dois_are_those_of_the_reference_list(english: Path) -> None:
    assert parse(english).cited_dois == ("10.1000/first.work", "10.1000/second(2021)7")


def test_a_password_is_reported_as_such(tmp_path: Path, english: Path) -> None:
    assert refusal(papers.encrypted(tmp_path / "locked.pdf", english)) == "encrypted"


def test_pictures_of_pages_have_no_text(tmp_path: Path) -> None:
    assert refusal(papers.pictures(tmp_path / "scan.pdf")) == "image_only"


def test_no_bytes(tmp_path: Path) -> None:
    (tmp_path / "nothing.pdf").touch()
    assert refusal(tmp_path / "nothing.pdf") == "empty"


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\nno objects at all", b"\x00\x93garbage\xff" * 100, b"This was never a PDF."],
    ids=["header-only", "binary", "text"],
)
def test_what_only_claims_to_be_a_pdf_is_corrupt(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.pdf").write_bytes(content)
    assert refusal(tmp_path / "broken.pdf") == "corrupt"


def test_a_truncated_pdf_is_corrupt(tmp_path: Path, english: Path) -> None:
    whole = english.read_bytes()
    (tmp_path / "half.pdf").write_bytes(whole[: len(whole) // 2])
    assert refusal(tmp_path / "half.pdf") == "corrupt"


def test_a_page_tree_that_bites_its_tail_is_corrupt(tmp_path: Path) -> None:
    assert refusal(papers.cyclic(tmp_path / "cycle.pdf")) == "corrupt"
