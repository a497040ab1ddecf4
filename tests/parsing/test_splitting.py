from __future__ import annotations

import time

import pytest
from semantic_text_splitter import TextSplitter

from longshore.parsing.splitting import split

SENTENCES = "Cranes lift cargo from ships that wait. Tides carry them into the harbour.\n\n" * 30
UNBROKEN = {
    "letters": "a" * 70_000,
    "syllables": "가나다라" * 15_000,
    "digits and commas": "12,345;" * 9_000,
    "faces": "👩‍👩‍👧" * 9_000,
    "within sentences": f"{SENTENCES}{'b' * 61_000} {SENTENCES}{'나' * 60_500}\n\n{SENTENCES}",
}


@pytest.mark.parametrize("trim", [True, False])
@pytest.mark.parametrize("name", UNBROKEN)
def test_what_has_no_white_space_is_split_as_it_would_be_in_one_go(name: str, trim: bool) -> None:
    text = UNBROKEN[name]
    assert list(split(text, 500, trim)) == TextSplitter(500, trim=trim).chunk_indices(text)


@pytest.mark.parametrize("trim", [True, False])
def test_white_space_without_end_loses_nothing(trim: bool) -> None:
    text = f"{'c' * 50_000}{' ' * 60_000}{'d' * 50_000}"
    found = list(split(text, 500, trim))
    assert all(text.startswith(piece, offset) and len(piece) <= 500 for offset, piece in found)
    assert "".join("".join(piece.split()) for _, piece in found) == "".join(text.split())


def test_the_time_does_not_grow_with_the_square_of_a_stretch_without_white_space() -> None:
    begun = time.process_time()
    assert sum(len(piece) for _, piece in split("가" * 600_000, 500)) == 600_000
    assert time.process_time() - begun < 5, "in one go it takes more than twice as long"
