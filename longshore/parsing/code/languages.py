"""The programming languages whose symbols are known."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache

from tree_sitter import Language, Query

from longshore.parsing.model import ReferenceKind


@dataclass(frozen=True)
class Grammar:
    """A language's tree-sitter grammar and what is asked of it.

    Each pattern of `symbols` captures a `@name` and the symbol as a whole, under the word that the language or its
    readers say before the name; under `@call` if they write `name()`. `imports` captures whole statements, `comments`
    what is written for readers.
    """

    module: str
    symbols: str
    imports: str = ""
    imported: ReferenceKind | None = None
    function: str = "language"
    comments: str = "(comment) @comment"

    @property
    def library(self) -> str:
        """The package that brings the grammar."""
        return self.module.replace("_", "-")


_JAVASCRIPT = """
    (class_declaration name: (_) @name) @class
    (function_declaration name: (_) @name) @function
    (generator_function_declaration name: (_) @name) @function
    (method_definition name: (_) @name) @call
    (lexical_declaration (variable_declarator name: (identifier) @name
        value: [(arrow_function) (function_expression) (generator_function)])) @function
    (variable_declaration (variable_declarator name: (identifier) @name
        value: [(arrow_function) (function_expression) (generator_function)])) @function
    (export_statement declaration: (class_declaration name: (_) @name)) @class
    (export_statement declaration: (function_declaration name: (_) @name)) @function
"""
_TYPESCRIPT = (
    _JAVASCRIPT
    + """
    (interface_declaration name: (_) @name) @interface
    (type_alias_declaration name: (_) @name) @type
    (enum_declaration name: (_) @name) @enum
    (abstract_class_declaration name: (_) @name) @class
    (internal_module name: (_) @name) @namespace
    (export_statement declaration: (abstract_class_declaration name: (_) @name)) @class
    (export_statement declaration: (interface_declaration name: (_) @name)) @interface
    (export_statement declaration: (type_alias_declaration name: (_) @name)) @type
    (export_statement declaration: (enum_declaration name: (_) @name)) @enum
"""
)
_JAVASCRIPT_IMPORTS = """
    (import_statement source: (_) @import)
    (export_statement source: (_) @import)
    (call_expression function: [(import) (identifier)] @callee arguments: (arguments . (string) @import)
        (#any-of? @callee "import" "require"))
"""
_C = """
    (function_definition declarator: (_) @name) @call
    (struct_specifier name: (_) @name body: (_)) @struct
    (union_specifier name: (_) @name body: (_)) @union
    (enum_specifier name: (_) @name body: (_)) @enum
    (preproc_function_def name: (_) @name) @define
"""
_LINES_AND_BLOCKS = "[(line_comment) (block_comment)] @comment"
_INCLUDES = "(preproc_include path: (string_literal) @import)"

GRAMMARS: dict[str, Grammar] = {
    "python": Grammar(
        "tree_sitter_python",
        """
        (class_definition name: (_) @name) @class
        (function_definition name: (_) @name) @def
        (decorated_definition definition: (class_definition name: (_) @name)) @class
        (decorated_definition definition: (function_definition name: (_) @name)) @def
        """,
        "[(import_statement) (import_from_statement)] @import",
        "python",
        comments="[(comment) (expression_statement . (string) .)] @comment",
    ),
    "javascript": Grammar("tree_sitter_javascript", _JAVASCRIPT, _JAVASCRIPT_IMPORTS, "javascript"),
    "typescript": Grammar(
        "tree_sitter_typescript", _TYPESCRIPT, _JAVASCRIPT_IMPORTS, "javascript", "language_typescript"
    ),
    "tsx": Grammar("tree_sitter_typescript", _TYPESCRIPT, _JAVASCRIPT_IMPORTS, "javascript", "language_tsx"),
    "go": Grammar(
        "tree_sitter_go",
        """
        (function_declaration name: (_) @name) @func
        (method_declaration receiver: (parameter_list (parameter_declaration type: (_) @owner)) name: (_) @name) @func
        (type_declaration (type_spec name: (_) @name)) @type
        """,
        "(import_spec path: (_) @import)",
        "go",
    ),
    "rust": Grammar(
        "tree_sitter_rust",
        """
        (function_item name: (_) @name) @fn
        (struct_item name: (_) @name) @struct
        (enum_item name: (_) @name) @enum
        (union_item name: (_) @name) @union
        (trait_item name: (_) @name) @trait
        (mod_item name: (_) @name body: (_)) @mod
        (macro_definition name: (_) @name) @macro
        (impl_item !trait type: (_) @name) @impl
        (impl_item trait: (_) @trait_name type: (_) @name) @impl
        """,
        "[(use_declaration) (mod_item !body)] @import",
        "rust",
        comments=_LINES_AND_BLOCKS,
    ),
    "java": Grammar(
        "tree_sitter_java",
        """
        (class_declaration name: (_) @name) @class
        (interface_declaration name: (_) @name) @interface
        (enum_declaration name: (_) @name) @enum
        (record_declaration name: (_) @name) @record
        (annotation_type_declaration name: (_) @name) @annotation
        (method_declaration name: (_) @name) @call
        (constructor_declaration name: (_) @name) @call
        """,
        "(import_declaration) @import",
        "java",
        comments=_LINES_AND_BLOCKS,
    ),
    "c": Grammar("tree_sitter_c", _C, _INCLUDES, "c"),
    "cpp": Grammar(
        "tree_sitter_cpp",
        _C
        + """
        (class_specifier name: (_) @name body: (_)) @class
        (namespace_definition name: (_) @name) @namespace
        """,
        _INCLUDES,
        "c",
    ),
    "c-sharp": Grammar(
        "tree_sitter_c_sharp",
        """
        (class_declaration name: (_) @name) @class
        (interface_declaration name: (_) @name) @interface
        (struct_declaration name: (_) @name) @struct
        (enum_declaration name: (_) @name) @enum
        (record_declaration name: (_) @name) @record
        (namespace_declaration name: (_) @name) @namespace
        (method_declaration name: (_) @name) @call
        (constructor_declaration name: (_) @name) @call
        (property_declaration name: (_) @name) @property
        """,
    ),
    "ruby": Grammar(
        "tree_sitter_ruby",
        """
        (class name: (_) @name) @class
        (module name: (_) @name) @module
        (method name: (_) @name) @def
        (singleton_method name: (_) @name) @def
        """,
        """
        (call method: (identifier) @callee arguments: (argument_list . (string) @import .)
            (#any-of? @callee "require" "require_relative"))
        """,
        "ruby",
    ),
    "bash": Grammar("tree_sitter_bash", "(function_definition name: (_) @name) @function"),
}


@dataclass(frozen=True)
class Loaded:
    """A grammar, with its questions."""

    language: Language
    symbols: Query
    comments: Query
    imports: Query | None


@cache
def loaded(language: str) -> Loaded:
    """The grammar is loaded when it is first needed, and stays."""
    grammar = GRAMMARS[language]
    tree_sitter = Language(getattr(importlib.import_module(grammar.module), grammar.function)())
    return Loaded(
        language=tree_sitter,
        symbols=Query(tree_sitter, grammar.symbols),
        comments=Query(tree_sitter, grammar.comments),
        imports=Query(tree_sitter, grammar.imports) if grammar.imports else None,
    )
