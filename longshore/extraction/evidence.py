"""Whether a passage says what a model quotes from it."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

FEWEST_BYTES = 4
"""Of the letters and digits of a quotation: `BERT`, or two Hangul syllables. Less stands in any text."""

# A letter with what is combined with it, as decomposed text has it, and Hangul spelled out in its parts.
_CLUSTER = re.compile("[ᄀ-ᅟ][ᅠ-ᇿ]+|.[\u0300-\u036f\u1160-\u11ff\u3099\u309a]*", re.DOTALL)
_SPLIT_WORD = re.compile(r"(?<=\w)-\n(?=\w)")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SAME = str.maketrans(dict.fromkeys("‘’‚‛′`", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—−", "-"))


class Folded(NamedTuple):
    """Text without the differences that quoting makes, and where each of its characters comes from."""

    text: str
    starts: list[int]
    ends: list[int]


def find(evidence: str, passage: str) -> tuple[int, int] | None:
    """Start and end of a quotation in a passage, in characters; None if it is not there or says too little.

    Case, white space, the shapes of quotes, dashes and ligatures, composed and decomposed letters, invisible characters
    and words split at the end of a line make no difference: models mend them. Words do.
    """
    wanted = fold(evidence).text.strip()
    if len("".join(filter(str.isalnum, wanted)).encode(errors="replace")) < FEWEST_BYTES:
        return None
    folded = fold(passage)
    at = folded.text.find(wanted)
    return None if at < 0 else (folded.starts[at], folded.ends[at + len(wanted) - 1])


def fold(text: str) -> Folded:
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    left_out = {at for match in _SPLIT_WORD.finditer(text) for at in range(*match.span())}
    for match in _CLUSTER.finditer(text):
        if match.start() in left_out or _INVISIBLE.match(match[0]):
            continue
        form = unicodedata.normalize("NFKC", match[0]).casefold().translate(_SAME)
        for letter in " " if form.isspace() else form:
            if letter == " " and folded and folded[-1] == " ":
                ends[-1] = match.end()
                continue
            folded.append(letter)
            starts.append(match.start())
            ends.append(match.end())
    return Folded("".join(folded), starts, ends)
