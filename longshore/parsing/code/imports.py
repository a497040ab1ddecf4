"""What a source text imports, in a form of its own for each language; the files are found when linking.

| kind | target |
|---|---|
| python | `a.b.c` for `import a.b.c` and for `from a.b import c`; leading dots as written |
| javascript | the relative specifier: `./a`, `../b.js`; packages are left out |
| go | the import path; without a slash it is of the standard library and left out |
| rust | `crate::a::b`, `self::a`, `super::a`, one for each name; `self::a` also for `mod a;` |
| java | `a.b.C`, with the member for a static import; imports of whole packages are left out |
| c | the path between quotes |
| ruby | `./a` for `require_relative "a"`, `a` for `require "a"` |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tree_sitter import Node, Query, QueryCursor

from longshore.parsing.model import Reference, ReferenceKind

_GO_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_MOST_NAMES = 200
"""In one `use` declaration of Rust, whose braces may nest."""


def imports(root: Node, query: Query, kind: ReferenceKind) -> Iterator[Reference]:
    for _, captures in sorted(QueryCursor(query).matches(root), key=lambda match: match[1]["import"][0].start_byte):
        (statement, *_) = captures["import"]
        callee = captures.get("callee", [])
        for target in _TARGETS[kind](statement, _text(callee[0]) if callee else ""):
            yield Reference(kind=kind, target=target)


def go_module(text: str) -> Iterator[Reference]:
    """The name that a go.mod gives to its folder."""
    if found := _GO_MODULE.search(text):
        yield Reference(kind="go-module", target=found[1])


def _python(statement: Node, _: str) -> Iterator[str]:
    names = [
        _text(name.child_by_field_name("name") or name if name.type == "aliased_import" else name)
        for name in statement.children_by_field_name("name")
    ]
    module = statement.child_by_field_name("module_name")
    if module is None:
        yield from names
        return
    within = _text(module)
    dot = "" if within.endswith(".") else "."
    yield from (f"{within}{dot}{name}" for name in names)
    if not names:  # from a import *
        yield within


def _javascript(specifier: Node, _: str) -> Iterator[str]:
    path = _unquoted(specifier)
    if path in (".", "..") or path.startswith(("./", "../")):
        yield path


def _go(path: Node, _: str) -> Iterator[str]:
    if "/" in _unquoted(path):
        yield _unquoted(path)


def _rust(declaration: Node, _: str) -> Iterator[str]:
    if declaration.type == "mod_item":
        name = declaration.child_by_field_name("name")
        yield f"self::{_text(name)}" if name else ""
        return
    argument = declaration.child_by_field_name("argument")
    names = re.findall(r"::|[{},*]|\bas\b|\w+", _text(argument)) if argument else []
    yield from list(_rust_paths(names))[:_MOST_NAMES]


def _rust_paths(words: list[str]) -> Iterator[str]:
    """Every path of a `use` tree: `crate::{a, b::{c, d as e}}` is `crate::a`, `crate::b::c`, `crate::b::d`."""
    outer: list[list[str]] = []
    path: list[str] = []
    begun, renamed = 0, False
    for word in [*words, ","]:
        if word == "{":
            outer.append(path[:])
            begun = len(path)
        elif word in ("}", ","):
            if len(path) > begun and path[0] in ("crate", "self", "super"):
                yield "::".join(path[:-1] if path[-1] == "self" and len(path) > 1 else path)
            if word == "}" and outer:
                outer.pop()
            path = outer[-1][:] if outer else []
            begun, renamed = len(path), False
        elif word == "as":
            renamed = True
        elif word not in ("::", "*") and not renamed:
            path.append(word)


def _java(declaration: Node, _: str) -> Iterator[str]:
    if not any(child.type == "asterisk" for child in declaration.children):
        yield from (_text(child) for child in declaration.named_children if child.type == "scoped_identifier")


def _c(path: Node, _: str) -> Iterator[str]:
    yield _unquoted(path)


def _ruby(path: Node, callee: str) -> Iterator[str]:
    if "#{" not in _unquoted(path):
        yield f"./{_unquoted(path)}" if callee == "require_relative" else _unquoted(path)


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")


def _unquoted(node: Node) -> str:
    return _text(node).strip("\"'`")


_TARGETS: dict[ReferenceKind, Callable[[Node, str], Iterator[str]]] = {
    "python": _python,
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "ruby": _ruby,
}
