"""Which terms are one concept, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.extraction.resolution import Resolved, TermStats, document_frequency_limits, resolve


def stats(surface: str, documents: int = 1, count: int = 1) -> TermStats:
    return TermStats(surface.casefold(), surface, documents, count)


def united(*surfaces: str) -> bool:
    return len({resolved.key for resolved in resolve([stats(surface) for surface in surfaces]).values()}) == 1


@pytest.mark.parametrize(
    "surfaces",
    [
        ("knowledge graph", "Knowledge Graphs"),
        ("knowledge graph", "knowledge-graph", "knowledgegraph"),
        ("지식 그래프", "지식그래프"),
        ("data set", "datasets"),
        ("COVID-19", "Covid 19", "covid19"),
        ("knowledge graph", "knowlege graph"),
        ("knowledge graph", "knolwedge graph"),
        ("entity resolution", "entity resollution"),
        ("independent variable", "independant variable"),
        ("behaviour modelling", "behavior modeling"),
        ("tokenisation", "tokenization"),
    ],
)
def test_spellings_of_one_name_are_one_concept(surfaces: tuple[str, ...]) -> None:
    assert united(*surfaces)


@pytest.mark.parametrize(
    "surfaces",
    [
        ("version 2", "version 3"),
        ("phase 1 1", "phase 11"),
        ("cat", "car"),
        ("form", "from"),
        ("input", "in put"),
        ("supervised learning", "unsupervised learning"),
        ("absorption rate", "adsorption rate"),
        ("contract learning", "contrast learning"),
        ("symmetric key", "asymmetric key"),
        ("semantic web", "semantics web"),
        ("지식 그래프", "지식 그래픽"),
        ("소비자", "소비재"),
        ("C++", "C#"),
        ("mediation", "meditation"),
    ],
)
def test_different_names_stay_apart(surfaces: tuple[str, ...]) -> None:
    assert not united(*surfaces)


def test_a_single_word_is_a_misspelling_only_of_a_much_commoner_one() -> None:
    typo = stats("reproducability")
    assert resolve([typo, stats("reproducibility", documents=8, count=30)])["reproducability"].name == "reproducibility"
    assert resolve([typo, stats("reproducibility")])["reproducability"].name == "reproducability"


def test_two_similar_names_that_are_both_common_are_two_concepts() -> None:
    resolved = resolve([stats("infection rate", 6, 20), stats("inflection rate", 5, 18)])
    assert resolved["infection rate"].key != resolved["inflection rate"].key


def test_a_chain_of_small_steps_does_not_unite_its_ends() -> None:
    chain = [stats("graph rendering", 40, 90), stats("graph renderring", 4, 9), stats("graph renderrring", 1, 1)]
    resolved = resolve(chain)
    assert resolved["graph renderring"].key == resolved["graph rendering"].key
    assert resolved["graph renderrring"].key != resolved["graph rendering"].key


def test_a_concept_is_named_by_its_most_frequent_spelling() -> None:
    terms = [
        TermStats("knowledge graph", "Knowledge Graphs", 3, 7),
        TermStats("knowledge-graph", "knowledge-graph", 2, 4),
    ]
    assert resolve(terms)["knowledge-graph"] == Resolved(key="knowledgegraph", name="Knowledge Graphs")


def test_of_equally_frequent_spellings_the_smallest_names_the_concept() -> None:
    terms = [TermStats("message queue", "message queues", 1, 2), TermStats("message-queue", "Message-Queue", 1, 2)]
    assert resolve(terms)["message queue"].name == "Message-Queue"


def test_the_key_stays_when_another_spelling_is_added() -> None:
    alone = resolve([stats("지식 그래프")])["지식 그래프"]
    assert resolve([stats("지식 그래프"), stats("지식그래프", 9, 99)])["지식 그래프"].key == alone.key


def test_nothing_resolves_to_nothing() -> None:
    assert resolve([]) == {}


_WORDS = st.sampled_from(
    [
        "knowledge",
        "knowlege",
        "knolwedge",
        "graphs",
        "graph",
        "rendering",
        "renderring",
        "기록",
        "이벤트",
        "2",
        "3",
        "++",
        "-",
        "",
    ]
)
_STATS = st.builds(
    lambda words, upper, documents, count: TermStats(
        " ".join(words), " ".join(words).title() if upper else " ".join(words), documents, count
    ),
    st.lists(_WORDS, min_size=1, max_size=3),
    st.booleans(),
    st.integers(1, 50),
    st.integers(1, 90),
)


@given(st.data(), st.lists(st.one_of(_STATS, st.builds(stats, st.text(max_size=20))), max_size=25))
def test_the_answer_is_a_function_of_the_set(data: st.DataObject, terms: list[TermStats]) -> None:
    answer = resolve(terms)
    assert resolve(data.draw(st.permutations(terms))) == answer
    assert answer.keys() == {term.term for term in terms}
    names = {resolved.key: resolved.name for resolved in answer.values()}
    assert all(names[resolved.key] == resolved.name for resolved in answer.values())


@pytest.mark.parametrize("documents", [0, 1, 5, 19])
def test_a_small_library_keeps_what_one_document_names(documents: int) -> None:
    assert document_frequency_limits(documents) == (1, max(documents, 1))


def test_a_concept_of_a_larger_library_connects_documents_without_being_in_most() -> None:
    assert document_frequency_limits(20) == (2, 20)
    assert document_frequency_limits(300) == (2, 100)
    assert document_frequency_limits(10_000) == (3, 3333)


@given(st.integers(0, 10**6))
def test_the_limits_grow_with_the_library_and_leave_room(documents: int) -> None:
    fewest, most = document_frequency_limits(documents)
    assert 1 <= fewest <= most
    assert most <= max(documents, 1)
    more_fewest, more_most = document_frequency_limits(documents + 1)
    assert more_fewest >= fewest
    assert more_most >= most
