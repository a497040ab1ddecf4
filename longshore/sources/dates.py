"""Dates as people write them."""

from __future__ import annotations

import re

_YEAR = re.compile(r"(?<!\d)(?:(1\d{3}|20\d{2})(?!\d)|((?:19|20)\d{2})[01]\d[0-3]\d(?!\d))")


def year_of(date: str) -> int | None:
    """The year in a date: `2006/08/01`, `Nov 21, 1991`, `c. 1850`, `20190312`."""
    found = _YEAR.search(date)
    return int(found.group(1) or found.group(2)) if found else None
