"""Concepts of English and Korean prose, and nothing else from it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshore.extraction.base import Extractor, Mention
from longshore.extraction.concepts import MOST, CValueExtractor
from tests.extraction.texts import ENGLISH, KOREAN, REFERENCES

EXTRACTOR: Extractor = CValueExtractor()


def concepts(*passages: str) -> dict[str, Mention]:
    return {mention.term: mention for mention in EXTRACTOR.extract(passages)}


@pytest.mark.parametrize(
    "term",
    ["knowledge graph", "durable workflow", "entity resolution", "edit distance", "embedding similarity", "rate limit"],
)
def test_the_phrases_that_an_english_text_comes_back_to_are_found(term: str) -> None:
    assert concepts(ENGLISH)[term].count >= 2


@pytest.mark.parametrize("term", ["지식 그래프", "개체 해소", "편집 거리", "임베딩 유사도", "이벤트 기록", "언어 모델"])
def test_the_phrases_that_a_korean_text_comes_back_to_are_found_without_particles(term: str) -> None:
    found = concepts(KOREAN)
    assert found[term].count >= 2
    assert found[term].surface == term


def test_a_particle_behind_a_latin_word_is_stripped() -> None:
    assert concepts(KOREAN)["llm"].surface == "LLM"


def test_singular_and_plural_count_as_one_term_under_its_commoner_spelling() -> None:
    mention = concepts("All knowledge graphs grow. Many knowledge graphs are big. A knowledge graph is a graph.")[
        "knowledge graph"
    ]
    assert mention.count == 3
    assert mention.surface == "knowledge graphs"


def test_of_equally_frequent_spellings_the_smallest_is_shown() -> None:
    found = concepts("The message queue is slow, but a Message Queue is safe.")
    assert found["message queue"].surface == "Message Queue"


@pytest.mark.parametrize(
    "word", ["result", "method", "system", "example", "carter", "miller", "org", "https", "alpha", "table", "42", "j"]
)
def test_vague_words_names_links_formulas_and_numbers_are_no_concepts(word: str) -> None:
    assert not [term for term in concepts(ENGLISH) if word in term.split()]


@pytest.mark.parametrize("word", ["방법", "연구", "논문", "사실", "있다", "위해", "이러한", "그들이", "높았고"])
def test_vague_korean_words_and_predicates_are_no_concepts(word: str) -> None:
    assert not [term for term in concepts(KOREAN) if term == word or word in term.split()[-1:]]


def test_a_reference_list_gives_no_concepts() -> None:
    together = concepts(ENGLISH + REFERENCES)
    assert not [term for term in together if "turtle" in term]
    assert together == concepts(ENGLISH)
    assert concepts(ENGLISH, REFERENCES) == concepts(ENGLISH)


def test_a_reference_list_whose_heading_stands_in_another_passage_gives_none_either() -> None:
    headless = REFERENCES.replace("References", "")
    assert concepts(ENGLISH + "\nReferences", headless) == concepts(ENGLISH)
    assert concepts(ENGLISH, headless) == concepts(ENGLISH)


def test_the_last_lines_of_a_reference_list_belong_to_it() -> None:
    tail = "H. Primjer. Turtle gradients for turtles."
    assert concepts(ENGLISH + "\nReferences", REFERENCES, tail) == concepts(ENGLISH)
    assert concepts(ENGLISH + "\nReferences", tail) == concepts(ENGLISH)


def test_prose_after_a_reference_list_is_read_again() -> None:
    appendix = (
        "The lighthouse keeper trims the lamp of the lighthouse. " * 8 + "A lighthouse keeper never sleeps at night."
    )
    assert "lighthouse keeper" in concepts(ENGLISH, REFERENCES, appendix)


def test_a_head_that_is_printed_on_every_page_is_not_a_concept() -> None:
    pages = [f"Annals of Turtle Racing {page}\n{ENGLISH}" for page in range(5)]
    assert not [term for term in concepts(*pages) if "turtle" in term]


def test_a_korean_word_that_a_line_end_cuts_is_read_whole() -> None:
    found = concepts(
        "온톨로지 편집기는 빠르다. 새로운 온톨로지 편집기가 나왔다. 우리는 그 온톨로지 편집\n기를 오늘도 쓰고 있다."
    )
    assert found["온톨로지 편집기"].count == 3


def test_a_short_text_has_concepts_too() -> None:
    found = concepts("We study coral bleaching in shallow lagoons, and its effect on reef fish.")
    assert {"coral bleaching", "shallow lagoon", "reef fish"} <= found.keys()


def test_verbs_that_their_neighbours_give_away_are_no_part_of_a_concept() -> None:
    found = concepts(
        "A coral reef shelters the reef fish. We fathom tidal currents. A tidal basin empties, and may fertilise it."
    )
    assert {"coral reef", "reef fish", "tidal current", "tidal basin"} == {term for term in found if " " in term}


def test_phrases_within_longer_ones_do_not_crowd_them_out() -> None:
    found = concepts("The finite state machine waits. A finite state machine runs. Every finite state machine halts.")
    assert "finite state machine" in found
    assert "finite state" not in found


def test_the_number_of_concepts_is_limited() -> None:
    words = [f"{first}{second}{third}" for first in "bdfg" for second in "aeio" for third in ("lker", "mpton")]
    text = ". ".join(f"The {one} {other} and the {one} {other}" for one in words for other in words[:5])
    assert len(EXTRACTOR.extract([text])) == MOST


def test_mentions_are_sorted_by_term_and_scores_are_positive() -> None:
    mentions = EXTRACTOR.extract([ENGLISH, KOREAN])
    assert [mention.term for mention in mentions] == sorted(mention.term for mention in mentions)
    assert all(mention.score > 0 and mention.count > 0 for mention in mentions)


def test_chinese_and_japanese_sentences_are_not_taken_for_words() -> None:
    assert EXTRACTOR.extract(["知識グラフは文書と概念を結び付ける。知識グラフは大きい。知識グラフは便利だ。" * 3]) == []


@pytest.mark.parametrize("passages", [[], [""], [" \n "], ["!?"], ["x"], ["'s"], ["1234 5678"], ["\N{GRINNING FACE}"]])
def test_nothing_to_say_gives_no_mentions(passages: list[str]) -> None:
    assert EXTRACTOR.extract(passages) == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=200), max_size=4))
def test_any_text_has_an_answer_and_always_the_same(passages: list[str]) -> None:
    assert EXTRACTOR.extract(passages) == CValueExtractor().extract(passages)


def test_the_answer_does_not_depend_on_the_process() -> None:
    script = (
        "from longshore.extraction.concepts import CValueExtractor\n"
        "from tests.extraction.texts import ENGLISH, KOREAN\n"
        "print([mention.model_dump() for mention in CValueExtractor().extract([ENGLISH, KOREAN])])"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        ).stdout
        for seed in ("0", "1")
    }
    expected = [mention.model_dump() for mention in EXTRACTOR.extract([ENGLISH, KOREAN])]
    assert [answer.decode().strip() for answer in answers] == [str(expected)]


def test_a_capital_at_the_start_of_a_sentence_is_not_the_name() -> None:
    assert concepts(ENGLISH)["entity resolution"].surface == "entity resolution"
