from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID, uuid5

import pytest

from longshore.evaluation.language import language_of
from longshore.evaluation.questions import Question, Readable, SentenceLots, Text, draw_titles

SPACE = UUID(int=1)
ENGLISH = (
    "Durable workflows keep their state in a log that survives the machine. "
    "A worker that comes back reads the log again and goes on from where it stopped. Short one. "
    "Nobody has to remember number {number} of the steps that were taken before the crash."
)
KOREAN = (
    "중단된 작업은 기록을 되읽어 멈춘 자리에서 다시 이어 간다. 짧다. "
    "담당자는 {number}번째 목록을 보고 출판사에 새 파일을 요청하였다."
)


def document(number: int, content: str) -> Readable:
    name = f"doc-{number}"
    return Readable(uuid5(SPACE, name), name, f"Title number {number}", [Text(f"{number:064x}", content)])


def shelf() -> list[Readable]:
    english = [document(number, ENGLISH.format(number=number)) for number in range(8)]
    return english + [document(number, KOREAN.format(number=number)) for number in range(8, 12)]


def draw_sentences(documents: Iterable[Readable], each: int, seed: int) -> list[Question]:
    lots = SentenceLots(each, seed)
    for document in documents:
        lots.read(document)
    return lots.drawn()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A graph of papers", "en"),
        ("지식 그래프와 Temporal", "ko"),
        ("Über Wörter", "en"),
        ("知識グラフ", "other"),
        ("42", "other"),
    ],
)
def test_language_is_told_by_script(text: str, language: str) -> None:
    assert language_of(text) == language


def test_sentences_stand_where_they_say_and_only_once() -> None:
    documents = shelf()
    contents = {document.document_id: document.texts[0].content for document in documents}
    questions = draw_sentences(documents, each=50, seed=1)
    assert questions
    for question in questions:
        assert question.span
        place = contents[question.document_id][question.span.start : question.span.end]
        assert " ".join(place.split()) == question.text
        assert sum(question.text in content for content in contents.values()) == 1
    # The sentences that all documents share tell none of them.
    assert Counter(question.language for question in questions) == {"en": 8, "ko": 4}


def test_drawing_depends_on_the_seed_and_not_on_the_order() -> None:
    documents = shelf()
    first = draw_sentences(documents, each=3, seed=1)
    assert first == draw_sentences(documents[::-1], each=3, seed=1)
    assert first != draw_sentences(documents, each=3, seed=2)
    assert Counter(question.language for question in first) == {"en": 3, "ko": 3}


def test_titles_that_name_two_documents_or_say_nothing_are_not_asked() -> None:
    named = [
        (SPACE, "a", "On Durable Workflows"),
        (UUID(int=2), "b", "on durable  workflows"),
        (UUID(int=3), "c", "Notes"),
        (UUID(int=4), "d", "Exactly Once, and What It Means"),
    ]
    assert [question.document_id for question in draw_titles(named, each=10, seed=1)] == [UUID(int=4)]


def test_text_without_ends_of_sentences_is_read_in_linear_time() -> None:
    assert draw_sentences([document(1, "word " * 200_000)], each=5, seed=1) == []
