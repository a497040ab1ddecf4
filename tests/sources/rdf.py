"""Pieces of a Zotero RDF export."""

from __future__ import annotations

from collections.abc import Callable

from longshore.sources.model import Item

Read = Callable[..., list[Item]]
"""Reads a text as the RDF of an export."""

PDF = "a" * 64
OTHER_PDF = "b" * 64


def attachment(about: str, path: str, extra: str = "") -> str:
    return f"""
    <z:Attachment rdf:about="{about}">
        <z:itemType>attachment</z:itemType>
        <rdf:resource rdf:resource="{path}"/>
        <dc:title>Full Text PDF</dc:title>
        <link:type>application/pdf</link:type>{extra}
    </z:Attachment>"""


def article(about: str = "#item_1", title: str = "A Title", inside: str = "", item_type: str = "journalArticle") -> str:
    return f"""
    <bib:Article rdf:about="{about}">
        <z:itemType>{item_type}</z:itemType>
        <dc:title>{title}</dc:title>{inside}
    </bib:Article>"""
