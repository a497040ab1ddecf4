"""Something whole for each reader to begin with: small, and with a little of everything that its kind knows."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.parsing import papers, test_packed
from tests.sources.conftest import HEAD

TEXT = (
    "Cranes lift cargo from ships.\n\n"
    "See doi:10.5555/a.b and https://example.org/a-b.\n\nReferences\n[1] doi:10.5555/c\n"
)
HTML = (
    "<html><head><title>Tides</title></head><body><h1>Tides</h1><p>The <b>harbour</b>"
    " &amp; its <a href='b.md'>tide</a>."
    "<ul><li>one<li>two</ul><table><tr><td>a<td>b</table></body></html>"
)
MARKDOWN = (
    "---\ntitle: Tides\n---\n# One\n\nText with [a link](b.md) and [[c]].\n\n```py\ncode\n```\n\n## Two\n\n| a | b |\n"
)
NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "markdown", "source": ["# One\n"]}, {"cell_type": "code", "source": "x = 1"}]}
)
MAIL = (
    "From: A <a@example.org>\nTo: b@example.org\nSubject: =?utf-8?q?Tid=C3=A9?=\n"
    "Date: Sat, 1 Jan 2022 00:00:00 +0000\n"
    "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n"
    "--x\nContent-Type: text/plain; charset=utf-8\n"
    "Content-Transfer-Encoding: quoted-printable\n\nThe tide =C3=A9.\n"
    "--x\nContent-Type: text/html\n\n<p>Tide</p>\n--x--\n"
)
RTF = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\*\generator a}\f0 Tide \'e9 \u44032? {\b bold}\par Two\par}"
LATEX = (
    "\\documentclass{article}\\title{On Tides}\\begin{document}\\maketitle\n\\section{One}\nText $x^2$ \\emph{is} "
    "\\'e \\cite{a}. % note\n\\begin{itemize}\\item a\\end{itemize}\\input{b}\\end{document}\n"
)
PYTHON = (
    '"""Cranes."""\nfrom engine import pump\n\n\n'
    "class Crane:\n    # Lifts.\n    def lift(self):\n        return pump(1)\n"
)
SUBTITLES = "1\n00:00:01,000 --> 00:00:02,000\n<i>The tide</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nis in.\n"
RDF = (
    HEAD
    + """<bib:Article rdf:about="#item_1"><z:itemType>journalArticle</z:itemType>
<dcterms:isPartOf><bib:Journal><dc:title>J</dc:title><dc:identifier>DOI 10.5555/a</dc:identifier></bib:Journal>
</dcterms:isPartOf>
<bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Example</foaf:surname></foaf:Person>
</rdf:li></rdf:Seq></bib:authors>
<link:link rdf:resource="#item_2"/><dcterms:isReferencedBy rdf:resource="#item_3"/><dc:subject>tide</dc:subject>
<dc:title>On Tides</dc:title><dc:date>2020</dc:date><dcterms:abstract>Of tides.</dcterms:abstract></bib:Article>
<z:Attachment rdf:about="#item_2"><z:itemType>attachment</z:itemType><rdf:resource rdf:resource="a.pdf"/>
<dc:title>PDF</dc:title><link:type>application/pdf</link:type></z:Attachment>
<bib:Memo rdf:about="#item_3"><rdf:value>&lt;p&gt;A note&lt;/p&gt;</rdf:value></bib:Memo>
<z:Collection rdf:about="#collection_1"><dc:title>C</dc:title><dcterms:hasPart rdf:resource="#item_1"/>
<dcterms:hasPart rdf:resource="#collection_1"/></z:Collection></rdf:RDF>
"""
)
BIBTEX = (
    "% a notice\n@string{j = {Journal}}\n@article{a, title = {On {Tides} \\'e},\n"
    " author = {Example, A. and Sample, B.},\n"
    " year = 2020, journal = j # {, B}, doi = {10.5555/a}, file = {PDF:a.pdf:application/pdf}, keywords = {a, b}}\n"
    '@book{b, title = "Two", isbn = {9780000000002}, abstract = {Some $x$ text.}}\n@comment{jabref-meta: a}\n'
)
RIS = (
    "TY  - JOUR\nTI  - On Tides\nAU  - Example, A.\nPY  - 2020/01/02\nDO  - 10.5555/a\nKW  - tide\nL1  - a.pdf\n"
    "N2  - Some text\n that goes on.\nER  - \n\nTY  - BOOK\nTI  - Two\nSN  - 9780000000002\nER  - \n"
)
CSL = json.dumps(
    [
        {
            "id": "a",
            "type": "article-journal",
            "title": "On <i>Tides</i>",
            "author": [{"family": "Example", "given": "A."}, {"literal": "Office"}],
            "issued": {"date-parts": [[2020, 1, 2]]},
            "DOI": "10.5555/a",
            "keyword": "a, b",
        },
        {"id": 2, "type": "book", "title": "Two", "ISBN": "9780000000002", "abstract": "Some text."},
    ]
)
PACKAGES: Mapping[str, Mapping[str, str]] = {
    "a.docx": test_packed.LETTER,
    "a.pptx": test_packed.SLIDES,
    "a.xlsx": test_packed.SHEETS,
    "a.epub": test_packed.BOOK,
    "a.cbz": test_packed.COMIC,
}


def files() -> Mapping[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        front = [(18.0, "On Tides"), (10.0, "A. Example"), (10.0, "Abstract"), (10.0, "The tide. doi:10.5555/a")]
        pdf = papers.article(
            Path(folder) / "a.pdf",
            front,
            information={"Title": "On Tides"},
            packet=papers.xmp("<dc:title>T</dc:title>"),
        ).read_bytes()
    texts = {
        "a.html": HTML,
        "a.txt": TEXT,
        "a.md": MARKDOWN,
        "a.ipynb": NOTEBOOK,
        "a.srt": SUBTITLES,
        "a.eml": MAIL,
        "a.rtf": RTF,
        "a.tex": LATEX,
        "a.py": PYTHON,
        "a.js": "import { pump } from './engine';\n"
        "// Lifts.\nexport class Crane { lift() { return pump(`a${1}`); } }\n",
        "a.c": '#include "pump.h"\n/* Lifts. */\nint lift(struct crane *a) { return pump(a->b); }\n',
        "a.csv": 'Ship,Tons\nAurora,"1,250"\n"Two\nlines",3\n',
        "a.json": json.dumps({"ships": [{"name": "Aurora", "tons": 1250.5, "of": [1, [2, {"a": None}]]}]}),
        "a.jsonl": '{"name": "Aurora"}\n{"name": "Boreas", "of": [1, 2]}\n',
    }
    return {"a.pdf": pdf, **{name: text.encode() for name, text in texts.items()}}
