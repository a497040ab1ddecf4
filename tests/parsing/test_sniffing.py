from __future__ import annotations

import pytest

from longshore.parsing.sniffing import Kind, sniff


@pytest.mark.parametrize(
    ("head", "media_type", "name", "kind"),
    [
        (b"%PDF-1.7\n", None, "x", "pdf"),
        (b"%PDF-1.7\n", "text/html", "page.html", "pdf"),
        (b"\r\n\r\n  %PDF-1.4\n", None, "x", "pdf"),
        (b'if head.startswith(b"%PDF-"):\n    pass\n', None, "reader.py", "code"),
        (b"Plain words about %PDF-1.7", None, "x", "text"),
        (b"garbage before %PDF-1.7", "application/pdf", "x", "pdf"),
        (b"<!DOCTYPE html>\n<title>404</title>", "application/pdf", "paper.pdf", "html"),
        (b"<!-- saved from url=(0022)https://example.org/ -->\n<html>", None, "x", "html"),
        (b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">', None, "x", "html"),
        ("\ufeff<!doctype html>".encode("utf-16-le"), None, "x", "html"),
        (b"<p>A fragment", "text/html; charset=utf-8", "x", "html"),
        (b"<p>A fragment", None, "page.HTM", "html"),
        (b"Plain words about %s", None, "x", "text"),
        ("한글".encode("cp949"), "text/plain", "x.txt", "text"),
        ("\ufeffword".encode("utf-16-le"), None, "x.txt", "text"),
        (b"nothing like it", "application/pdf", "x", "pdf"),
        (b"PK\x03\x04", "text/plain", "x.txt", "packed"),
        (b"# Title", None, "x.md", "markdown"),
        (b"{\\rtf1 x}", "text/plain", "x.txt", "rtf"),
        (b"words", None, "x.tex", "latex"),
        (b"{}", None, "x.ipynb", "notebook"),
        (b"AT&TFORM\x00\x00", "image/vnd.djvu", "x.djvu", None),
        (b"\x89PNG\r\n\x1a\n", "text/html", "x.html", None),
        (b"\x7fELF\x02\x01\x01\x00", None, "x", None),
        (b"words\x00and\x01controls", None, "x.txt", None),
    ],
)
def test_content_wins_over_name_and_declared_type(
    head: bytes, media_type: str | None, name: str, kind: Kind | None
) -> None:
    assert sniff(head, media_type, name) == kind
