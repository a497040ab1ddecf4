"""How a file shows the programming language that it is written in."""

from __future__ import annotations

import re

_BY_SUFFIX = {
    **dict.fromkeys(("py", "pyi", "pyw"), "python"),
    **dict.fromkeys(("js", "mjs", "cjs", "jsx"), "javascript"),
    **dict.fromkeys(("ts", "mts", "cts"), "typescript"),
    "tsx": "tsx",
    "go": "go",
    "rs": "rust",
    "java": "java",
    "c": "c",
    # Headers of C read well as C++, but not the other way round.
    **dict.fromkeys(("h", "hh", "hpp", "hxx", "cc", "cpp", "cxx", "inl"), "cpp"),
    "cs": "c-sharp",
    **dict.fromkeys(("rb", "rake", "gemspec"), "ruby"),
    **dict.fromkeys(("sh", "bash"), "bash"),
}
_BY_NAME = {"go.mod": "go-module", "rakefile": "ruby", "gemfile": "ruby"}
_SHEBANG = re.compile(rb"#!\s*/(?:\S*/)?(?:env\s+(?:-S\s+)?)?([a-z]+)")
_BY_INTERPRETER = {
    **dict.fromkeys((b"python", b"pypy"), "python"),
    **dict.fromkeys((b"sh", b"bash", b"dash", b"ksh", b"zsh"), "bash"),
    **dict.fromkeys((b"node", b"nodejs"), "javascript"),
    **dict.fromkeys((b"deno", b"bun"), "typescript"),
    b"ruby": "ruby",
}


def language_of_name(name: str) -> str | None:
    """The language that a file's name promises: one of `languages.GRAMMARS`, or `go-module`, which needs none."""
    file = name.replace("\\", "/").rpartition("/")[2].lower()
    stem, dot, suffix = file.rpartition(".")
    return _BY_NAME.get(file) or (_BY_SUFFIX.get(suffix) if dot and stem else None)


def language_of_head(head: bytes) -> str | None:
    """The language of the interpreter that the first line names."""
    found = _SHEBANG.match(head)
    return _BY_INTERPRETER.get(found[1]) if found else None
