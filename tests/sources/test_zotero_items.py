"""What Zotero really writes, trap by trap."""

from __future__ import annotations

import pytest

from longshore.sources.identity import document_identity
from longshore.sources.model import Creator, Tag
from longshore.sources.zotero.index import DEEPEST_COLLECTION, MOST_COLLECTIONS
from tests.sources.rdf import Read, article


@pytest.mark.parametrize("item_type", ["conferencePaper", "preprint", "dataset", "encyclopediaArticle"])
def test_types_without_a_class_are_rdf_descriptions(read_items: Read, item_type: str) -> None:
    [item] = read_items(
        f"""<rdf:Description rdf:about="https://example.org/x">
            <z:itemType>{item_type}</z:itemType><dc:title>Found</dc:title>
        </rdf:Description>"""
    )
    assert (item.kind, item.item_type, item.title) == ("entry", item_type, "Found")


def test_a_class_without_item_type_is_still_an_item(read_items: Read) -> None:
    [item] = read_items('<bib:Thesis rdf:about="#item_1"><dc:title>A Thesis</dc:title></bib:Thesis>')
    assert item.item_type == "thesis"


def test_an_untyped_book_that_holds_a_section_is_no_item(read_items: Read) -> None:
    items = read_items(
        """<bib:Book rdf:about="urn:isbn:1"><dc:title>The Whole</dc:title></bib:Book>
        <bib:BookSection rdf:about="#item_1"><z:itemType>bookSection</z:itemType><dc:title>The Part</dc:title>
            <dcterms:isPartOf rdf:resource="urn:isbn:1"/></bib:BookSection>"""
    )
    assert [(item.title, item.venue) for item in items] == [("The Part", "The Whole")]


def test_identity_never_comes_from_rdf_about(read_items: Read) -> None:
    inside = "<dc:identifier>DOI 10.5555/one</dc:identifier>"
    [first] = read_items(article("https://example.org/a?session=1", inside=inside))
    [again] = read_items(article("#item_99", inside=inside))
    assert first == again
    assert document_identity(first) == "doi:10.5555/one"


def test_doi_volume_issue_journal_and_issn_stand_on_the_inline_container(read_items: Read) -> None:
    [item] = read_items(
        article(
            inside="""<dcterms:isPartOf><bib:Journal>
                <dc:title>Journal of Examples</dc:title><prism:volume>7</prism:volume><prism:number>2</prism:number>
                <dc:identifier>DOI https://doi.org/10.5555/ABC.1</dc:identifier>
                <dc:identifier>ISSN 1234-567x, 7654-3210</dc:identifier>
            </bib:Journal></dcterms:isPartOf>"""
        )
    )
    assert (item.doi, item.volume, item.issue, item.venue, item.issn) == (
        "10.5555/abc.1",
        "7",
        "2",
        "Journal of Examples",
        "1234-567X",
    )


SHARED_JOURNAL = """<bib:Journal rdf:about="urn:issn:1234-5678">
    <dc:title>Journal of Examples</dc:title><prism:volume>7</prism:volume>
    <dc:identifier>DOI 10.5555/only</dc:identifier><dc:identifier>ISSN 1234-5678</dc:identifier></bib:Journal>"""
IN_SHARED_JOURNAL = '<dcterms:isPartOf rdf:resource="urn:issn:1234-5678"/>'


@pytest.mark.parametrize("first", ["container", "article"])
def test_a_container_of_one_article_by_reference_gives_its_doi(read_items: Read, first: str) -> None:
    nodes = [SHARED_JOURNAL, article(inside=IN_SHARED_JOURNAL)]
    [item] = read_items("".join(nodes if first == "container" else reversed(nodes)))
    assert (item.doi, item.venue, item.volume, item.issn) == ("10.5555/only", "Journal of Examples", "7", "1234-5678")


def test_articles_that_share_a_journal_node_never_share_its_doi(read_items: Read) -> None:
    items = read_items(
        article("#item_1", "One", IN_SHARED_JOURNAL) + article("#item_2", "Two", IN_SHARED_JOURNAL) + SHARED_JOURNAL
    )
    assert [(item.doi, item.venue) for item in items] == [(None, "Journal of Examples")] * 2
    assert len({document_identity(item) for item in items}) == 2


def test_a_container_with_two_dois_gives_none(read_items: Read) -> None:
    journal = SHARED_JOURNAL.replace("</bib:Journal>", "<dc:identifier>DOI 10.5555/other</dc:identifier></bib:Journal>")
    [item] = read_items(article(inside=IN_SHARED_JOURNAL) + journal)
    assert item.doi is None


def test_a_section_never_takes_the_doi_of_a_book_that_is_an_item_itself(read_items: Read) -> None:
    book, section = read_items(
        """<bib:Book rdf:about="urn:isbn:9780306406157"><z:itemType>book</z:itemType><dc:title>The Whole</dc:title>
            <dc:identifier>DOI 10.5555/book</dc:identifier><dc:identifier>ISBN 978-0-306-40615-7</dc:identifier>
        </bib:Book>
        <bib:BookSection rdf:about="#item_2"><z:itemType>bookSection</z:itemType><dc:title>The Part</dc:title>
            <dcterms:isPartOf rdf:resource="urn:isbn:9780306406157"/></bib:BookSection>"""
    )
    assert (book.doi, section.doi) == ("10.5555/book", None)
    assert (section.venue, section.isbn) == ("The Whole", "9780306406157")
    assert document_identity(book) != document_identity(section)


def test_newspaper_section_stands_between_article_and_newspaper(read_items: Read) -> None:
    [item] = read_items(
        article(
            inside="""<dcterms:isPartOf><bib:Part><dc:title>Opinion</dc:title>
                <dcterms:isPartOf rdf:resource="urn:issn:0000-1111"/></bib:Part></dcterms:isPartOf>""",
            item_type="newspaperArticle",
        )
        + """<bib:Newspaper rdf:about="urn:issn:0000-1111"><dc:title>The Daily Example</dc:title></bib:Newspaper>"""
    )
    assert item.venue == "The Daily Example"


def test_a_series_is_not_the_venue_of_a_book(read_items: Read) -> None:
    [item] = read_items(
        """<bib:Book rdf:about="#item_1"><z:itemType>book</z:itemType><dc:title>A Book</dc:title>
            <dcterms:isPartOf><bib:Series><dc:title>Some Series</dc:title><dc:identifier>12</dc:identifier></bib:Series>
            </dcterms:isPartOf></bib:Book>"""
    )
    assert item.venue is None


def test_conference_paper_without_proceedings_title_appeared_at_its_conference(read_items: Read) -> None:
    [item] = read_items(
        """<rdf:Description rdf:about="#item_1"><z:itemType>conferencePaper</z:itemType><dc:title>A Talk</dc:title>
            <dcterms:isPartOf><bib:Journal></bib:Journal></dcterms:isPartOf>
            <bib:presentedAt><bib:Conference><dc:title>Example Days</dc:title></bib:Conference></bib:presentedAt>
        </rdf:Description>"""
    )
    assert item.venue == "Example Days"


def test_url_is_nested_in_dcterms_uri(read_items: Read) -> None:
    [item] = read_items(
        article(
            inside="""<dc:identifier><dcterms:URI><rdf:value>https://example.org/a</rdf:value></dcterms:URI>
            </dc:identifier>"""
        )
    )
    assert item.url == "https://example.org/a"


def person(family: str, given: str, spelling: str = "givenName") -> str:
    return f"""<rdf:li><foaf:Person><foaf:surname>{family}</foaf:surname>
        <foaf:{spelling}>{given}</foaf:{spelling}></foaf:Person></rdf:li>"""


def test_both_spellings_of_given_name(read_items: Read) -> None:
    seq = f"<rdf:Seq>{person('Example', 'Alex')}{person('Sample', 'Sam', 'givenname')}</rdf:Seq>"
    [item] = read_items(article(inside=f"<bib:authors>{seq}</bib:authors>"))
    assert [creator.given for creator in item.creators] == ["Alex", "Sam"]


def test_authors_keep_their_order_and_stand_apart_from_editors_and_translators(read_items: Read) -> None:
    [item] = read_items(
        article(
            inside=f"""
            <bib:authors><rdf:Seq>{person("Zeta", "A")}{person("Alpha", "B")}</rdf:Seq></bib:authors>
            <bib:editors><rdf:Seq>{person("Editor", "C")}</rdf:Seq></bib:editors>
            <z:translators><rdf:Seq>{person("Translator", "D")}</rdf:Seq></z:translators>
            <z:seriesEditors><rdf:Seq>{person("Serial", "E")}</rdf:Seq></z:seriesEditors>"""
        )
    )
    assert [(creator.role, creator.family) for creator in item.creators] == [
        ("author", "Zeta"),
        ("author", "Alpha"),
        ("editor", "Editor"),
        ("translator", "Translator"),
        ("seriesEditor", "Serial"),
    ]


def test_a_body_has_a_surname_only(read_items: Read) -> None:
    [item] = read_items(
        article(
            inside="""<bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Centre for Examples</foaf:surname>
            </foaf:Person></rdf:li></rdf:Seq></bib:authors>"""
        )
    )
    assert item.creators == (Creator(role="author", family="Centre for Examples"),)


def test_automatic_tags_are_nested_and_manual_ones_win_over_them(read_items: Read) -> None:
    [item] = read_items(
        article(
            inside="""<dc:subject>mine</dc:subject><dc:subject>both</dc:subject>
            <dc:subject><z:AutomaticTag><rdf:value>both</rdf:value></z:AutomaticTag></dc:subject>
            <dc:subject><z:AutomaticTag><rdf:value>machine</rdf:value></z:AutomaticTag></dc:subject>
            <dc:subject><dcterms:LCC><rdf:value>QA76.9</rdf:value></dcterms:LCC></dc:subject>"""
        )
    )
    assert item.tags == (Tag(name="both"), Tag(name="machine", automatic=True), Tag(name="mine"))


def test_nested_collections_become_paths_of_names(read_items: Read) -> None:
    items = read_items(
        article("#item_1", "In Both")
        + article("#item_2", "In None")
        + """<z:Collection rdf:about="#collection_1"><dc:title>Outer</dc:title>
            <dcterms:hasPart rdf:resource="#collection_2"/></z:Collection>
        <z:Collection rdf:about="#collection_2"><rdf:type rdf:resource="http://www.zotero.org/namespaces/export#Collection"/>
            <dc:title>Inner</dc:title>
            <dcterms:hasPart rdf:resource="#item_1"/><dcterms:hasPart rdf:resource="#item_1"/></z:Collection>
        <z:Collection rdf:about="#collection_3"><dc:title>Aside</dc:title>
            <dcterms:hasPart rdf:resource="#item_1"/></z:Collection>"""
    )
    assert [item.collections for item in items] == [(("Aside",), ("Outer", "Inner")), ()]


def test_collections_that_hold_each_other_end(read_items: Read) -> None:
    [item] = read_items(
        article()
        + """<z:Collection rdf:about="#c1"><dc:title>One</dc:title><dcterms:hasPart rdf:resource="#c2"/></z:Collection>
        <z:Collection rdf:about="#c2"><dc:title>Two</dc:title><dcterms:hasPart rdf:resource="#c1"/>
            <dcterms:hasPart rdf:resource="#item_1"/></z:Collection>"""
    )
    assert item.collections == (("One", "Two"),)


def test_collections_without_end_are_followed_for_a_while(read_items: Read) -> None:
    depth = 2000
    (item,) = read_items(
        article() + "".join(collection(f"{n}", f"{n + 1}") for n in range(depth)) + held_by(f"{depth}")
    )
    (path,) = item.collections
    assert path == tuple(f"C{n}" for n in range(depth + 1 - DEEPEST_COLLECTION, depth + 1))


def test_ways_through_collections_without_number_are_followed_for_a_while(read_items: Read) -> None:
    levels = 40
    within = "".join(collection(f"{n}{side}", f"{n + 1}a", f"{n + 1}b") for n in range(levels) for side in "ab")
    (item,) = read_items(article() + within + held_by(f"{levels}a") + held_by(f"{levels}b"))
    assert len(item.collections) == MOST_COLLECTIONS
    assert {len(path) for path in item.collections} == {levels + 1}


def collection(name: str, *parts: str) -> str:
    held = "".join(f'<dcterms:hasPart rdf:resource="#c{part}"/>' for part in parts)
    return f'<z:Collection rdf:about="#c{name}"><dc:title>C{name}</dc:title>{held}</z:Collection>'


def held_by(name: str) -> str:
    """The collection that holds the article."""
    return collection(name).replace("</z:", '<dcterms:hasPart rdf:resource="#item_1"/></z:')


@pytest.mark.parametrize(
    "inside",
    [
        "<dc:identifier>DOI 10.48550/arXiv.2499.00001</dc:identifier>",
        "<prism:number>arXiv:2499.00001</prism:number>",
        "<dc:identifier>arXiv:2499.00001v3</dc:identifier>",
        "<dc:description>arXiv:2499.00001 [cs]</dc:description>",
        """<dc:identifier><dcterms:URI><rdf:value>http://arxiv.org/abs/2499.00001v2</rdf:value></dcterms:URI>
        </dc:identifier>""",
    ],
    ids=["doi", "number", "identifier", "extra", "url"],
)
def test_arxiv_ids_are_one_identity_wherever_they_stand(read_items: Read, inside: str) -> None:
    [item] = read_items(article(inside=inside, item_type="preprint"))
    assert (item.arxiv, document_identity(item)) == ("2499.00001", "arxiv:2499.00001")


def test_an_arxiv_paper_that_was_published_is_known_by_its_doi(read_items: Read) -> None:
    [item] = read_items(
        article(
            inside="""<dc:identifier>DOI 10.5555/published</dc:identifier>
            <dc:description>Comment: ten pages
arXiv:2499.00001 [cs]</dc:description>"""
        )
    )
    assert (item.arxiv, document_identity(item)) == ("2499.00001", "doi:10.5555/published")


def test_a_doi_in_extra_counts_where_the_type_has_no_field_for_it(read_items: Read) -> None:
    [item] = read_items(article(inside="<dc:description>PMID: 1\nDOI: 10.5555/EXTRA.</dc:description>"))
    assert item.doi == "10.5555/extra"


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("2006/08/01", 2006),
        ("Nov 21, 1991", 1991),
        ("12/2009", 2009),
        ("c. 1850", 1850),
        ("2017-10-29T13:45:33Z", 2017),
        ("2019년 3월", 2019),
        ("20190312", 2019),
        ("1994-95", 1994),
        ("23-27 September", None),
        ("n.d.", None),
    ],
)
def test_year_of_free_form_dates(read_items: Read, date: str, year: int | None) -> None:
    [item] = read_items(article(inside=f"<dc:date>{date}</dc:date>"))
    assert (item.year, item.date) == (year, date)


def test_titles_lose_markup_and_line_ends_but_not_mathematics(read_items: Read) -> None:
    [item] = read_items(article(title="On &lt;i&gt;E.\n   coli&lt;/i&gt; where a &lt; b"))
    assert item.title == "On E. coli where a < b"


def test_a_letter_without_title_takes_its_display_title(read_items: Read) -> None:
    [item] = read_items(
        """<bib:Letter rdf:about="#item_1"><z:itemType>letter</z:itemType>
            <z:displayTitle>[Letter to Sample]</z:displayTitle></bib:Letter>"""
    )
    assert item.title == "[Letter to Sample]"


def test_a_second_title_of_an_old_conference_paper_does_not_replace_the_first(read_items: Read) -> None:
    [item] = read_items(article(inside="<dc:title>Machine Learning</dc:title>", item_type="conferencePaper"))
    assert item.title == "A Title"


def test_everything_else_an_item_says(read_items: Read) -> None:
    [item] = read_items(
        """<bib:Book rdf:about="urn:isbn:9780306406157"><z:itemType>book</z:itemType><dc:title>A Book</dc:title>
            <dc:publisher><foaf:Organization><foaf:name>Example Press</foaf:name></foaf:Organization></dc:publisher>
            <dc:identifier>ISBN 978-3-16-148410-0 0-306-40615-2</dc:identifier><prism:volume>3</prism:volume>
            <dcterms:abstract>First.

Second.</dcterms:abstract><z:language>ko</z:language><bib:pages>1-9</bib:pages></bib:Book>"""
    )
    assert (item.publisher, item.isbn, item.volume, item.language, item.pages) == (
        "Example Press",
        "9780306406157",
        "3",
        "ko",
        "1-9",
    )
    assert item.abstract == "First.\n\nSecond."
