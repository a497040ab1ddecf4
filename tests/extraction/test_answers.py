"""From a model's answer to rows: only what has its evidence in the passage."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshore.extraction.answers import MOST, BadAnswer, derive, parse
from longshore.extraction.facts import ENDPOINTS, ENTITY_KINDS, RELATION_KINDS

PASSAGE = "Durable execution reduces lost work. We measure recovery time on the Harbour dataset."


def entity(
    name: str = "Durable execution", kind: str = "Method", evidence: str = "Durable execution"
) -> dict[str, str]:
    return {"kind": kind, "name": name, "evidence": evidence}


def relation(source: str, kind: str, target: str, evidence: str = "reduces lost work") -> dict[str, str]:
    return {"source": source, "kind": kind, "target": target, "evidence": evidence}


def answer(entities: list[dict[str, str]], relations: list[dict[str, str]] | None = None) -> str:
    return json.dumps({"entities": entities, "relations": relations or []})


LOST = entity("Lost work", "Problem", "lost work")


def test_an_answer_becomes_rows_with_their_place() -> None:
    facts = derive(answer([LOST, entity()], [relation("durable execution", "ADDRESSES", "LOST WORK")]), PASSAGE)
    assert [(row.kind, row.key, row.name, row.start, row.end) for row in facts.entities] == [
        ("Method", "durable execution", "Durable execution", 0, 17),
        ("Problem", "lost work", "Lost work", 26, 35),
    ]
    assert [(row.source, row.kind, row.target, row.evidence) for row in facts.relations] == [
        ("durable execution", "ADDRESSES", "lost work", "reduces lost work")
    ]
    assert facts.dropped == {}


def test_the_same_answer_gives_the_same_rows_in_any_order() -> None:
    relations = [relation("Durable execution", "ADDRESSES", "Lost work"), relation("Lost work", "CAUSES", "Lost work")]
    one, other = answer([LOST, entity()], relations), answer([entity(), LOST], relations[::-1])
    assert derive(one, PASSAGE) == derive(other, PASSAGE)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (entity(evidence="Durable execution prevents lost work"), "evidence"),
        (entity(evidence=""), "evidence"),
        (entity(evidence="the"), "evidence"),
        (entity(kind="Person"), "kind"),
        (entity(kind="method"), "kind"),
        (entity(name=""), "name"),
        (entity(name=" \u202e\u200b\x00 "), "name"),
        (entity(name="1234"), "name"),
        (entity(name="long " * 100), "name"),
        (LOST | {"name": "LOST  work"}, "repeated"),
    ],
)
def test_what_does_not_hold_is_dropped_and_counted_and_the_rest_is_kept(told: dict[str, str], reason: str) -> None:
    facts = derive(answer([LOST, told]), PASSAGE)
    assert [row.name for row in facts.entities] == ["Lost work"]
    assert facts.dropped == {reason: 1}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (relation("Durable execution", "ADDRESSES", "Lost work", "nobody said this"), "evidence"),
        (relation("Durable execution", "OWNS", "Lost work"), "kind"),
        (relation("Durable execution", "ADDRESSES", "Something else"), "endpoint"),
        (relation("Lost work", "ADDRESSES", "Durable execution"), "endpoint"),
        (relation("Lost work", "PART_OF", "lost work"), "endpoint"),
    ],
)
def test_neither_is_a_relation_that_does_not_hold(told: dict[str, str], reason: str) -> None:
    facts = derive(answer([LOST, entity()], [told]), PASSAGE)
    assert (len(facts.entities), facts.relations, facts.dropped) == (2, (), {reason: 1})


def test_a_relation_to_an_entity_that_was_dropped_falls_with_it() -> None:
    invented = entity(evidence="never written here")
    facts = derive(answer([LOST, invented], [relation("Durable execution", "ADDRESSES", "Lost work")]), PASSAGE)
    assert facts.dropped == {"endpoint": 1, "evidence": 1}


def test_names_lose_what_cannot_be_seen() -> None:
    facts = derive(answer([entity("Du\u200brable\n\u202eexe\u00adcution\x1b")]), PASSAGE)
    assert [(row.key, row.name) for row in facts.entities] == [("durable execution", "Durable execution")]


def test_a_passage_has_only_so_many() -> None:
    facts = derive(answer([entity(f"Name {n}a") for n in range(MOST + 5)]), PASSAGE)
    assert (len(facts.entities), facts.dropped) == (MOST, {"surplus": 5})


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "null",
        "[]",
        "{}",
        "I found nothing.",
        '{"entities": []}',
        '{"entities": [], "relations": [], "note": "x"}',
        '{"entities": [], "relations": []} and more',
        '{"entities": [], "relations": []',
        '{"entities": {}, "relations": []}',
        '{"entities": [{"kind": "Method", "name": "x"}], "relations": []}',
        '{"entities": [{"kind": "Method", "name": 7, "evidence": "x"}], "relations": []}',
        '{"entities": [{"kind": "Method", "name": "x", "evidence": "y", "tool": "z"}], "relations": []}',
        "Here it is:\n```json\n" + answer([]) + "\n```",
    ],
)
def test_what_is_not_of_the_form_is_a_bad_answer_that_is_not_repeated(raw: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        derive(raw, PASSAGE)
    assert "tool" not in str(caught.value) or "entities.0.tool" in str(caught.value)
    assert "nothing" not in str(caught.value)


def test_a_fence_of_markdown_around_the_whole_is_taken_off() -> None:
    assert parse(f"```json\n{answer([LOST])}\n```\n").entities[0].name == "Lost work"


def test_every_relation_has_kinds_that_it_can_join() -> None:
    assert set(ENDPOINTS) == set(RELATION_KINDS)
    assert all(set(kinds) <= set(ENTITY_KINDS) for pair in ENDPOINTS.values() for kinds in pair)


@given(
    st.lists(st.fixed_dictionaries({"kind": st.sampled_from(ENTITY_KINDS), "name": st.text(), "evidence": st.text()})),
    st.text(),
)
def test_every_row_quotes_the_passage_whatever_the_model_says(entities: list[dict[str, str]], passage: str) -> None:
    facts = derive(answer(entities), passage)
    assert len(facts.entities) + sum(facts.dropped.values()) == len(entities)
    for row in facts.entities:
        assert row.evidence == passage[row.start : row.end] != ""
