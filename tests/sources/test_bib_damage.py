"""One character is lost from the middle of a file, wherever it is: the entries around it are read as before."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from longshore.sources.model import Item

Read = Callable[..., list[Item]]

BIBTEX = (
    "@book{before, title = {Before}, year = 2001}\n",
    '@article{middle,\n  title = {The {Middle}},\n  author = "M{\\"u}ller, A. and {A Body}",\n  journal = je # " 2",\n'
    "  year = 2002,\n}\n",
    "@book{after, title = {After}, year = 2003}\n",
)
RIS = (
    "TY  - BOOK\nID  - before\nTI  - Before\nER  - \n",
    "TY  - JOUR\nID  - middle\nAU  - Author, A.\nTI  - The Middle\n  goes on\nDO  - 10.5555/a\nER  - \n",
    "TY  - BOOK\nID  - after\nTI  - After\nER  - \n",
)
NAMES = [{"family": "A"}, {"literal": "B"}]
CSL = (
    '[{"id": "before", "type": "book", "title": "Before"},\n',
    json.dumps({"id": "middle", "type": "article-journal", "title": 'The "Middle"', "author": NAMES}) + ",\n",
    '{"id": "after", "type": "book", "title": "After"}]\n',
)


@pytest.mark.parametrize("pieces", [BIBTEX, RIS, CSL], ids=["bibtex", "ris", "csl"])
def test_the_others_stay_as_they_are(read_bib: Read, pieces: tuple[str, str, str]) -> None:
    before, middle, after = pieces
    whole = {item.key: item for item in read_bib("".join(pieces))}
    assert set(whole) == {"before", "middle", "after"}
    for position in range(len(middle) - 1):
        damaged = f"{before}{middle[:position]}{middle[position + 1 :]}{after}"
        found = {item.key: item for item in read_bib(damaged)}
        assert (found["before"], found["after"]) == (whole["before"], whole["after"]), damaged


def test_a_value_of_many_pieces_is_joined_in_one_pass(read_bib: Read) -> None:
    """Had each piece the pieces before it counted anew, this would take an hour."""
    pieces = 300_000
    (item,) = read_bib(f"@article{{a, title = 1{'#a' * pieces}}}")
    assert item.title == "1" + "a" * pieces
