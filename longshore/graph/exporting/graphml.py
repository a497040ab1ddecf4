"""A project as GraphML: documents and nodes with the edges between them.

The attributes are called as Gephi, Cytoscape and yEd expect them (`label`, `weight`). A node's `key` is what makes it
the same everywhere, a document's its identity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

# Those that no XML 1.0 document may hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OF_NODES = {"label": "string", "kind": "string", "key": "string", "year": "int", "doi": "string", "read_by": "string"}
_OF_EDGES = {"kind": "string", "weight": "double", "read_by": "string"}

TAIL = "</graph>\n</graphml>\n"


def head(project: str) -> str:
    attributes = [("node", _OF_NODES), ("edge", _OF_EDGES)]
    keys = "".join(
        f'<key id="{owner}-{name}" for="{owner}" attr.name="{name}" attr.type="{kind}"/>\n'
        for owner, kinds in attributes
        for name, kind in kinds.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        f'{keys}<graph id="{_text(project)}" edgedefault="directed">\n'
    )


def document(row: Mapping[str, Any]) -> str:
    about = {"label": row["title"], "kind": "Document", "key": row["identity"], "year": row["year"], "doi": row["doi"]}
    return f'<node id="{row["id"]}">{_data("node", about)}</node>\n'


def node(row: Mapping[str, Any]) -> str:
    about = {"label": row["name"], "kind": row["kind"], "key": row["key"], "read_by": _readers(row)}
    return f'<node id="{row["id"]}">{_data("node", about)}</node>\n'


def edge(row: Mapping[str, Any]) -> str:
    ends = f'source="{row["source"]}" target="{row["target"]}"'
    about = {"kind": row["kind"], "weight": row["weight"], "read_by": _readers(row)}
    return f'<edge id="{row["id"]}" {ends}>{_data("edge", about)}</edge>\n'


def _readers(row: Mapping[str, Any]) -> str | None:
    """The language models that have found it, such as `extraction.groq llama-3.3-70b-versatile`."""
    names = (f"{one['provider']} {one['model']}{' (fallback)' if one['fallback'] else ''}" for one in row["read_by"])
    return ", ".join(names) or None


def _data(owner: str, values: Mapping[str, object]) -> str:
    return "".join(
        f'<data key="{owner}-{name}">{_text(value)}</data>' for name, value in values.items() if value is not None
    )


def _text(value: object) -> str:
    return escape(_FORBIDDEN.sub("�", str(value)))
