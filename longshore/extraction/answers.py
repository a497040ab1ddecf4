"""From a model's raw answer to rows. The same answer gives the same rows, whenever and wherever it is read."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from longshore.extraction.evidence import find
from longshore.extraction.facts import (
    ENDPOINTS,
    ENTITY_KINDS,
    RELATION_KINDS,
    DropReason,
    Entity,
    Facts,
    Relation,
)

MOST = 40
"""Of entities, and of relations, in one passage."""
LONGEST_NAME = 160
Key = TypeVar("Key")
Kept = TypeVar("Kept")
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)


class BadAnswer(ValueError):
    """An answer that is not of the form that was asked for; says why, without its content."""


class _Form(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class ToldEntity(_Form):
    kind: str
    name: str
    evidence: str


class ToldRelation(_Form):
    source: str
    kind: str
    target: str
    evidence: str


class Told(_Form):
    """What the model says, as it says it."""

    entities: list[ToldEntity]
    relations: list[ToldRelation]


def parse(raw: str) -> Told:
    """The answer's content, which may stand in a fence of Markdown, with nothing else around it.

    Raises:
        BadAnswer: it is not JSON, or not of the form.
    """
    fenced = _FENCED.fullmatch(raw)
    try:
        return Told.model_validate_json(fenced[1] if fenced else raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        if first["type"] == "json_invalid":
            raise BadAnswer("its content is no JSON") from None
        raise BadAnswer(f"its content is not of the form ({where}: {first['type']})"[:200]) from None


def derive(raw: str, passage: str) -> Facts:
    """What of an answer holds for the passage that it is about.

    Only known kinds are taken, with a name that can be one and evidence that the passage holds, and relations between
    entities that were taken. So whatever a passage makes the model say, nothing comes of it but facts that quote this
    passage, in this passage's name.

    Raises:
        BadAnswer: as `parse`.
    """
    told = parse(raw)
    dropped: Counter[DropReason] = Counter()
    entities: dict[str, Entity] = {}
    for told_entity in told.entities:
        entity = _entity(told_entity, passage)
        if isinstance(entity, Entity):
            _keep(entities, entity.key, entity, dropped)
        else:
            dropped[entity] += 1
    relations: dict[tuple[str, str, str], Relation] = {}
    for told_relation in told.relations:
        relation = _relation(told_relation, passage, entities)
        if isinstance(relation, Relation):
            _keep(relations, (relation.source, relation.kind, relation.target), relation, dropped)
        else:
            dropped[relation] += 1
    return Facts(
        entities=tuple(entities[key] for key in sorted(entities)),
        relations=tuple(relations[key] for key in sorted(relations)),
        dropped=dict(sorted(dropped.items())),
    )


def _keep(rows: dict[Key, Kept], key: Key, row: Kept, dropped: Counter[DropReason]) -> None:
    """Of equal ones the first, and only so many."""
    if key in rows:
        dropped["repeated"] += 1
    elif len(rows) >= MOST:
        dropped["surplus"] += 1
    else:
        rows[key] = row


def _entity(told: ToldEntity, passage: str) -> Entity | DropReason:
    if told.kind not in ENTITY_KINDS:
        return "kind"
    name = _clean(told.name)
    if not any(map(str.isalpha, name)) or len(name) > LONGEST_NAME:
        return "name"
    span = find(told.evidence, passage)
    if span is None:
        return "evidence"
    start, end = span
    return Entity(kind=told.kind, key=_key(name), name=name, evidence=passage[start:end], start=start, end=end)


def _relation(told: ToldRelation, passage: str, entities: dict[str, Entity]) -> Relation | DropReason:
    if told.kind not in RELATION_KINDS:
        return "kind"
    source, target = entities.get(_key(_clean(told.source))), entities.get(_key(_clean(told.target)))
    if source is None or target is None or source.key == target.key:
        return "endpoint"
    froms, tos = ENDPOINTS[told.kind]
    if source.kind not in froms or target.kind not in tos:
        return "endpoint"
    span = find(told.evidence, passage)
    if span is None:
        return "evidence"
    start, end = span
    return Relation(
        kind=told.kind, source=source.key, target=target.key, evidence=passage[start:end], start=start, end=end
    )


def _clean(name: str) -> str:
    """Without what cannot be seen, such as signs that turn the direction of writing, in one line."""
    composed = unicodedata.normalize("NFKC", name)
    return " ".join(
        "".join(c if unicodedata.category(c)[0] != "C" else " " * (c in "\n\r\t") for c in composed).split()
    )


def _key(name: str) -> str:
    return name.casefold()
