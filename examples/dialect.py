"""RDF as Zotero writes it, illegal `rdf:resource` elements included."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

HEAD = """<rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:z="http://www.zotero.org/namespaces/export#"
 xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:bib="http://purl.org/net/biblio#"
 xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:link="http://purl.org/rss/1.0/modules/link/"
 xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/"
 xmlns:vcard="http://nwalsh.com/rdf/vCard#">
"""
TAIL = "</rdf:RDF>\n"


def node(tag: str, about: str, *parts: str) -> str:
    """A node under the root."""
    inside = "".join(f"        {line}\n" for part in parts if part for line in part.splitlines())
    return f"    <{tag} rdf:about={quoteattr(about)}>\n{inside}    </{tag}>\n"


def text(tag: str, value: str) -> str:
    return f"<{tag}>{escape(value)}</{tag}>"


def within(tag: str, *parts: str) -> str:
    inside = "".join(f"    {line}\n" for part in parts for line in part.splitlines())
    return f"<{tag}>\n{inside}</{tag}>"


def reference(tag: str, about: str) -> str:
    return f"<{tag} rdf:resource={quoteattr(about)}/>"


def item_type(name: str) -> str:
    return text("z:itemType", name)


def url(address: str) -> str:
    return within("dc:identifier", within("dcterms:URI", text("rdf:value", address)))


def creators(role: str, names: Iterable[tuple[str, str]]) -> str:
    """`role` is the container, such as `bib:authors`; names are family and given."""
    people = [
        within(
            "rdf:li",
            within("foaf:Person", text("foaf:surname", family), *([text("foaf:givenName", given)] if given else [])),
        )
        for family, given in names
    ]
    return within(role, within("rdf:Seq", *people))


def tags(manual: Iterable[str] = (), automatic: Iterable[str] = ()) -> str:
    by_machine = [within("dc:subject", within("z:AutomaticTag", text("rdf:value", tag))) for tag in automatic]
    return "\n".join([*(text("dc:subject", tag) for tag in manual), *by_machine])


def publisher(name: str) -> str:
    return within("dc:publisher", within("foaf:Organization", text("foaf:name", name)))


def attachment(about: str, path: str, title: str, media_type: str, address: str = "") -> str:
    return node(
        "z:Attachment",
        about,
        item_type("attachment"),
        f"<rdf:resource rdf:resource={quoteattr(path)}/>",
        text("dc:title", title),
        url(address) if address else "",
        text("z:linkMode", "1"),
        text("link:type", media_type),
    )


def note(about: str, html: str) -> str:
    return node("bib:Memo", about, text("rdf:value", html))


def collection(about: str, name: str, *parts: str) -> str:
    return node("z:Collection", about, text("dc:title", name), *(reference("dcterms:hasPart", part) for part in parts))
