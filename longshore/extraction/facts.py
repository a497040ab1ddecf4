"""What a language model may find in a passage: kinds of things, and relations between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

EntityKind = Literal["Concept", "Method", "Finding", "Problem", "Dataset", "Metric", "Limitation"]
RelationKind = Literal[
    "ADDRESSES",
    "CAUSES",
    "CONTRADICTS",
    "EVALUATED_ON",
    "IMPROVES",
    "LIMITED_BY",
    "MEASURED_BY",
    "PART_OF",
    "SUPPORTS",
    "USES",
]
ENTITY_KINDS: tuple[EntityKind, ...] = get_args(EntityKind)
RELATION_KINDS: tuple[RelationKind, ...] = get_args(RelationKind)

_ALL = frozenset(ENTITY_KINDS)
ENDPOINTS: Mapping[RelationKind, tuple[frozenset[EntityKind], frozenset[EntityKind]]] = {
    "ADDRESSES": (frozenset({"Method", "Finding", "Concept", "Dataset"}), frozenset({"Problem", "Limitation"})),
    "CAUSES": (_ALL, frozenset({"Problem", "Finding", "Limitation", "Concept"})),
    "CONTRADICTS": (frozenset({"Finding", "Concept"}), frozenset({"Finding", "Concept"})),
    "EVALUATED_ON": (frozenset({"Method", "Finding", "Concept"}), frozenset({"Dataset", "Problem"})),
    "IMPROVES": (frozenset({"Method", "Concept", "Finding"}), frozenset({"Method", "Metric", "Concept"})),
    "LIMITED_BY": (_ALL, frozenset({"Limitation", "Problem"})),
    "MEASURED_BY": (_ALL, frozenset({"Metric"})),
    "PART_OF": (_ALL, _ALL),
    "SUPPORTS": (frozenset({"Finding", "Dataset", "Method"}), frozenset({"Finding", "Concept", "Method"})),
    "USES": (
        frozenset({"Method", "Finding", "Concept", "Dataset"}),
        frozenset({"Method", "Concept", "Dataset", "Metric"}),
    ),
}
"""The kinds that a relation may lead from and to."""


class Row(BaseModel):
    model_config = ConfigDict(frozen=True)


class Entity(Row):
    """A thing that a passage names, and where."""

    kind: EntityKind
    key: str
    """What equal things share: the name in one case, without what cannot be seen."""
    name: str
    evidence: str
    """As the passage has it: the characters from `start` to `end`."""
    start: int
    end: int


class Relation(Row):
    """How a passage relates two of its entities, and where it says so."""

    kind: RelationKind
    source: str
    """Keys of entities of the same passage."""
    target: str
    evidence: str
    start: int
    end: int


DropReason = Literal["kind", "name", "evidence", "repeated", "endpoint", "surplus"]


class Facts(Row):
    """What follows from one answer about one passage; sorted, and each thing once."""

    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    dropped: dict[DropReason, int] = {}
    """How much of the answer was left out, by reason: an unknown kind, a name that cannot be one, evidence that the
    passage does not hold, what was said before, a relation to what is not there, more than a passage may have."""
