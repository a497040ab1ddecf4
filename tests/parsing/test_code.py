"""Source code: what its symbols are, where they stand, and what it imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from longshore.parsing import version as version_module
from longshore.parsing.chunking import LATIN_BUDGET, cut
from longshore.parsing.code import reader
from longshore.parsing.code.languages import GRAMMARS, loaded
from longshore.parsing.code.reader import read_code
from longshore.parsing.model import Parsed
from longshore.parsing.pool import ParserPool
from longshore.parsing.sniffing import promised, sniff
from longshore.parsing.text import read_text

SOURCES: dict[str, tuple[str, list[str], list[str]]] = {
    "crane.py": (
        """
import os, a.b as c
from harbour.tides import Tide, level as l
from . import quay
from ..deep.sea import *

@decorated
class Crane:
    def lift(self): pass

    async def lower(self):
        def inner(): pass

def main(): pass
""",
        ["class Crane", "def lift", "def lower", "def inner", "def main"],
        ["os", "a.b", "harbour.tides.Tide", "harbour.tides.level", ".quay", "..deep.sea"],
    ),
    "crane.js": (
        """
import { a } from "./tides.js";
import "package";
export * from "../quay";
const b = require('./lib');
const lazy = import("./lazy");
export class Crane { lift() {} }
const lower = async () => {};
export const raise = function () {};
function* swing() {}
""",
        ["class Crane", "lift()", "function lower", "function raise", "function swing"],
        ["./tides.js", "../quay", "./lib", "./lazy"],
    ),
    "crane.ts": (
        """
import type { Tide } from "./tides";
export interface Load { weight: number }
export type Name = string;
enum Side { Port }
export abstract class Crane { abstract lift(): void; lower(): void {} }
namespace Quay { export function open(): void {} }
""",
        ["interface Load", "type Name", "enum Side", "class Crane", "lower()", "namespace Quay", "function open"],
        ["./tides"],
    ),
    "crane.tsx": (
        'import { Quay } from ".";\nexport function Crane(): Element { return <Quay/>; }',
        ["function Crane"],
        ["."],
    ),
    "crane.go": (
        """
package crane
import ( "fmt"; t "example.org/harbour/tides" )
type Crane struct { load int }
func (c *Crane) Lift() {}
func main() { fmt.Println(t.Now()) }
""",
        ["type Crane", "func (*Crane) Lift", "func main"],
        ["example.org/harbour/tides"],
    ),
    "crane.rs": (
        """
use crate::{tides::{self, Tide as T}, quay::*};
use std::fmt;
mod arm;
/// A crane.
#[derive(Debug)]
pub struct Crane;
impl fmt::Display for Crane { fn fmt(&self) {} }
impl Crane { pub fn lift(&self) {} }
mod tests { fn works() {} }
""",
        ["struct Crane", "impl fmt::Display for Crane", "fn fmt", "impl Crane", "fn lift", "mod tests", "fn works"],
        ["crate::tides", "crate::tides::Tide", "crate::quay", "self::arm"],
    ),
    "Crane.java": (
        """
import org.example.Tide;
import static org.example.Quay.open;
import java.util.*;
@Deprecated
public class Crane { Crane() {} void lift() {} enum Side { PORT } }
record Load(int weight) {}
""",
        ["class Crane", "Crane()", "lift()", "enum Side", "record Load"],
        ["org.example.Tide", "org.example.Quay.open"],
    ),
    "crane.c": (
        """
#include <stdio.h>
#include "tides.h"
#define TWICE(x) (2 * (x))
struct crane { int load; };
static char *lift(struct crane *c) { return 0; }
int main(void) { return 0; }
""",
        ["define TWICE", "struct crane", "lift()", "main()"],
        ["tides.h"],
    ),
    "crane.cpp": (
        """
#include "../quay/tides.hpp"
namespace quay {
template <typename T>
class Crane { public: void lift() { } };
}
void quay::Crane<int>::lower() {}
""",
        ["namespace quay", "class Crane", "lift()", "quay::Crane<int>::lower()"],
        ["../quay/tides.hpp"],
    ),
    "Crane.cs": (
        """
using System;
namespace Quay { class Crane { int Load { get; } void Lift() {} } interface IArm {} }
""",
        ["namespace Quay", "class Crane", "property Load", "Lift()", "interface IArm"],
        [],
    ),
    "crane.rb": (
        """
require "json"
require_relative "../quay/tides"
module Quay
  class Crane
    def lift = nil
    def self.build; end
  end
end
""",
        ["module Quay", "class Crane", "def lift", "def build"],
        ["json", "./../quay/tides"],
    ),
    "crane.sh": ("lift() { echo up; }\nfunction lower { echo down; }\n", ["function lift", "function lower"], []),
}


def parsed(text: str, name: str) -> Parsed:
    return cut(read_code(text.encode(), name))


def test_every_grammar_is_tried_here() -> None:
    assert {promised(None, name) for name in SOURCES} == set(GRAMMARS)


@pytest.mark.parametrize("name", SOURCES)
def test_symbols_and_imports(name: str) -> None:
    text, symbols, imported = SOURCES[name]
    reading = read_code(text.encode(), name)
    assert [section.title for section in reading.sections] == symbols
    assert [reference.target for reference in reading.references] == imported
    assert {reference.kind for reference in reading.references} <= {GRAMMARS[promised(None, name)].imported}


@pytest.mark.parametrize("name", SOURCES)
def test_a_symbol_is_its_lines(name: str) -> None:
    """Whole lines, so that nothing of a symbol stands in another's passage."""
    text, _, _ = SOURCES[name]
    for section in read_code(text.encode(), name).sections:
        assert section.start == 0 or text[section.start - 1] == "\n"
        assert section.end == len(text) or text[section.end] == "\n"


def test_every_grammar_library_is_in_the_parser_version() -> None:
    assert all(f"{grammar.library}=" in version_module.parser_version for grammar in GRAMMARS.values())


LONG = "\n".join(f"        total += tides[{number}]  # 조수 {number}" for number in range(25))
CRANES = f'''"""Cranes."""

import tides


class Crane:
    """Lifts."""

    def lift(self, total):
{LONG}
        return total

    # Lowers what it lifted.
    @checked
    def lower(self):
        return 0

    def swing(self):
        return 1


def main():
    return Crane()
'''


def test_passages_are_cut_at_symbols_and_tell_their_lines() -> None:
    chunks = parsed(CRANES, "crane.py").chunks
    assert [(chunk.heading, chunk.lines) for chunk in chunks] == [
        ("class Crane", (1, 7)),
        ("class Crane > def lift", (9, 33)),
        ("class Crane > def lift", (34, 35)),
        ("class Crane > def lower, def swing", (37, 43)),
        ("def main", (46, 47)),
    ]
    lines = CRANES.split("\n")
    for chunk in chunks:
        assert CRANES[chunk.start : chunk.end] == chunk.text
        assert len(chunk.text) <= LATIN_BUDGET
        assert chunk.lines is not None
        assert chunk.text == "\n".join(lines[chunk.lines[0] - 1 : chunk.lines[1]]), "indented as in the file"


def test_a_small_file_is_one_passage_that_names_what_it_holds() -> None:
    (chunk,) = parsed("def lift(): pass\n\n\ndef lower(): pass\n", "crane.py").chunks
    assert (chunk.heading, chunk.lines) == ("def lift, def lower", (1, 4))


def test_nothing_is_lost_but_white_space() -> None:
    for name, (text, _, _) in SOURCES.items():
        chunks = parsed(text * 40, name).chunks
        assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join((text * 40).split()), name


@pytest.mark.parametrize(
    ("name", "text", "prose"),
    [
        ("x.py", "#!/usr/bin/python\n'''Lifts cargo.'''\nx = 'no'  # by crane\n", "Lifts cargo.\nby crane"),
        ("x.py", 'def f():\n    """Lifts.\n\n    Slowly."""\n    return 1\n', "Lifts.\n\nSlowly."),
        ("x.py", "x = 1  # noqa: E501\ny = 2  # type: ignore\n", ""),
        ("x.js", "/**\n * Lifts *cargo*.\n */\nf('no'); // slowly\n", "Lifts *cargo*.\n\nslowly"),
        ("x.rs", "/// Lifts.\n//! Cargo.\nfn f() {}\n/* slowly */\n", "Lifts.\nCargo.\n\nslowly"),
        ("x.java", "/** Lifts. */\nclass X {} // slowly\n", "Lifts.\nslowly"),
        ("x.go", "//go:build linux\n\n// Lifts.\npackage x\n", "Lifts."),
        ("x.sh", "# Lifts.\n# shellcheck disable=SC1\necho no\n", "Lifts."),
        ("x.c", "/* Lifts\n   cargo. */\nint x;\n", "Lifts\ncargo."),
        ("x.rb", "# Lifts.\nputs 'no'\n", "Lifts."),
    ],
)
def test_prose_is_what_code_says_to_its_readers(name: str, text: str, prose: str) -> None:
    (chunk,) = parsed(text, name).chunks
    assert chunk.prose == prose


def test_each_passage_has_the_prose_of_its_lines() -> None:
    said = [chunk.prose for chunk in parsed(CRANES, "crane.py").chunks]
    tides = [f"조수 {number}" for number in range(25)]
    assert said[0] == "Cranes.\n\nLifts."
    assert said[3:] == ["Lowers what it lifted.", ""]
    assert "\n".join(filter(None, said[1:3])).split("\n") == tides


def test_text_that_is_no_code_is_prose_as_it_is() -> None:
    assert cut(read_text(b"words", "x.txt")).chunks[0].prose is None


@pytest.mark.parametrize(
    "text",
    [
        "class Broken(:\n  def lift(self\n}}}} ((( \x00",
        "x = " + "(" * 20_000,
        "\n".join("  " * depth + f"def f{depth}():" for depth in range(300)),
        "",
    ],
)
def test_broken_code_is_text(text: str) -> None:
    chunks = parsed(text, "crane.py").chunks
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.replace("\x00", "").split())


def test_what_no_person_wrote_is_read_without_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not read_code(b"function a(){};" * 100, "bundle.min.js").sections
    monkeypatch.setattr(reader, "MAX_SYMBOL_BYTES", 10)
    assert not read_code(b"def lift(): pass", "crane.py").sections


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"x = 1", "a/b/crane.py", "code"),
        (b"#!/usr/bin/env python3\nx = 1", "crane", "code"),
        (b"#!/bin/sh -e\n", "bin/crane", "code"),
        (b"#!/usr/bin/env -S node --harmony\n", "crane", "code"),
        (b"#!/usr/bin/awk -f\n", "crane", "text"),
        (b"#!/bin/sh\n", "how-to.txt", "text"),
        (b"x = 1", "py", "text"),
        (b"x = 1", ".py", "text"),
        (b"module example.org/harbour\n", "go.mod", "code"),
        (b"fn main() {}", "crane.zig", "text"),
        (b"\x00\x01", "crane.py", None),
        (b"<!doctype html>", "crane.py", "html"),
    ],
)
def test_code_is_known_by_its_name_or_its_first_line(head: bytes, name: str, kind: str | None) -> None:
    assert sniff(head, None, name) == kind


def test_equal_names_of_kinds_promise_alike() -> None:
    assert promised(None, "a/x.PY") == promised("text/plain", "b/y.py") == "python"
    assert promised("application/pdf", "x") == promised(None, "y.pdf")
    assert len({promised(None, name) for name in ("x.md", "x.txt", "x", "x.py", "x.csv", "x.cbz")}) == 6


def test_a_go_module_says_its_name() -> None:
    (reference,) = read_code(b"// quay\nmodule example.org/harbour // here\n\ngo 1.22\n", "go.mod").references
    assert (reference.kind, reference.target) == ("go-module", "example.org/harbour")


async def test_code_is_read_in_the_sandbox(tmp_path: Path) -> None:
    async with ParserPool(processes=1) as pool:
        for name, (text, symbols, imported) in SOURCES.items():
            path = tmp_path / "blob"
            path.write_text(text)
            answer = await pool.parse(path, None, name)
            assert symbols[0] in (answer.chunks[0].heading or ""), name
            assert [reference.target for reference in answer.references] == imported
            assert answer.chunks[-1].lines is not None


def test_grammars_are_loaded_once() -> None:
    assert loaded("python") is loaded("python")
