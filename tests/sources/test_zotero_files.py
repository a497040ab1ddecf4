"""Notes and files of the items of a Zotero RDF export."""

from __future__ import annotations

import unicodedata

import pytest

from longshore.sources.model import Tag
from tests.sources.rdf import OTHER_PDF, PDF, Read, article, attachment


def test_notes_are_referenced_and_keep_their_html(read_items: Read) -> None:
    [item] = read_items(
        article(inside='<dcterms:isReferencedBy rdf:resource="#item_2"/>')
        + """<bib:Memo rdf:about="#item_2"><rdf:value>&lt;p&gt;Read &lt;b&gt;twice&lt;/b&gt;.&lt;/p&gt;</rdf:value>
            <dc:subject>to read</dc:subject></bib:Memo>"""
    )
    assert item.notes == ("<p>Read <b>twice</b>.</p>",)
    assert item.tags == (Tag(name="to read"),)


def test_a_standalone_note_is_an_item_named_by_its_first_line(read_items: Read) -> None:
    [item] = read_items(
        """<bib:Memo rdf:about="#item_2"><z:itemType>note</z:itemType>
            <rdf:value>&lt;h1&gt;Plan for  May&lt;/h1&gt;&lt;p&gt;More.&lt;/p&gt;</rdf:value></bib:Memo>"""
    )
    assert (item.kind, item.title, item.notes) == ("note", "Plan for May", ("<h1>Plan for  May</h1><p>More.</p>",))


def test_attachments_are_found_in_the_illegal_rdf_resource_element(read_items: Read) -> None:
    [item] = read_items(
        article(inside='<link:link rdf:resource="#item_2"/>') + attachment("#item_2", "files/2/Example.pdf"),
        files={"files/2/Example.pdf": PDF},
    )
    [found] = item.attachments
    assert (found.path, found.sha256, found.size) == ("files/2/Example.pdf", PDF, 7)
    assert (found.title, found.media_type) == ("Full Text PDF", "application/pdf")


@pytest.mark.parametrize(
    "path", ["<z:path>files/2/x.pdf</z:path>", '<z:path rdf:resource="files/2/x.pdf"/>'], ids=["text", "attribute"]
)
def test_attachments_are_found_in_z_path(read_items: Read, path: str) -> None:
    node = f'<z:Attachment rdf:about="#item_2"><z:itemType>attachment</z:itemType>{path}</z:Attachment>'
    [item] = read_items(article(inside='<link:link rdf:resource="#item_2"/>') + node, files={"files/2/x.pdf": PDF})
    assert item.attachments[0].sha256 == PDF


def test_an_attachment_may_stand_inside_its_link(read_items: Read) -> None:
    inline = '<link:link><z:Attachment rdf:about="#item_2"><z:path>files/2/x.pdf</z:path></z:Attachment></link:link>'
    [item] = read_items(article(inside=inline), files={"files/2/x.pdf": PDF})
    assert item.attachments[0].sha256 == PDF


def test_several_attachments_of_one_item_keep_their_order(read_items: Read) -> None:
    [item] = read_items(
        article(inside='<link:link rdf:resource="#item_3"/><link:link rdf:resource="#item_2"/>')
        + attachment("#item_2", "files/2/b.pdf")
        + attachment("#item_3", "files/3/a.pdf"),
        files={"files/2/b.pdf": PDF, "files/3/a.pdf": OTHER_PDF},
    )
    assert [found.sha256 for found in item.attachments] == [OTHER_PDF, PDF]


def test_an_html_snapshot_keeps_its_url_and_type(read_items: Read) -> None:
    [item] = read_items(
        article(inside='<link:link rdf:resource="#item_2"/>')
        + """<z:Attachment rdf:about="#item_2"><z:itemType>attachment</z:itemType>
            <rdf:resource rdf:resource="files/2/page.html"/><dc:title>Snapshot</dc:title>
            <dc:identifier><dcterms:URI><rdf:value>https://example.org/page</rdf:value></dcterms:URI></dc:identifier>
            <z:linkMode>1</z:linkMode><link:type>text/html</link:type></z:Attachment>""",
        files={"files/2/page.html": PDF},
    )
    [found] = item.attachments
    assert (found.url, found.media_type, found.sha256) == ("https://example.org/page", "text/html", PDF)


def test_a_link_without_file_has_no_path(read_items: Read) -> None:
    [item] = read_items(
        article(inside='<link:link rdf:resource="#item_2"/>')
        + """<z:Attachment rdf:about="#item_2"><z:itemType>attachment</z:itemType><z:linkMode>3</z:linkMode>
            <dc:identifier><dcterms:URI><rdf:value>https://example.org/</rdf:value></dcterms:URI></dc:identifier>
            </z:Attachment>"""
    )
    assert (item.attachments[0].path, item.attachments[0].url) == (None, "https://example.org/")


def test_a_file_that_was_not_brought_is_missing_and_named(read_items: Read) -> None:
    [item] = read_items(article(inside='<link:link rdf:resource="#item_2"/>') + attachment("#item_2", "files/2/x.pdf"))
    assert (item.attachments[0].path, item.attachments[0].sha256) == ("files/2/x.pdf", None)


@pytest.mark.parametrize(
    "path",
    [
        "/srv/papers/x.pdf",
        "C:\\Papers\\x.pdf",
        "file:///srv/x.pdf",
        "attachments:x.pdf",
        "../x.pdf",
        "files/../../x.pdf",
    ],
)
def test_linked_files_outside_the_export_are_missing_even_if_a_file_has_such_a_name(
    read_items: Read, path: str
) -> None:
    [item] = read_items(
        article(inside='<link:link rdf:resource="#item_2"/>')
        + attachment("#item_2", path, "<z:linkMode>2</z:linkMode>"),
        files={path: PDF, "x.pdf": PDF},
    )
    assert (item.attachments[0].path, item.attachments[0].sha256) == (path, None)


def test_paths_match_composed_or_decomposed_and_percent_escaped(read_items: Read) -> None:
    name = "files/2/김 et al. - 2020 - Über “quotes” & more.pdf"
    written = unicodedata.normalize("NFD", name).replace("&", "&amp;")
    escaped = "files/3/100%25%20sure.pdf"
    items = read_items(
        article(inside='<link:link rdf:resource="#item_2"/><link:link rdf:resource="#item_3"/>')
        + attachment("#item_2", written)
        + attachment("#item_3", escaped),
        files={unicodedata.normalize("NFC", name): PDF, "files/3/100% sure.pdf": OTHER_PDF},
    )
    assert [found.sha256 for found in items[0].attachments] == [PDF, OTHER_PDF]


def test_a_name_that_looks_escaped_is_first_taken_as_written(read_items: Read) -> None:
    [item] = read_items(
        article(inside='<link:link rdf:resource="#item_2"/>') + attachment("#item_2", "files/2/a%20b.pdf"),
        files={"files/2/a%20b.pdf": PDF, "files/2/a b.pdf": OTHER_PDF},
    )
    assert item.attachments[0].sha256 == PDF


def test_a_standalone_attachment_is_an_item(read_items: Read) -> None:
    [item] = read_items(attachment("#item_2", "files/2/x.pdf"), files={"files/2/x.pdf": PDF})
    assert (item.kind, item.title, item.attachments[0].sha256) == ("attachment", "Full Text PDF", PDF)


def test_the_note_within_an_attachment_is_kept(read_items: Read) -> None:
    [item] = read_items(
        article(inside='<link:link rdf:resource="#item_2"/>')
        + attachment("#item_2", "files/2/x.pdf", "<dc:description>&lt;p&gt;Page 3!&lt;/p&gt;</dc:description>")
    )
    assert item.notes == ("<p>Page 3!</p>",)


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("files/1/tides.pdf", None),
        ("/srv/somebody/papers/tides.pdf", "linked_file"),
        ("C:\\papers\\tides.pdf", "linked_file"),
        ("file:///srv/somebody/papers/tides.pdf", "linked_file"),
        ("attachments:papers/tides.pdf", "linked_file"),
        ("/srv/somebody/Zotero/storage/ABCD2345/tides.pdf", None),
    ],
)
def test_a_file_that_is_linked_and_not_stored_says_so(read_items: Read, path: str, missing: str | None) -> None:
    [item] = read_items(attachment("#file_1", path))
    assert (item.kind, item.attachments[0].sha256, item.attachments[0].missing) == ("attachment", None, missing)
