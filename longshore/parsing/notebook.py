"""Jupyter notebooks: what was written into the cells, without what running them printed."""

from __future__ import annotations

import json
from typing import Any

from longshore.parsing.markdown import read_markdown_text
from longshore.parsing.model import ParseFailure
from longshore.parsing.reading import Reading


def read_notebook(data: bytes, name: str) -> Reading:
    """
    Raises:
        ParseFailure: `corrupt` if it is not a notebook (nbformat 3 or 4).
    """
    try:
        notebook = json.loads(data)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        return read_markdown_text("\n\n".join(text for cell in cells if (text := _text(cell)).strip()))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ParseFailure("corrupt", f"{name} is not a notebook that can be read.", "Save it again.") from error


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    text = source if isinstance(source, str) else "".join(source)
    return f"```\n{text}\n```" if cell.get("cell_type") == "code" and text.strip() else text
