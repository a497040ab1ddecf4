"""What the fake provider answers: vectors and chat completions that follow from the text alone."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from longshore.dev.script import Trick
from longshore.graph.lexicon import tokens as words_of

Protocol = Literal["openai", "voyage", "cohere", "chat"]
_PASSAGE = re.compile(r'<passage id="(\w+)">\n(.*)\n</passage id="\1">', re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{6,}|[가-힣]{2,}")
_KINDS = ("Concept", "Method", "Finding", "Problem", "Dataset", "Metric", "Limitation")
_MOST_ENTITIES = 8
_ORDER = "ANSWER WITH:"
_AROUND = 24
"""Characters of evidence on both sides of a word."""


def protocol_of(path: str, body: dict[str, Any]) -> Protocol | None:
    """Which protocol a request speaks; None if it is no request of any."""
    if path.endswith("/chat/completions") and isinstance(body.get("messages"), list):
        return "chat"
    if path.endswith("/embed") and isinstance(body.get("texts"), list):
        return "cohere"
    if path.endswith("/embeddings") and isinstance(body.get("input"), (list, str)):
        return "voyage" if "truncation" in body else "openai"
    return None


def texts_of(protocol: Protocol, body: dict[str, Any]) -> list[str]:
    """What is to be embedded or answered."""
    if protocol == "chat":
        return [str(message.get("content", "")) for message in body["messages"] if isinstance(message, dict)]
    given = body["texts"] if protocol == "cohere" else body["input"]
    return [str(text) for text in ([given] if isinstance(given, str) else given)]


def counted_tokens(text: str) -> int:
    """Words and signs: another count than the one that Longshore estimates, as with real providers."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def embeddings(protocol: Protocol, body: dict[str, Any], dimensions: int, salt: str, trick: Trick) -> dict[str, Any]:
    texts = texts_of(protocol, body)
    asked = body.get("dimensions") or body.get("output_dimension") or dimensions
    rows = _spoiled([vector(text, int(asked), salt) for text in texts], trick)
    used = sum(map(counted_tokens, texts))
    if protocol == "cohere":
        billed = {"api_version": {"version": "2"}, "billed_units": {"input_tokens": used}}
        return {"id": "fake", "embeddings": {"float": rows}, "texts": texts, "meta": billed}
    data = [
        {"object": "embedding", "index": 0 if trick == "same_index" else place, "embedding": row}
        for place, row in enumerate(rows)
    ]
    usage = {"total_tokens": used} if protocol == "voyage" else {"prompt_tokens": used, "total_tokens": used}
    ordered = data[::-1] if trick == "shuffle" else data
    return {"object": "list", "data": ordered, "model": body.get("model"), "usage": usage}


def vector(text: str, dimensions: int, salt: str = "") -> list[float]:
    """The sum of a random direction for each word: texts that share words lie near each other. Not of length one."""
    total = np.zeros(dimensions)
    for word in words_of(text) or [text]:
        total += _direction(word, dimensions)
    if salt:
        total = total + 0.1 * np.random.default_rng(_seed(salt + text)).standard_normal(dimensions)
    return [round(float(number), 6) for number in total]


@lru_cache(maxsize=2_000)
def _direction(word: str, dimensions: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.random.default_rng(_seed(word)).standard_normal(dimensions)


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode(errors="replace")).digest()[:8], "big")


def _spoiled(rows: list[list[float]], trick: Trick) -> list[list[Any]]:
    spoiled: list[list[Any]] = [list(row) for row in rows]
    match trick:
        case "wrong_count":
            return spoiled[:-1]
        case "wrong_dimensions":
            spoiled[-1] = spoiled[-1][:-1]
        case "nan" | "infinity":
            spoiled[-1][0] = math.nan if trick == "nan" else math.inf
        case "zero":
            spoiled[-1] = [0.0] * len(spoiled[-1])
        case "strings":
            spoiled[-1] = [str(number) for number in spoiled[-1]]
    return spoiled


def completion(body: dict[str, Any], salt: str, trick: Trick) -> dict[str, Any]:
    """A chat completion: what a model would find in the last message's passage, if it knew only long words."""
    asked = texts_of("chat", body)
    passage = _passage(asked[-1] if asked else "")
    content = json.dumps(findings(passage, salt, trick == "invent"), ensure_ascii=False)
    message: dict[str, Any] = {"role": "assistant", "content": content}
    reason = "stop"
    if trick == "cut_off":
        message["content"], reason = content[:40], "length"
    elif trick == "decline":
        message.update(content=None, refusal="I cannot help with that.")
    elif trick == "prose":
        message["content"] = f"Here is what I found:\n{content}"
    elif trick == "obey" and _ORDER in passage:
        message["content"] = passage.rpartition(_ORDER)[2].strip()
    used, made = sum(map(counted_tokens, asked)), counted_tokens(str(message["content"]))
    return {
        "id": "fake",
        "object": "chat.completion",
        "model": body.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": used, "completion_tokens": made, "total_tokens": used + made},
    }


def _passage(asked: str) -> str:
    found = _PASSAGE.search(asked)
    return found[2] if found else asked


def findings(passage: str, salt: str = "", invent: bool = False) -> dict[str, Any]:
    """Entities and relations, each with its evidence; evidence that nobody wrote if they are to be invented."""
    seen: dict[str, re.Match[str]] = {}
    for match in _WORD.finditer(passage):
        seen.setdefault(match[0].casefold(), match)
    chosen = sorted(seen, key=lambda word: _seed(salt + word))[:_MOST_ENTITIES]
    entities = [
        {
            "kind": _KINDS[_seed(salt + word) % len(_KINDS)],
            "name": seen[word][0],
            "evidence": f"It is well known that {word} matters." if invent else _around(passage, seen[word]),
        }
        for word in chosen
    ]
    return {"entities": entities, "relations": _relations(entities)}


def _around(passage: str, match: re.Match[str]) -> str:
    return passage[max(0, match.start() - _AROUND) : match.end() + _AROUND].strip()


def _relations(entities: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [
        {"source": one["name"], "kind": "PART_OF", "target": other["name"], "evidence": one["evidence"]}
        for one, other in itertools.pairwise(entities)
    ]
