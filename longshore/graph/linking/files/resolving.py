"""Which files a reference means. What could mean several, or is found by settings that are not read here, is none."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from itertools import product

from longshore.graph.linking.files.tree import FileTree, ancestors, joined

_INDEXES = ("README.md", "readme.md", "index.md", "index.html", "index.htm")
_SCRIPTS = (".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json")
_COMPILED = re.compile(r"\.([mc]?)jsx?$")
_MOST_FILES = 50
"""Of a Go package: a reference to a folder that holds more names none of them."""


def resolve(files: FileTree, kind: str, target: str, path: str) -> list[str]:
    """Paths of the files that the text at `path` names; none if there is no such file in its source."""
    return [found for found in _RESOLVE[kind](files, target, path) if found and found != path]


def _link(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    from_top = target.startswith("/")
    place = joined("" if from_top else posixpath.dirname(path), target.lstrip("/"))
    if place is not None:
        yield files.first((place, *(posixpath.join(place, index) for index in _INDEXES)))


def _wiki(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """A note by its path from the top, else by its name, if no other has it or one lies in the same folder."""
    for name in (target, f"{target}.md"):
        place = joined("", name)
        if place in files.paths:
            yield place
            return
        found = files.named(posixpath.basename(name)) if "/" not in name else files.ending(name)
        near = [other for other in found if posixpath.dirname(other) == posixpath.dirname(path)]
        if len(near or found) == 1:
            yield (near or found)[0]
            return


def _latex(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """From the folder of the file, else from those above it: paths are meant from where the main file lies."""
    places = (joined(folder, target) for folder in ancestors(posixpath.dirname(path)))
    yield files.first(candidate for place in places if place for candidate in (f"{place}.tex", place))


def _python(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """A module, or the one that has what is imported of it.

    Absolute names are looked for from the top, from `src`, and from the folders above the importing file; from those
    only if the name has a package, for a module beside it is not meant where the folder is a package itself.
    """
    dots = len(target) - len(target.lstrip("."))
    names = [name for name in target.split(".") if name]
    folder = posixpath.dirname(path)
    if dots:
        above = joined(folder, "../" * (dots - 1))
        yield files.first(_modules([(above, names), (above, names[:-1])])) if above is not None else None
        return
    tops = ("", "src")
    nested = [root for root in ancestors(folder) if root not in tops]
    wholes = [(root, names) for root in [*(nested if len(names) > 1 else []), *tops]]
    parents = [(root, names[:-1]) for root in [*(nested if len(names) > 2 else []), *tops]] if len(names) > 1 else []
    yield files.first(_modules([*wholes, *parents]))


def _modules(places: list[tuple[str, list[str]]]) -> Iterator[str]:
    for root, names in places:
        module = posixpath.join(root, *names)
        if names:
            yield from (f"{module}.py", f"{module}.pyi")
        yield from (posixpath.join(module, "__init__.py"), posixpath.join(module, "__init__.pyi"))


def _javascript(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """As bundlers and TypeScript find it: as written, as the source of a `.js`, with an extension, or as an index."""
    place = joined(posixpath.dirname(path), target)
    if place is None:
        return
    source = _COMPILED.sub(r".\1ts", place)
    yield files.first(
        (
            place,
            *((source, f"{source}x") if source != place else ()),
            *(f"{place}{suffix}" for suffix in _SCRIPTS),
            *(posixpath.join(place, f"index{suffix}") for suffix in _SCRIPTS),
        )
    )


def _go(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """All files of a package of this module; those of tests are not imported."""
    for folder, module in files.go_modules.items():
        if target == module or target.startswith(f"{module}/"):
            package = posixpath.join(folder, target[len(module) :].lstrip("/")).rstrip("/")
            found = [
                file for file in files.in_folder(package) if file.endswith(".go") and not file.endswith("_test.go")
            ]
            yield from found if len(found) <= _MOST_FILES else ()
            return


def _rust(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """The longest part of the path that is a module with a file of its own."""
    folder, file = posixpath.split(path)
    here = folder if file in ("mod.rs", "lib.rs", "main.rs") else path.removesuffix(".rs")
    first, *names = target.split("::")
    if first == "crate":
        top = next((root for root in ancestors(folder) if posixpath.basename(root) == "src"), None)
    else:
        top = here if first == "self" else posixpath.dirname(here)
    while top is not None and names and names[0] == "super":
        top, names = posixpath.dirname(top), names[1:]
    if top is None:
        return
    lengths = range(len(names), 0, -1)
    modules = (posixpath.join(top, *names[:length]) for length in lengths)
    yield files.first(place for module in modules for place in (f"{module}.rs", posixpath.join(module, "mod.rs")))


def _java(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """The file of a class, or of the class that an inner class or a member belongs to, wherever its sources begin."""
    names = target.split(".")
    for length in range(len(names), max(1, len(names) - 3), -1):
        found = files.ending("/".join(names[:length]) + ".java")
        if found:
            yield found[0] if len(found) == 1 else None
            return


def _c(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    """Beside the file, else from a folder above it or an `include` or `src` in one, the nearest first."""
    folder = posixpath.dirname(path)
    below = product(ancestors(folder), ("", "include", "src"))
    yield files.first(joined(posixpath.join(root, inner), target) for root, inner in [(folder, ""), *below])


def _ruby(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    name = target.removesuffix(".rb")
    relative = target.startswith(("./", "../"))
    yield files.first([joined(posixpath.dirname(path) if relative else "lib", f"{name}.rb")])


def _nothing(files: FileTree, target: str, path: str) -> Iterator[str | None]:
    yield from ()


_RESOLVE: dict[str, Callable[[FileTree, str, str], Iterator[str | None]]] = {
    "link": _link,
    "wiki": _wiki,
    "latex": _latex,
    "python": _python,
    "javascript": _javascript,
    "go": _go,
    "go-module": _nothing,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "ruby": _ruby,
}
