"""An export as a whole: its keys, its order, its refusals."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longshore.errors import InvalidSource
from longshore.sources.model import FileRef, Item
from longshore.sources.zotero import ZoteroLibrary, referenced_files

Read = Callable[..., list[Item]]
Write = Callable[..., Path]


def node(number: int, title: str, doi: str = "", key: str = "", tag: str = "") -> str:
    parts = [
        f"<z:key>{key}</z:key>" if key else "",
        f"<dc:identifier>DOI {doi}</dc:identifier>" if doi else "",
        f"<dc:subject>{tag}</dc:subject>" if tag else "",
    ]
    return f"""<bib:Article rdf:about="#item_{number}"><z:itemType>journalArticle</z:itemType>
        <dc:title>{title}</dc:title>{"".join(parts)}</bib:Article>"""


def test_z_key_is_the_key(read_items: Read) -> None:
    [item] = read_items(node(1, "A", key="GIIS83DU"))
    assert item.key == "GIIS83DU"


def test_keys_outlive_renumbering_reordering_and_an_edited_title(read_items: Read) -> None:
    before = read_items(node(1, "One", "10.5555/1") + node(2, "Two", "10.5555/2"))
    after = read_items(node(7, "Two", "10.5555/2") + node(8, "One, revised", "10.5555/1"))
    assert [item.key for item in before] == [item.key for item in reversed(after)]


def test_a_note_keeps_its_key_when_its_text_is_edited(read_items: Read) -> None:
    memo = '<bib:Memo rdf:about="#n"><rdf:value>&lt;h1&gt;Plan&lt;/h1&gt;&lt;p&gt;{}&lt;/p&gt;</rdf:value></bib:Memo>'
    [before], [after] = read_items(memo.format("Old")), read_items(memo.format("New"))
    assert before.key == after.key
    assert before.content_hash() != after.content_hash()


@pytest.mark.parametrize("key", ["", "ABCD2345"], ids=["derived", "z:key"])
def test_colliding_keys_are_numbered_whatever_their_order(read_items: Read, key: str) -> None:
    nodes = [node(number, title, "10.5555/same", key) for number, title in enumerate(["B", "A", "C", "A"])]
    by_title = []
    for order in itertools.permutations(nodes):
        items = read_items("".join(order))
        assert len({item.key for item in items}) == len(nodes)
        by_title.append(sorted((item.title, item.key) for item in items))
    assert all(keys == by_title[0] for keys in by_title)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "10.5555/x", "10.5555/y"]), st.sampled_from(["", "t"])),
        min_size=1,
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_every_item_has_a_key_of_its_own_independent_of_order(
    read_items: Read, specs: list[tuple[str, str, str]], random: Random
) -> None:
    shuffled = list(specs)
    random.shuffle(shuffled)
    results = [
        read_items("".join(node(i, title, doi, tag=tag) for i, (title, doi, tag) in enumerate(order)))
        for order in (specs, shuffled)
    ]
    for items in results:
        assert len({item.key for item in items}) == len(specs)
    assert {item.key: item for item in results[0]} == {item.key: item for item in results[1]}


def test_items_can_be_read_again(write_rdf: Write) -> None:
    library = ZoteroLibrary(write_rdf(node(1, "One") + node(2, "Two")), {})
    assert list(library.items()) == list(library.items())


def test_a_walk_that_was_given_up_does_not_disturb_the_next(write_rdf: Write) -> None:
    library = ZoteroLibrary(write_rdf(node(1, "One") + node(2, "Two")), {})
    assert next(library.items()).title == "One"
    assert [item.title for item in library.items()] == ["One", "Two"]


def test_notes_beyond_memory_are_read_back_whole(write_rdf: Write) -> None:
    count, text = 300, "긴 노트 " * 4_000
    body = "".join(
        f"""<bib:Article rdf:about="#i{i}"><z:itemType>journalArticle</z:itemType><dc:title>T{i}</dc:title>
        <dcterms:isReferencedBy rdf:resource="#n{i}"/></bib:Article>
        <bib:Memo rdf:about="#n{i}"><rdf:value>{i} {text}</rdf:value></bib:Memo>"""
        for i in range(count)
    )
    items = ZoteroLibrary(write_rdf(body), {}).items()
    assert [item.notes[0] for item in items] == [f"{i} {text}".strip() for i in range(count)]


def test_title_comes_from_what_the_file_says_of_itself(write_rdf: Write) -> None:
    said = '<rdf:Description rdf:about=""><dc:title>Our Library</dc:title></rdf:Description>'
    assert ZoteroLibrary(write_rdf(said + node(1, "One")), {}).title == "Our Library"
    assert len(list(ZoteroLibrary(write_rdf(said + node(1, "One")), {}).items())) == 1
    assert ZoteroLibrary(write_rdf(node(1, "One")), {}).title is None


def test_referenced_files_are_named_once_as_written(write_rdf: Write) -> None:
    body = "".join(
        f"""<z:Attachment rdf:about="#a{i}"><z:itemType>attachment</z:itemType>
        <rdf:resource rdf:resource="{path}"/></z:Attachment>"""
        for i, path in enumerate(["files/1/b.pdf", "files/2/a%20b.pdf", "files/1/b.pdf", "/srv/linked.pdf"])
    )
    assert referenced_files(write_rdf(body)) == ["files/1/b.pdf", "files/2/a%20b.pdf", "/srv/linked.pdf"]


def refusal(path: Path) -> InvalidSource:
    with pytest.raises(InvalidSource) as caught:
        ZoteroLibrary(path, {})
    assert str(caught.value)
    assert caught.value.hint
    return caught.value


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "attack.rdf"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
XMLNS = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
ATTACKS = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><rdf:RDF {XMLNS}>&l11;</rdf:RDF>',
    "billion laughs in an attribute": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><rdf:RDF a="&l11;" {XMLNS}/>',
    "external entity": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><rdf:RDF {XMLNS}>&e;</rdf:RDF>',
    "external DTD": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><rdf:RDF {XMLNS}/>',
    "plain DOCTYPE after a comment": f"<!-- quiet --><!DOCTYPE rdf:RDF><rdf:RDF {XMLNS}/>",
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_doctype_is_refused_at_once(tmp_path: Path, attack: str, encoding: str) -> None:
    started = time.monotonic()
    assert refusal(write(tmp_path, ATTACKS[attack].encode(encoding))).code == "doctype"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just text",
        "<html><body>Not found</body></html>",
        "%PDF-1.7",
        '<RDF xmlns="http://example.org/other#"/>',
        b"\x00\x01\x02\xff",
        "@article{key, title={BibTeX}}",
    ],
)
def test_what_is_not_rdf_is_refused(tmp_path: Path, text: str | bytes) -> None:
    assert refusal(write(tmp_path, text)).code == "not_rdf"


def test_a_truncated_export_is_refused_before_its_first_item(write_rdf: Write) -> None:
    path = write_rdf("".join(node(i, "Title " * 50) for i in range(2_000)))
    path.write_bytes(path.read_bytes()[:-40_000])
    assert refusal(path).code == "malformed_rdf"


def test_an_undefined_entity_is_refused_with_its_place(write_rdf: Write) -> None:
    problem = refusal(write_rdf(node(1, "a&nbsp;b")))
    assert problem.code == "malformed_rdf"
    assert "undefined entity: line 12" in str(problem)


@pytest.mark.parametrize(
    "body",
    [
        "",
        '<z:Collection rdf:about="#c"><dc:title>Empty</dc:title></z:Collection>',
        '<bib:Journal rdf:about="urn:issn:1"/>',
    ],
)
def test_a_library_without_items_is_refused(write_rdf: Write, body: str) -> None:
    assert refusal(write_rdf(body)).code == "empty_library"


def test_a_folder_is_not_read_as_rdf(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "unreadable_file"


def test_a_thousand_items_are_all_there_across_chunk_borders(write_rdf: Write) -> None:
    body = "".join(node(i, f"제목 {i} " + "x" * (i % 97)) for i in range(1_000))
    files = {"library.rdf": FileRef(path="library.rdf", sha256="c" * 64, size=1)}
    titles = [item.title.split()[1] for item in ZoteroLibrary(write_rdf(body), files).items()]
    assert titles == [str(i) for i in range(1_000)]
