"""A Zotero export that takes some seconds to import, written the way Zotero writes one."""

from __future__ import annotations

import random
from pathlib import Path
from xml.sax.saxutils import escape

_SUBJECTS = (
    "harbour cranes",
    "durable workflows",
    "knowledge graphs",
    "rate limits",
    "archival records",
    "vector search",
    "citation networks",
    "tidal engines",
)
_VERBS = ("unload", "measure", "describe", "compare", "repair", "index", "delay", "restore")
_THINGS = ("cargo", "passages", "retries", "catalogues", "signals", "timetables", "batches", "containers")
_KOREAN = ("지식 그래프는 문서를 연결한다.", "작업 흐름은 중단되어도 이어진다.", "검색은 한국어에서도 동작해야 한다.")

_HEAD = """<rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:bib="http://purl.org/net/biblio#"
 xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:link="http://purl.org/rss/1.0/modules/link/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/">
"""

_ITEM = """    <rdf:Description rdf:about="#item_{number}">
        <z:itemType>conferencePaper</z:itemType>
        <bib:authors><rdf:Seq><rdf:li><foaf:Person>
            <foaf:surname>Example{author}</foaf:surname><foaf:givenName>Author</foaf:givenName>
        </foaf:Person></rdf:li></rdf:Seq></bib:authors>
        <link:link rdf:resource="#item_{file}"/>
        <dc:subject>{subject}</dc:subject>
        <dc:title>{title}</dc:title>
        <dcterms:abstract>{abstract}</dcterms:abstract>
        <dc:date>{year}</dc:date>
        <dc:identifier>DOI 10.5555/voyage.{number}</dc:identifier>
    </rdf:Description>
    <z:Attachment rdf:about="#item_{file}">
        <z:itemType>attachment</z:itemType>
        <rdf:resource rdf:resource="files/{file}/paper.txt"/>
        <dc:title>Full Text</dc:title>
        <link:type>text/plain</link:type>
    </z:Attachment>
"""


def write_library(folder: Path, items: int, first: int = 0) -> Path:
    """A folder with `items` entries, each with a text of some four pages, numbered from `first`. Returns the folder."""
    folder.mkdir(parents=True)
    body = []
    for number in range(first, first + items):
        chance = random.Random(number)
        file = 100_000 + number
        path = folder / "files" / str(file) / "paper.txt"
        path.parent.mkdir(parents=True)
        path.write_text("\n\n".join(_paragraph(chance) for _ in range(14)))
        subject = chance.choice(_SUBJECTS)
        body.append(
            _ITEM.format(
                number=number,
                file=file,
                author=number % 17,
                subject=subject,
                title=escape(f"Report {number} on {subject}"),
                abstract=escape(_paragraph(chance)),
                year=1990 + number % 30,
            )
        )
    (folder / "library.rdf").write_text(_HEAD + "".join(body) + "</rdf:RDF>\n")
    return folder


def _paragraph(chance: random.Random) -> str:
    sentences = [
        f"The {chance.choice(_SUBJECTS)} {chance.choice(_VERBS)} {chance.randrange(1000)} {chance.choice(_THINGS)} "
        f"while {chance.choice(_SUBJECTS)} {chance.choice(_VERBS)} {chance.choice(_THINGS)}."
        for _ in range(7)
    ]
    return " ".join([*sentences, chance.choice(_KOREAN)])
