"""Every reader, given damaged bytes: it reads them or refuses them, and hands on nothing that cannot be stored."""

from __future__ import annotations

import pytest

from tests.poison.fuzz import strike
from tests.poison.readers import readers

TIMES = 20


@pytest.mark.parametrize("name", readers())
def test_damage_is_read_or_refused(name: str) -> None:
    strike(name, TIMES)
