"""How many tokens a text is, before anybody has counted them.

Every provider has a tokenizer of its own, and most are no one's to download. A batch that is estimated too small is cut
again when the provider refuses it, so an estimate is enough.
"""

from __future__ import annotations

BYTES_PER_TOKEN = 3
"""Of UTF-8. English has four and a half, code and numbers about three, Hangul and Han three, which is one letter."""


def estimated_tokens(text: str) -> int:
    """About the number of tokens of a text, rather too many than too few."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)


def cut_to_tokens(text: str, tokens: int) -> str:
    """The beginning of a text that is estimated at so many tokens, ended at a space where one is near."""
    limit = tokens * BYTES_PER_TOKEN
    if len(text.encode(errors="replace")) <= limit:
        return text
    encoded = text.lstrip().encode(errors="replace")
    beginning = encoded[:limit].decode(errors="ignore")
    head, space, _ = beginning.rpartition(" ")
    return head if space and len(head) > len(beginning) // 2 else beginning
