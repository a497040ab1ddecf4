"""What of a library is read: by collection, tag and type."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from longshore.errors import InvalidSource
from longshore.sources.choosing import Choice, ChosenItems
from longshore.sources.model import Item, Tag


def item(key: str, item_type: str = "journalArticle", tags: str = "", *collections: str) -> Item:
    return Item(
        key=key,
        kind="entry",
        item_type=item_type,
        title=key,
        tags=tuple(Tag(name=name) for name in tags.split()),
        collections=tuple(tuple(path.split("/")) for path in collections),
    )


class Shelf:
    def items(self) -> Iterator[Item]:
        yield item("cranes", "journalArticle", "lifting steel", "Harbour/Cranes")
        yield item("tides", "book", "water", "Harbour", "Reading")
        yield item("masts", "book", "Steel", "Ships/Cranes")
        yield item("loose", "attachment")


@pytest.mark.parametrize(
    ("choice", "chosen"),
    [
        (Choice(), ["cranes", "tides", "masts", "loose"]),
        (Choice(collections=("Harbour",)), ["cranes", "tides"]),
        (Choice(collections=("cranes",)), ["cranes", "masts"]),
        (Choice(collections=("Harbour/Cranes", "Reading")), ["cranes", "tides"]),
        (Choice(tags=("steel",)), ["cranes", "masts"]),
        (Choice(tags=("steel", "water"), item_types=("book",)), ["tides", "masts"]),
        (Choice(item_types=("attachment",)), ["loose"]),
    ],
)
def test_any_of_a_kind_will_do_and_all_kinds_have_to_fit(choice: Choice, chosen: list[str]) -> None:
    assert [found.key for found in ChosenItems(Shelf(), choice).items()] == chosen


def test_a_choice_of_nothing_is_taken_for_a_slip_and_says_what_there_is() -> None:
    with pytest.raises(InvalidSource) as refused:
        list(ChosenItems(Shelf(), Choice(collections=("Harbor",), tags=("steel",))).items())
    assert refused.value.code == "nothing_chosen"
    assert "collection 'Harbor', tag 'steel'" in str(refused.value)
    assert refused.value.hint == "Its collections are Harbour, Harbour/Cranes, Reading, Ships/Cranes."
