"""What BibTeX and BibLaTeX files really hold, trap by trap."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longshore.sources.identity import document_identity
from longshore.sources.model import Creator, Item

Read = Callable[..., list[Item]]


def article(fields: str, kind: str = "article") -> str:
    return f"@{kind}{{example2020,\n  {fields}\n}}\n"


def authors(item: Item) -> list[tuple[str, str]]:
    return [(creator.family, creator.given) for creator in item.creators if creator.role == "author"]


def test_an_article(read_bib: Read) -> None:
    [item] = read_bib(
        article(
            """author = {Author, First and Second Author}, title = "An {Example} of "{"}quotes{"},
            journal = {Journal of Examples}, year = 2020, month = mar, volume = 7, number = {2}, pages = {11--19},
            doi = {https://doi.org/10.5555/ABC\\_1}, issn = {1234-567x}, publisher = {Press}, language = {en},
            url = {https://example.org/a\\_b?x=50\\%25}, abstract = {One
            line.

            Another.}, keywords = {cranes, tidal engines}, note = {In press}"""
        ).replace('"An {Example} of "{"}quotes{"}', '"An {Example} of {"}quotes{"}"')
    )
    assert (item.key, item.kind, item.item_type) == ("example2020", "entry", "journalArticle")
    assert item.title == 'An Example of "quotes"'
    assert authors(item) == [("Author", "First"), ("Author", "Second")]
    assert (item.date, item.year, item.volume, item.issue, item.pages) == ("2020-03", 2020, "7", "2", "11-19")
    assert (item.doi, item.issn, item.url) == ("10.5555/abc_1", "1234-567X", "https://example.org/a_b?x=50%25")
    assert (item.venue, item.publisher, item.language) == ("Journal of Examples", "Press", "en")
    assert (item.abstract, item.extra) == ("One line.\n\nAnother.", "In press")
    assert [tag.name for tag in item.tags] == ["cranes", "tidal engines"]


def test_biblatex_fields(read_bib: Read) -> None:
    [item] = read_bib(
        article(
            """author = {family=Beethoven, given=Ludwig, prefix=van}, title = {Title}, subtitle = {A Subtitle},
            date = {2019-05-03/2019-06}, journaltitle = {Journal}, eprint = {1706.03762v5}, eprinttype = {arxiv},
            langid = {german}, translator = {Other, One}, editor = {Body, Some}, editortype = {compiler}"""
        )
    )
    assert (item.title, item.year, item.venue, item.arxiv, item.language) == (
        "Title: A Subtitle",
        2019,
        "Journal",
        "1706.03762",
        "german",
    )
    assert [(creator.role, creator.family) for creator in item.creators] == [
        ("author", "van Beethoven"),
        ("compiler", "Body"),
        ("translator", "Other"),
    ]


@pytest.mark.parametrize(
    ("written", "item_type"),
    [
        ("Article", "journalArticle"),
        ("BOOK", "book"),
        ("inproceedings", "conferencePaper"),
        ("incollection", "bookSection"),
        ("phdthesis", "thesis"),
        ("techreport", "report"),
        ("online", "webpage"),
        ("software", "computerProgram"),
        ("misc", "document"),
        ("unheardof", "document"),
    ],
)
def test_types(read_bib: Read, written: str, item_type: str) -> None:
    assert [item.item_type for item in read_bib(article("title = {T}", written))] == [item_type]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ada Example and {World Example Organization}", [("Example", "Ada"), ("World Example Organization", "")]),
        ("{Simon and Sons} and others", [("Simon and Sons", "")]),
        ("Example, Jr., Martin", [("Example", "Martin, Jr.")]),
        ("Jan van der Example", [("van der Example", "Jan")]),
        ("M{\\\"u}ller, J{\\\"o}rg and Garc{\\'\\i}a, Jos\\'e", [("Müller", "Jörg"), ("García", "José")]),
        ("\\v{S}koda, {\\L}uka and {\\O}re, \\AA ge", [("Škoda", "Łuka"), ("Øre", "Åge")]),
        ("홍길동 and 김, 철수", [("홍길동", ""), ("김", "철수")]),
        ("Author, A.; Other, B.", [("Author", "A."), ("Other", "B.")]),
        ("Mononym", [("Mononym", "")]),
        ("Too, Many, Commas, Here and Next, One", [("Too", "Here Commas, Many"), ("Next", "One")]),
        ("{{Braced Body}}", [("Braced Body", "")]),
    ],
)
def test_names(read_bib: Read, written: str, names: list[tuple[str, str]]) -> None:
    [item] = read_bib(article(f"title = {{T}}, author = {{{written}}}"))
    if "Too" in written:
        assert authors(item)[-1] == names[-1]
    else:
        assert authors(item) == names


def test_a_body_in_double_braces_is_one_name(read_bib: Read) -> None:
    [item] = read_bib("@misc{who, title = {T}, author = {{Centre for Examples and Samples}}}")
    assert item.creators == (Creator(role="author", family="Centre for Examples and Samples"),)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("50% of {DNA} \\& more", "50% of DNA & more"),
        ("\\emph{Emphasis} and \\textbf{weight} -- a dash", "Emphasis and weight – a dash"),
        ("On $\\alpha$-decay", "On $\\alpha$-decay"),
        ("{{Double}}   braces\n  and lines", "Double braces and lines"),
        ("``Quoted'' \\`a la fa\\c{c}on", "“Quoted” à la façon"),
        ("\\relax Commands nobody \\unheardof{knows}", "Commands nobody knows"),
        ("R&amp;D of H<sub>2</sub>O &lt; 3 \\&amp; AT&T", "R&D of H2O < 3 & AT&T"),
        ("Stra{\\ss}e, {\\aa}, {\\'\\i}", "Straße, å, í"),
    ],
)
def test_tex_is_read_as_what_it_prints(read_bib: Read, written: str, printed: str) -> None:
    assert [item.title for item in read_bib(article(f"title = {{{written}}}"))] == [printed]


def test_strings_are_put_in_and_joined(read_bib: Read) -> None:
    [item] = read_bib(
        """@string{je = "Journal of " # {Examples}}
        @STRING(pub = "Press")
        @article(paren, title = "A (first) title", journal = JE # ", Series " # 2, month = "3~" # jan,
            publisher = pub, year = 1999, note = unknown)"""
    )
    assert (item.key, item.title, item.venue, item.publisher) == (
        "paren",
        "A (first) title",
        "Journal of Examples, Series 2",
        "Press",
    )
    assert (item.date, item.extra) == ("1999-01", "unknown")


def test_strings_that_multiply_are_refused(read_bib: Read) -> None:
    strings = '@string{s0 = "laughter"}\n' + "".join(
        f"@string{{s{n} = {' # '.join([f's{n - 1}'] * 10)}}}\n" for n in range(1, 5)
    )
    entries = "".join(f"@book{{b{n}, title = {{T}}, note = {' # '.join(['s3'] * 100)}}}\n" for n in range(200))
    items = read_bib(f"{strings}@article{{a, title = s4}}\n@article{{b, title = {{Fine}}}}\n{entries}")
    assert sum(len(item.model_dump_json()) for item in items) < 80_000_000
    assert items[1].title == "Fine"
    assert "multiply" in (items[-1].refusal.detail if items[-1].refusal else "")


def test_ancestors_that_multiply_are_not_followed(read_bib: Read) -> None:
    names = [f"x{number}" for number in range(100)]
    everyone = ",".join(names)
    xdata = "".join(f"@xdata{{{name}, xdata = {{{everyone}}}, note = {{{name}}}}}\n" for name in names)
    [item] = read_bib(f"{xdata}@book{{b, title = {{T}}, xdata = {{{everyone}}}}}")
    assert (item.title, item.extra[:1]) == ("T", "x")


def test_crossref_gives_a_part_what_it_shares_with_its_whole(read_bib: Read) -> None:
    part, whole = read_bib(
        """@inproceedings{part, title = {The Part}, author = {Author, One}, crossref = {Whole}, pages = {1}}
        @proceedings{whole, title = {Proceedings of Examples}, editor = {Editor, An}, year = 2001, publisher = {Press},
            doi = {10.5555/whole}, url = {https://example.org/whole}, abstract = {All of it}, file = {whole.pdf}}"""
    )
    assert (part.venue, part.year, part.publisher) == ("Proceedings of Examples", 2001, "Press")
    assert [(creator.role, creator.family) for creator in part.creators] == [("author", "Author"), ("editor", "Editor")]
    assert (part.doi, part.url, part.abstract, part.attachments) == (None, None, "", ())
    assert document_identity(part) != document_identity(whole)


def test_crossrefs_in_a_circle_and_into_nothing_end(read_bib: Read) -> None:
    items = read_bib(
        """@book{a, title = {A}, crossref = {b}} @book{b, title = {B}, crossref = {a}, year = 1990}
        @incollection{c, title = {C}, crossref = {nowhere}}"""
    )
    assert [(item.title, item.year) for item in items] == [("A", 1990), ("B", 1990), ("C", None)]


def test_xdata_is_shared_and_no_item(read_bib: Read) -> None:
    [item] = read_bib("@xdata{x, publisher = {Press}, year = 2000} @book{b, title = {B}, xdata = {x}}")
    assert (item.key, item.publisher, item.year) == ("b", "Press", 2000)


@pytest.mark.parametrize(
    ("fields", "arxiv"),
    [
        ("eprint = {1706.03762}, archivePrefix = {arXiv}", "1706.03762"),
        ("eprint = {hep-th/9901001}", "hep-th/9901001"),
        ("journal = {arXiv preprint arXiv:1706.03762v3}", "1706.03762"),
        ("doi = {10.48550/arXiv.1706.03762}", "1706.03762"),
        ("url = {http://arxiv.org/abs/1706.03762v1}", "1706.03762"),
        ("journal = {CoRR}, volume = {abs/1706.03762}", "1706.03762"),
        ("arxivId = {1706.03762}", "1706.03762"),
        ("eprint = {12345}, eprinttype = {jstor}", None),
    ],
)
def test_arxiv_ids(read_bib: Read, fields: str, arxiv: str | None) -> None:
    assert [item.arxiv for item in read_bib(article(f"title = {{T}}, {fields}"))] == [arxiv]


def test_a_preprint_is_told_by_its_archive(read_bib: Read) -> None:
    [item] = read_bib(article("title = {T}, eprint = {1706.03762}, archiveprefix = {arXiv}", "misc"))
    assert (item.item_type, document_identity(item)) == ("preprint", "arxiv:1706.03762")


def test_isbn_and_howpublished(read_bib: Read) -> None:
    [item] = read_bib(
        article(
            "title={T}, isbn={3-16-148410-X, 978-3-16-148410-0}, howpublished={\\url{https://e.org/{\\textasciitilde}a_b}}"
        )
    )
    assert (item.isbn, item.url) == ("9783161484100", "https://e.org/~a_b")


def test_notes_of_readers_are_passages_and_those_of_the_list_are_not(read_bib: Read) -> None:
    [item] = read_bib(article("title={T}, note={Accepted}, annote={I < you}, review={First.\n\nSecond.}"))
    assert item.extra == "Accepted"
    assert item.notes == ("<p>I &lt; you</p>", "<p>First.</p><p>Second.</p>")


GROUPS = """@Comment{jabref-meta: grouping:
0 AllEntriesGroup:;
1 StaticGroup:Harbour\\;0\\;1\\;\\;\\;\\;;
2 StaticGroup:Cranes\\;0\\;1\\;\\;\\;\\;;
1 StaticGroup:Sea\\;0\\;1\\;\\;\\;\\;;
}
"""


def test_jabref_groups_stand_in_their_tree(read_bib: Read) -> None:
    [item] = read_bib(GROUPS + article("title = {T}, groups = {Cranes, Loose}"))
    assert item.collections == (("Harbour", "Cranes"), ("Loose",))


def test_groups_that_list_their_entries(read_bib: Read) -> None:
    [item] = read_bib(
        article("title = {T}")
        + """@comment{jabref-meta: groupstree:
0 AllEntriesGroup:;
1 ExplicitGroup:My Collection\\;0\\;example2020\\;other\\;;
2 ExplicitGroup:Within a long na
me\\;2\\;example2020\\;;
}"""
    )
    assert item.collections == (("My Collection",), ("My Collection", "Within a long name"))


def test_mendeley_folders_and_tags(read_bib: Read) -> None:
    [item] = read_bib(article("title = {T}, mendeley-groups = {Harbour/Cranes,Sea}, mendeley-tags = {a,b}"))
    assert item.collections == (("Harbour", "Cranes"), ("Sea",))
    assert [tag.name for tag in item.tags] == ["a", "b"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("@article{bad, title = {never closed, year = 2001\n", "is missing"),
        ('@article{bad, title = "never closed, year = 2001\n}\n', "is missing"),
        ("@article{bad, title = {A} year = 2001}\n", "a comma is missing"),
        ("@article{bad, title}\n", "expected"),
        ("@article{bad,}\n", "says nothing"),
        ("@article{bad, title = }\n", "says nothing"),
        ("@article{bad, title = {" + "x" * 5_000_000 + "}}\n", "longer"),
    ],
)
def test_a_broken_entry_says_so_and_spoils_no_other(read_bib: Read, broken: str, reason: str) -> None:
    before, bad, after = read_bib(f"@book{{before, title = {{B}}}}\n{broken}@book{{after, title = {{A}}}}\n")
    assert (before.title, after.title) == ("B", "A")
    assert (bad.key, bad.title) == ("bad", "bad")
    assert bad.refusal is not None
    assert (bad.refusal.state, bad.refusal.code) == ("failed", "broken_record")
    assert "line 2 " in bad.refusal.detail
    assert reason in bad.refusal.detail
    assert before.refusal is after.refusal is None


def test_an_entry_without_a_key_is_broken_or_known_by_what_it_is(read_bib: Read) -> None:
    first, second = read_bib("@article{title = {No Key}}\n@article{, title = {Empty Key}, year = 2000}\n")
    assert first.refusal is not None
    assert second.title == "Empty Key"
    assert len(second.key) == 32


def test_nesting_without_end_is_survived(read_bib: Read) -> None:
    deep = "{" * 20_000 + "x" + "}" * 20_000
    items = read_bib(f"@book{{a, title = {{\\emph {deep}}}}}\n@book{{b, title = {{B}}}}\n")
    assert items[-1].title == "B"


def test_what_is_no_entry_is_none(read_bib: Read) -> None:
    [item] = read_bib(
        """This file was exported on a Monday, mail someone@example.org.
        @preamble{"\\newcommand{x}"}
        @comment{Anything}
        @set{s, entryset = {a,b}}
        @book{b, title = {B}}
        % @book{c, title = {Commented out}"""
    )
    assert item.key == "b"


def test_of_a_field_written_twice_the_first_counts(read_bib: Read) -> None:
    assert [item.title for item in read_bib(article("title = {First}, TITLE = {Second}"))] == ["First"]


def test_astronomers_journals_are_commands(read_bib: Read) -> None:
    assert [item.venue for item in read_bib(article("title = {T}, journal = {\\apj}"))] == ["apj"]
